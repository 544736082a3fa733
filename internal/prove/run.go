package prove

import (
	"cmp"
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"maps"
	"strings"

	"vigor/internal/contract"
)

// Obligation is one formula to prove.
type Obligation struct {
	Owner string // the function or lemma it belongs to, as Type.Method
	What  string // what is claimed
	Pos   token.Position
	Path  []string // the conditions under which the place is reached, as in the source
	facts *fact
	goal  term
	// text is complete SMT-LIB if the obligation does not belong to the package's prelude.
	text string
	// probe marks a question that must not be answered with unsat: whether the place can be reached.
	probe bool
	// in and the values at the place are for examples of how it fails.
	in *run
	at snapshot
}

// run executes one function, symbolically.
type run struct {
	w           *world
	f           *function
	of          *structure   // the receiver's, or the constructed one
	self        string       // name of the receiver in the source
	selfObject  types.Object // what that name stands for
	entry       *state
	args        map[string]term // parameters at entry
	results     []*types.Var
	counter     int
	obligations []Obligation
	owner       string

	inLemma      *contract.Definition // the lemma that is being proved
	lemmaMeasure term
	gives        map[string]term // results, while it is proved what must hold at a return
}

// oblige asks for the proof of a formula at a place.
func (r *run) oblige(s *state, pos token.Position, what string, goal term) {
	if goal.text == "true" {
		return
	}
	r.obligations = append(r.obligations, Obligation{
		Owner: r.owner, What: what, Pos: pos, Path: append([]string(nil), s.path...), facts: s.facts, goal: goal,
		in: r, at: snapshot{maps.Clone(s.leaves), maps.Clone(s.vars), r.gives},
	})
}

// need is oblige, after which the formula may be assumed: the function would have stopped there.
func (r *run) need(s *state, pos token.Position, what string, goal term) {
	r.oblige(s, pos, what, goal)
	s.assume(goal)
}

// scope is the meaning of names in lines inside the body.
func (r *run) scope(s *state, pos token.Position) env {
	return env{r: r, st: s, old: r.entry, of: r.of, pos: pos}
}

// typeScope is the meaning of names in the lines of the type.
func (r *run) typeScope(s *state, pos token.Position) env {
	return env{r: r, st: s, of: r.of, pos: pos, closed: true}
}

// execute proves one function and returns what there is to prove.
func (w *world) execute(f *function) (obligations []Obligation, problem *Problem) {
	r := &run{w: w, f: f, of: f.of, owner: f.owner, args: map[string]term{}}
	defer caught(&obligations, &problem)
	if f.op != nil && f.op.Constructor {
		r.of = w.types[f.op.Type.Name]
	}
	r.sane()
	s := r.begin()
	for _, p := range r.block(f.decl.Body, s) {
		if p.kind != returns {
			if f.object.Signature().Results().Len() > 0 {
				refuse(w.fset.Position(f.decl.Body.Rbrace), "", "the end of %s is reached without a return", f.owner)
			}
			r.end(p.s, w.fset.Position(f.decl.Body.Rbrace), nil)
		}
	}
	return r.obligations, nil
}

// begin is the state in which the function starts.
func (r *run) begin() *state {
	s := &state{vars: map[string]variable{}, leaves: map[string]term{}}
	sig, pos := r.f.object.Signature(), r.w.position(r.f.decl)
	for i := range sig.Results().Len() {
		r.results = append(r.results, sig.Results().At(i))
	}
	if r.f.of != nil {
		r.receiver(s, pos)
	}
	for i := range sig.Params().Len() {
		p := sig.Params().At(i)
		if p.Name() == "" || p.Name() == "_" {
			continue
		}
		if r.numbersParameter(p, s, pos) || r.sliceParameter(p, s, pos) {
			continue
		}
		t := r.fresh(s, p.Name(), r.w.sortOf(p.Type(), pos))
		s.assume(within(t, p.Type()))
		s.vars[p.Name()] = variable{p, t}
		r.args[p.Name()] = t
	}
	r.entry = s.clone()
	r.assumeContract(s, pos)
	for _, v := range r.results {
		if v.Name() != "" && v.Name() != "_" {
			s.vars[v.Name()] = variable{v, r.w.zero(v.Type(), pos)}
		}
	}
	r.entry.facts = s.facts
	return s
}

// receiver makes the state of the receiver, any that its type allows.
func (r *run) receiver(s *state, pos token.Position) {
	if names := r.f.decl.Recv.List[0].Names; len(names) > 0 {
		r.self, r.selfObject = names[0].Name, r.w.info.Defs[names[0]]
	}
	for _, l := range r.w.leavesOf(r.f.of, pos) {
		r.havoc(s, l)
	}
	for _, c := range r.invariants(s, pos) {
		s.assume(c.term)
	}
	r.assumeComponents(s, pos)
}

// havoc gives a leaf any value of its type.
func (r *run) havoc(s *state, l leaf) {
	t := r.fresh(s, l.name, l.sort)
	if l.typ != nil {
		s.assume(within(t, l.typ))
	}
	if strings.HasSuffix(l.name, "#len") {
		s.assume(boolean("<=", small(0), t))
	}
	s.leaves[l.name] = t
}

// assumeComponents adds what the types of the components promise in every state.
func (r *run) assumeComponents(s *state, pos token.Position) {
	for _, f := range r.of.fields {
		if r.w.component(f.typ) != nil {
			r.assumeComponent(s, f, pos)
		}
	}
}

func (r *run) assumeComponent(s *state, f field, pos token.Position) {
	e := env{r: r, st: s, of: r.w.component(f.typ), prefix: f.name + ".", pos: pos, closed: true}
	for _, c := range e.exposed() {
		s.assume(c.term)
	}
}

// invariants are the lines of the receiver's type.
func (r *run) invariants(s *state, pos token.Position) []claim {
	if r.of == nil {
		return nil
	}
	var list []claim
	e := r.typeScope(s, pos)
	for _, l := range r.of.invs {
		for _, part := range split(l.Tree) {
			e.pos = l.Pos
			list = append(list, claim{l.Word + " " + part.String(), e.tree(part)})
		}
	}
	if r.of.contract != nil {
		e.pos = pos
		list = append(list, e.exposed()...)
	}
	return list
}

// contractScope is the meaning of names in the function's own contract, at a state.
func (r *run) contractScope(s *state, pos token.Position, results map[string]term) env {
	e := env{r: r, st: s, old: r.entry, of: r.of, pos: pos, closed: true}
	return e.with(r.args).with(results)
}

// assumeContract adds the preconditions.
func (r *run) assumeContract(s *state, pos token.Position) {
	e := r.contractScope(s, pos, nil)
	if r.f.op != nil {
		for _, q := range r.f.op.Requires {
			s.assume(e.quantified(q))
		}
	}
	for _, l := range r.f.trees("requires") {
		e.pos = l.Pos
		s.assume(e.tree(l.Tree))
	}
}

// end proves what must hold when the function returns.
func (r *run) end(s *state, pos token.Position, values []term) {
	results := map[string]term{}
	for i, v := range r.results {
		if i < len(values) {
			results[resultName(v)] = values[i]
		}
	}
	r.gives = results
	defer func() { r.gives = nil }()
	r.probe(s, pos)
	for _, c := range r.invariants(s, pos) {
		r.oblige(s, pos, c.what, c.term)
	}
	e := r.contractScope(s, pos, results)
	if r.f.op != nil {
		for _, c := range e.effects(r.f.op) {
			r.oblige(s, pos, c.what, c.term)
		}
	}
	for _, l := range r.f.trees("ensures") {
		e.pos = l.Pos
		for _, part := range split(l.Tree) {
			r.oblige(s, pos, "ensures "+part.String(), e.tree(part))
		}
	}
	if r.of != nil && (r.f.op == nil || !r.f.op.Constructor && !changes(r.f.op)) {
		r.frame(s, pos)
	}
}

// resultName is how formulas call a result.
func resultName(v *types.Var) string { return cmp.Or(v.Name(), "result") }

// frame proves that an unexported function changes only what it says.
func (r *run) frame(s *state, pos token.Position) {
	changed := map[string]bool{}
	for _, name := range r.f.modifies() {
		changed[name] = true
	}
	for _, name := range sorted(s.leaves) {
		base, _, _ := strings.Cut(name, "#")
		root, _, _ := strings.Cut(base, ".")
		if !changed[base] && !changed[root] && s.leaves[name] != r.entry.leaves[name] {
			r.oblige(s, pos, base+" is unchanged, since no modifies line names it", boolean("=", s.leaves[name], r.entry.leaves[name]))
		}
	}
}

// probe asks whether a return can be reached.
func (r *run) probe(s *state, pos token.Position) {
	r.obligations = append(r.obligations, Obligation{
		Owner: r.owner, What: "this return can be reached", Pos: pos, Path: append([]string(nil), s.path...),
		facts: s.facts, goal: term{"false", "Bool"}, probe: true,
	})
}

// zero is the zero value of a Go type.
func (w *world) zero(t types.Type, pos token.Position) term {
	w.notPointer(t, pos)
	switch sort := w.sortOf(t, pos); sort {
	case "Int":
		return small(0)
	case "Bool":
		return term{"false", "Bool"}
	default:
		return term{"zero_" + sort, sort}
	}
}

// signature gives the sorts of a function of proofs, or of a Go function that proofs may use.
func (w *world) signature(name string, pos token.Position) (params []string, result string) {
	if d := w.defs[name]; d != nil && d.Result != "" {
		for _, p := range d.Params {
			params = append(params, sortName(p.Type, pos))
		}
		return params, sortName(d.Result, pos)
	}
	f := w.functions[name]
	if f == nil || f.of != nil || !(f.bits || f.trusted) {
		refuse(pos, "pure functions of proofs, and Go functions marked bits or trusted", "unknown function %s", name)
	}
	sig := f.object.Signature()
	if sig.Results().Len() != 1 {
		refuse(pos, "", "%s has not one result", name)
	}
	for i := range sig.Params().Len() {
		params = append(params, w.sortOf(sig.Params().At(i).Type(), pos))
	}
	return params, w.sortOf(sig.Results().At(0).Type(), pos)
}

// kind says how a path leaves a statement.
type kind int

const (
	falls kind = iota
	breaks
	continues
	returns
)

// path is a state with how it left the last statement.
type path struct {
	s    *state
	kind kind
}

// block executes the statements of a block, with the proof's lines between them. What is declared inside
// ends with it.
func (r *run) block(b *ast.BlockStmt, s *state) []path {
	outside := s.names()
	return leave(r.statements(b, b.List, s), outside)
}

// names are those of the variables and ghosts that are in scope.
func (s *state) names() map[string]bool {
	list := map[string]bool{}
	for name := range s.vars {
		list[name] = true
	}
	return list
}

// leave ends a scope: only what is known outside of it stays. A name that outlived its variable could come to stand
// for another one, of another type, in the middle of a loop.
func leave(paths []path, outside map[string]bool) []path {
	for _, p := range paths {
		for name := range p.s.vars {
			if !outside[name] {
				delete(p.s.vars, name)
			}
		}
	}
	return paths
}

// statements executes a list of statements of a block on one state, and splits into paths.
func (r *run) statements(b *ast.BlockStmt, list []ast.Stmt, s *state) []path {
	after := r.w.fset.Position(b.Lbrace).Offset
	open := []path{{s, falls}}
	var done []path
	for _, stmt := range list {
		at := r.w.position(stmt).Offset
		lines := r.between(after, at)
		var next []path
		for _, p := range open {
			for _, q := range r.statement(stmt, lines, p.s) {
				if q.kind == falls {
					next = append(next, q)
				} else {
					done = append(done, q)
				}
			}
		}
		open, after = next, r.w.fset.Position(stmt.End()).Offset
	}
	lines := r.between(after, r.w.fset.Position(b.Rbrace).Offset)
	for _, p := range open {
		r.lines(lines, p.s)
	}
	return append(done, open...)
}

// between returns the lines of the body between two offsets.
func (r *run) between(from, to int) []proofLine {
	var list []proofLine
	for _, l := range r.f.body {
		if l.Pos.Offset >= from && l.Pos.Offset < to {
			list = append(list, l)
		}
	}
	return list
}

// lines executes lines of proof that belong to no loop.
func (r *run) lines(list []proofLine, s *state) {
	for _, l := range list {
		if l.Word != "steps" {
			refuse(l.Pos, "put it directly before a loop", "a %s line belongs to a loop", l.Word)
		}
		r.steps(l.Steps, s, l.Pos)
	}
}

// describe writes a Go expression as it stands in the source.
func describe(e ast.Expr) string { return types.ExprString(e) }

// say adds a condition to the description of a path.
func (s *state) say(format string, args ...any) {
	s.path = append(s.path, fmt.Sprintf(format, args...))
}

// lemmaParameter marks the parameters of a lemma, which its proof cannot change.
var lemmaParameter = types.NewVar(token.NoPos, nil, "parameter", types.Typ[types.Int])
