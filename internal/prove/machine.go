package prove

import (
	"errors"
	"fmt"
	"go/token"
	"go/types"
	"math/big"
	"slices"
	"strings"

	"vigor/internal/contract"
	"vigor/internal/prove/finite"
)

// A machine runs functions of the package on values: their Go, the lines of proof that change ghosts, and what
// must hold on the way, which are the same formulas that are to be proved. It decides nothing about a proof; it
// only shows how a claim that is not proved fails. What it cannot run or evaluate it gives up, or leaves unsaid.

// object is a structure with its state: leaves as in proofs, components as objects.
type object struct {
	of     *structure
	leaves map[string]finite.Value
	parts  map[string]*object
}

// clone is a copy; values are never changed.
func (o *object) clone() *object {
	if o == nil {
		return nil
	}
	c := &object{o.of, map[string]finite.Value{}, map[string]*object{}}
	for k, v := range o.leaves {
		c.leaves[k] = v
	}
	for k, p := range o.parts {
		c.parts[k] = p.clone()
	}
	return c
}

// violation is a claim that does not hold in a run.
type violation struct {
	owner, what, path string
	pos               token.Position
}

// keyOf names an obligation as the machine does.
func (o *Obligation) keyOf() violation {
	return violation{o.Owner, o.What, strings.Join(o.Path, ", "), o.Pos}
}

type (
	gaveUp   struct{ error } // the machine cannot run this
	violated struct{}        // a claim does not hold; the run ends
)

func giveUp(format string, args ...any) { panic(gaveUp{fmt.Errorf(format, args...)}) }

// machine runs functions of a package.
type machine struct {
	w          *world
	script     *finite.Script
	bound      finite.Bound
	model      *finite.Model // of an example, for the values of trusted functions; nil: they are guessed
	shapes     map[*function]*shape
	terms      map[string]finite.Term
	violations []violation
	steps      int    // that are left of a run
	outer      *frame // of the latest call
	ended      bool   // it has come to a return
	unsaid     bool   // a claim could not be evaluated
	guessed    bool   // a trusted function got a value
}

// mostSteps bounds the statements of one run.
const mostSteps = 5000

// machineBound is how many elements a sort has, and how far quantifiers range, when calls are searched.
var machineBound = finite.Bound{Capacity: 6, Each: 6}

func newMachine(w *world, prelude string) (*machine, error) {
	script, err := finite.Parse(prelude)
	if err != nil {
		return nil, err
	}
	return &machine{w: w, script: script, shapes: map[*function]*shape{}, terms: map[string]finite.Term{}, bound: machineBound}, nil
}

// shape is a function with its formulas. A constant named x!now is x in the present state, x!old before the
// call, x!var a variable, x!arg a parameter as it was given, and x!res a result.
type shape struct {
	r        *run
	requires []claim
	ends     []claim // contract at the end; invariants come first
	invs     []claim
	sorts    map[string]string // of variables
	lines    map[*contract.Tree][]claim
}

// shape reads the formulas of a function.
func (m *machine) shape(f *function) *shape {
	if s := m.shapes[f]; s != nil {
		return s
	}
	pos := m.w.position(f.decl)
	r := &run{w: m.w, f: f, of: f.of, owner: f.owner, args: map[string]term{}}
	if f.op != nil && f.op.Constructor {
		r.of = m.w.types[f.op.Type.Name]
	}
	s := &shape{r: r, sorts: map[string]string{}, lines: map[*contract.Tree][]claim{}}
	r.entry = &state{vars: map[string]variable{}, leaves: map[string]term{}}
	if f.of != nil {
		r.entry.leaves = m.leafTerms(r.of, "!old")
		if names := f.decl.Recv.List[0].Names; len(names) > 0 {
			r.self, r.selfObject = names[0].Name, m.w.info.Defs[names[0]]
		}
	}
	sig := f.object.Signature()
	for p := range sig.Params().Variables() {
		for name, sort := range m.parameter(p, pos) {
			t := term{name + "!arg", sort}
			r.args[name], r.entry.vars[name] = t, variable{p, t}
			s.sorts[name] = sort
		}
	}
	results := map[string]term{}
	for v := range sig.Results().Variables() {
		r.results = append(r.results, v)
		if v.Name() != "" && !r.constructor() {
			results[v.Name()] = term{v.Name() + "!res", m.w.sortOf(v.Type(), pos)}
		}
	}
	if len(r.results) == 1 && r.results[0].Name() == "" && !r.constructor() {
		results["result"] = term{"result!res", m.w.sortOf(r.results[0].Type(), pos)}
	}
	before := r.contractScope(r.entry, pos, nil)
	if f.op != nil {
		for _, q := range f.op.Requires {
			s.requires = append(s.requires, claim{q.Text(), before.quantified(q)})
		}
	}
	for _, l := range f.trees("requires") {
		for _, part := range split(l.Tree) {
			s.requires = append(s.requires, claim{part.String(), before.tree(part)})
		}
	}
	m.ending(s, f, pos, results)
	m.shapes[f] = s
	return s
}

func (r *run) constructor() bool { return r.f.op != nil && r.f.op.Constructor }

// ending reads what must hold at a return.
func (m *machine) ending(s *shape, f *function, pos token.Position, results map[string]term) {
	now := &state{vars: map[string]variable{}, leaves: map[string]term{}}
	if s.r.of != nil {
		now.leaves = m.leafTerms(s.r.of, "!now")
	}
	s.invs = s.r.invariants(now, pos)
	after := s.r.contractScope(now, pos, results)
	if f.op != nil {
		s.ends = after.effects(f.op)
	}
	for _, l := range f.trees("ensures") {
		for _, part := range split(l.Tree) {
			s.ends = append(s.ends, claim{"ensures " + part.String(), after.tree(part)})
		}
	}
}

// leafTerms are the constants that stand for the state.
func (m *machine) leafTerms(of *structure, when string) map[string]term {
	list := map[string]term{}
	for _, l := range m.w.leavesOf(of, token.Position{}) {
		list[l.name] = term{l.name + when, l.sort}
	}
	return list
}

// parameter lists the names by which formulas know a parameter, with their sorts.
func (m *machine) parameter(p *types.Var, pos token.Position) map[string]string {
	if p.Name() == "" || p.Name() == "_" {
		return nil
	}
	slice, ok := sliceOf(p.Type())
	if !ok {
		return map[string]string{p.Name(): m.w.sortOf(p.Type(), pos)}
	}
	list := map[string]string{p.Name() + "#len": "Int"}
	for _, f := range structFields(slice.Elem()) {
		list[p.Name()+"."+f.name] = "(Array Int " + m.w.sortOf(f.typ, pos) + ")"
	}
	if len(list) == 1 {
		list[p.Name()] = "(Array Int " + m.w.sortOf(slice.Elem(), pos) + ")"
	}
	return list
}

// frame is a call that runs.
type frame struct {
	m         *machine
	s         *shape
	f         *function
	this, old *object
	args      map[string]finite.Value
	vars      map[string]finite.Value
	results   map[string]finite.Value
	returned  []finite.Value // of the return
	path      []string
}

// outside gives the constants of formulas their values.
func (f *frame) outside(name string, args []finite.Value) (finite.Value, bool) {
	if base, _, ok := strings.Cut(name, "!"); ok && args == nil {
		switch strings.TrimPrefix(name, base) {
		case "!now":
			return f.m.leafOf(f.this, base)
		case "!old":
			return f.m.leafOf(f.old, base)
		case "!var":
			v, ok := f.vars[base]
			return v, ok && v != nil
		case "!arg":
			v, ok := f.args[base]
			return v, ok
		case "!res":
			v, ok := f.results[base]
			return v, ok
		}
	}
	return f.m.trusted(name, args)
}

// leafOf is a piece of an object's state; one of a component is an observer of it.
func (m *machine) leafOf(o *object, name string) (finite.Value, bool) {
	if o == nil {
		return nil, false
	}
	if v, ok := o.leaves[name]; ok {
		return v, v != nil
	}
	root, observer, ok := strings.Cut(name, ".")
	part := o.parts[root]
	if !ok || part == nil {
		return nil, false
	}
	r := &run{w: m.w, f: &function{}, of: part.of, args: map[string]term{}}
	now := &state{vars: map[string]variable{}, leaves: m.leafTerms(part.of, "!now")}
	t := r.typeScope(now, token.Position{}).observer(observer)
	f := &frame{m: m, this: part}
	v, err := f.eval(t.text)
	return v, err == nil
}

// trusted is a value of what has none in the package: a function on trust gives numbers that tell few of its
// arguments apart.
func (m *machine) trusted(name string, args []finite.Value) (finite.Value, bool) {
	if sort, ok := strings.CutPrefix(name, "zero_"); ok && m.model == nil {
		return m.bound.Elements(sort)[0], true
	}
	if m.model != nil && args == nil {
		v, err := m.model.Eval(name)
		return v, err == nil
	}
	g := m.w.functions[strings.TrimPrefix(name, "f_")]
	if g == nil || !g.trusted || g.object.Signature().Results().Len() != 1 {
		return nil, false
	}
	if m.model != nil {
		v, err := m.model.Call(name, args...)
		return v, err == nil
	}
	m.guessed = true
	t := g.object.Signature().Results().At(0).Type()
	if _, _, number := bounds(t); !number {
		return m.bound.Elements(m.w.sortOf(t, token.Position{}))[0], true
	}
	if len(args) == 0 {
		return big.NewInt(1), true
	}
	sum := int64(0)
	for _, a := range args {
		e, ok := a.(finite.Element)
		if !ok {
			return nil, false
		}
		sum += int64(e[len(e)-1]-'0') / 2
	}
	return big.NewInt(sum), true
}

func (f *frame) eval(text string) (finite.Value, error) {
	t, ok := f.m.terms[text]
	if !ok {
		var err error
		if t, err = finite.ParseTerm(text); err != nil {
			return nil, err
		}
		f.m.terms[text] = t
	}
	return f.values().Of(t)
}

// values evaluates with the frame's constants. Quantifiers range over all indices of all slices.
func (f *frame) values() *finite.Model {
	b := f.m.bound
	b.Capacity = max(b.Capacity, f.this.longest(), f.old.longest())
	if b.Capacity > mostLength {
		giveUp("a slice of %d elements is not looked through", b.Capacity)
	}
	return f.m.script.Values(b, f.outside)
}

// mostLength is the length of the longest slice that a machine looks through.
const mostLength = 64

// longest is the length of the longest slice of an object.
func (o *object) longest() int {
	most := 0
	if o == nil {
		return most
	}
	for name, v := range o.leaves {
		if n, ok := v.(*big.Int); ok && strings.HasSuffix(name, "#len") {
			if !n.IsInt64() || n.Int64() > mostLength {
				return mostLength + 1
			}
			most = max(most, int(n.Int64()))
		}
	}
	for _, p := range o.parts {
		most = max(most, p.longest())
	}
	return most
}

// holds evaluates a formula; one that cannot be evaluated is left unsaid.
func (f *frame) holds(t term) bool {
	v, err := f.eval(t.text)
	f.m.unsaid = f.m.unsaid || err != nil
	return err != nil || v != false
}

// claims checks formulas, and ends the run if one of them does not hold.
func (f *frame) claims(pos token.Position, prefix string, list []claim) {
	failed := false
	for _, c := range list {
		if !f.holds(c.term) {
			failed = true
			f.note(pos, prefix+c.what)
		}
	}
	if failed {
		panic(violated{})
	}
}

// check is claims of a condition that has been evaluated.
func (f *frame) check(pos token.Position, what string, ok bool) {
	if !ok {
		f.note(pos, what)
		panic(violated{})
	}
}

func (f *frame) note(pos token.Position, what string) {
	f.m.violations = append(f.m.violations, violation{f.f.owner, what, strings.Join(f.path, ", "), pos})
}

// errStopped is why a run is not to be trusted.
var errStopped = errors.New("the run cannot be followed")

// call runs a function from the outside and returns the object that a constructor makes, results, and whether
// all claims held. The error says that the machine gave up.
func (m *machine) call(g *function, this *object, args map[string]finite.Value) (made *object, results []finite.Value, ok bool, err error) {
	m.violations, m.steps = nil, mostSteps
	defer func() {
		switch e := recover().(type) {
		case nil:
		case violated:
			ok = false
		case gaveUp:
			err = e.error
		case refusal:
			err = fmt.Errorf("%w: %s", errStopped, e.Message)
		default:
			panic(e)
		}
	}()
	f := m.enter(g, this, args)
	m.outer, m.ended = f, false
	results = f.run()
	return f.this, results, true, nil
}

// enter prepares a call.
func (m *machine) enter(g *function, this *object, args map[string]finite.Value) *frame {
	f := &frame{m: m, s: m.shape(g), f: g, this: this, args: args, vars: map[string]finite.Value{}}
	if this != nil {
		f.old = this.clone()
	}
	for k, v := range args {
		f.vars[k] = v
	}
	for v := range g.object.Signature().Results().Variables() {
		if v.Name() != "" && v.Name() != "_" && !f.s.r.constructor() {
			f.vars[v.Name()] = m.zero(v.Type())
			f.s.sorts[v.Name()] = m.w.sortOf(v.Type(), m.w.position(g.decl))
		}
	}
	return f
}

// allowed reports whether the preconditions hold.
func (f *frame) allowed() bool {
	return !slices.ContainsFunc(f.s.requires, func(c claim) bool {
		v, err := f.eval(c.term.text)
		return err != nil || v != true
	})
}

// zero is the zero value of a type.
func (m *machine) zero(t types.Type) finite.Value {
	switch sort := m.w.sortOf(t, token.Position{}); sort {
	case "Int":
		return new(big.Int)
	case "Bool":
		return false
	default:
		return m.bound.Elements(sort)[0]
	}
}

// end checks what must hold when the function returns.
func (f *frame) end(pos token.Position, values []finite.Value) {
	f.results, f.returned = map[string]finite.Value{}, values
	f.m.ended = f == f.m.outer
	for i, v := range f.s.r.results {
		name := v.Name()
		if name == "" {
			name = "result"
		}
		if i < len(values) {
			f.results[name] = values[i]
		}
	}
	list := append(append([]claim{}, f.s.invs...), f.s.ends...)
	f.claims(pos, "", list)
}
