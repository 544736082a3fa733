package lower

import (
	"slices"

	"vigor/internal/diag"
	"vigor/internal/smt"
	"vigor/internal/source"
	"vigor/internal/spec/resolve"
	"vigor/internal/spec/syntax"
)

// Run executes a spec, checked by package resolve for this NF, on one path.
func Run(p Path, spec *resolve.Spec, w *World) *Result {
	r := &run{p: p, b: p.Builder(), w: w, spec: spec, current: w.Packet, seen: map[syntax.Expr]value{},
		calls: map[string]int{}, folding: map[*resolve.Function]bool{}}
	r.result.Unspecified = map[string]bool{}
	r.known = []map[*smt.Term]bool{{}}
	r.frame = r.specFrame(spec)
	if r.block(spec.Body) != ended {
		r.finish(Open, spec.Span)
	}
	return &r.result
}

// run is one execution.
type run struct {
	p       Path
	b       *smt.Builder
	w       *World
	spec    *resolve.Spec
	current Packet // what is to be sent, as far as the spec has said
	frame   *frame
	result  Result

	// guards are the conditions under which an operand of and, or, all, any, if-else is evaluated;
	// known[0] holds what is known on the path, known[i] what is known under guards[:i].
	guards    []*smt.Term
	asserting bool // an assertion is evaluated
	known     []map[*smt.Term]bool

	opened   []*region  // what was set to '...'
	assigned []assigned // header fields with a value, in order
	seen     map[syntax.Expr]value
	calls    map[string]int             // of operations that change a structure, so far
	folding  map[*resolve.Function]bool // known answers of folds
}

// frame is one function being executed.
type frame struct {
	scope  *resolve.Scope
	text   []byte // of its file
	locals map[string]value
	step   bool
	result value // of a plain function
}

func (r *run) specFrame(s *resolve.Spec) *frame {
	f := &frame{scope: s.Scope, text: s.Text, locals: map[string]value{}}
	device := value(r.b.IntUnsigned(r.w.Device))
	f.locals["pkt"], f.locals["device"], f.locals["now"] = packet(resolve.Current), device, r.b.IntSigned(r.w.Now)
	if s.Scope.Script {
		f.locals["port"] = device
	}
	return f
}

// parts are the conjuncts of a condition.
func parts(c *smt.Term) []*smt.Term {
	if c.Op() == smt.OpAnd {
		return c.Args()
	}
	return []*smt.Term{c}
}

// holds tells whether c is known here without asking.
func (r *run) holds(c *smt.Term) bool {
	for _, part := range parts(c) {
		if part.IsTrue() {
			continue
		}
		found := false
		for _, level := range r.known {
			found = found || level[part]
		}
		if !found {
			return false
		}
	}
	return true
}

func (r *run) learn(c *smt.Term) {
	for _, part := range parts(c) {
		r.known[len(r.known)-1][part] = true
	}
}

// under evaluates f where c holds: its obligations are implications.
func (r *run) under(c *smt.Term, f func()) {
	if c.IsTrue() {
		f()
		return
	}
	r.guards = append(r.guards, c)
	r.known = append(r.known, map[*smt.Term]bool{})
	r.learn(c)
	f()
	r.guards = r.guards[:len(r.guards)-1]
	r.known = r.known[:len(r.known)-1]
}

// branch decides c on the path. Under a guard it decides for the whole path, which is sound, but
// forks more than it need; statements never run under a guard.
func (r *run) branch(c *smt.Term) bool {
	switch {
	case r.holds(c):
		return true
	case r.holds(r.b.Not(c)):
		return false
	}
	yes := r.p.Branch(c)
	if !yes {
		c = r.b.Not(c)
	}
	for _, part := range parts(c) {
		r.known[0][part] = true
	}
	return yes
}

// prove records an obligation that c holds here.
func (r *run) prove(c *smt.Term, claim diag.Claim) {
	if r.holds(c) {
		r.p.Prove(r.b.True(), claim) // met, and counted
		return
	}
	r.p.Prove(r.guarded(c), claim)
	r.learn(c)
}

// guarded is c where the guards hold.
func (r *run) guarded(c *smt.Term) *smt.Term {
	if len(r.guards) == 0 {
		return c
	}
	return r.b.Implies(r.b.And(r.guards...), c)
}

// reached records that this path meets a point, if the guards hold.
func (r *run) reached(at source.Span) {
	point := Reached{at, r.b.And(r.guards...)}
	if !slices.Contains(r.result.Reached, point) {
		r.result.Reached = append(r.result.Reached, point)
	}
}

// needed notes that a part of an assertion is evaluated here.
func (r *run) needed(at source.Span) {
	if r.asserting {
		r.reached(at)
	}
}

func (r *run) hole(at source.Span, text string) {
	r.result.Holes = append(r.result.Holes, Hole{at, text})
}

// finish ends the path with an outcome that has no packet.
func (r *run) finish(k Kind, at source.Span) {
	r.result.Outcome = Outcome{Kind: k, Span: at}
}
