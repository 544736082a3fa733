package replay

import (
	"cmp"
	"context"
	"encoding/json"
	"math/big"
	"slices"
	"strings"

	"vigor/internal/contract"
	"vigor/internal/smt"
	"vigor/internal/solver"
	"vigor/internal/symbex"
	"vigor/internal/symbex/summary"
	"vigor/nf"
)

// Finder turns a path into a case: a small packet and state that lead along it.
type Finder struct {
	Package string // import path of the NF
	// Readable makes cases easy to read, for which it asks the solver more.
	Readable bool
	// Effort is what one question to the solver may take; 0: [symbex.ModelEffort].
	Effort solver.Effort
}

// sizes are the capacities that are tried, in order: with a small capacity every index can be spelt
// out, so that the model is a state that a structure can be in.
var sizes = []int{1, 2, 3, 4, 6, 8}

// Find looks for values under which condition holds on the way of a run. It returns a nil Case if
// it finds none. First all structures are taken to be small; then their capacities may be any, and
// most of what they hold is left to [attempt.sketch].
func (f *Finder) Find(ctx context.Context, run *symbex.Run, condition []*smt.Term) (*Case, *smt.Model) {
	for _, size := range sizes {
		a := f.attempt(ctx, run, condition)
		if !a.small(size) || a.ask() == nil {
			continue
		}
		a.spellOut(size)
		if !a.route(size) && size < sizes[len(sizes)-1] {
			continue
		}
		if a.model = a.ask(); a.model != nil {
			a.minimise(f.Readable)
			a.repair()
			return f.of(a), a.model
		}
	}
	if a := f.partly(ctx, run, condition); a != nil {
		return f.of(a), a.model
	}
	return nil, nil
}

// attempt looks for a case in one way: on a path of its own, with some indices of each structure
// spelt out.
type attempt struct {
	ctx    context.Context
	effort solver.Effort // for one question
	path   *symbex.Path
	run    *symbex.Run
	parts  map[string]*part // by structure; one that has none is spelt out up to its capacity
	kept   []*smt.Term      // what is asked for besides the path's condition
	model  *smt.Model
	// invented says that the sums of the model are not those of its frame.
	invented bool
}

// part is what is spelt out of one structure.
type part struct {
	indices []int           // in increasing order; those beyond the capacity are none
	blocks  []summary.Block // stand for all other indices
	filler  []filler        // what the blocks come to under the model
}

func newAttempt(ctx context.Context, run *symbex.Run, condition []*smt.Term) *attempt {
	p := run.Path.At(condition)
	return &attempt{ctx: ctx, effort: symbex.ModelEffort, path: p, run: run.On(p), parts: map[string]*part{}}
}

func (f *Finder) attempt(ctx context.Context, run *symbex.Run, condition []*smt.Term) *attempt {
	a := newAttempt(ctx, run, condition)
	a.effort = cmp.Or(f.Effort, symbex.ModelEffort)
	return a
}

// ask looks for a model of the attempt in which the wishes hold; nil if there is none.
func (a *attempt) ask(wishes ...*smt.Term) *smt.Model {
	return a.path.Model(a.ctx, a.effort, append(slices.Clip(a.kept), wishes...)...)
}

// small restricts every structure to at most size places; it reports false if one cannot be
// so small.
func (a *attempt) small(size int) bool {
	if !a.shortLists(size) {
		return false
	}
	b := a.path.Builder()
	for _, o := range a.run.Objects {
		if n, ok := extent(o.Before); ok {
			fits := b.IntLessEq(n, b.IntConst(big.NewInt(int64(size))))
			if a.path.Simplify(fits).IsFalse() {
				return false
			}
			a.path.Fact(fits)
		}
	}
	return true
}

// spellOut states what the structures' contracts say of each index below size.
func (a *attempt) spellOut(size int) {
	a.spellLists(size)
	for _, o := range a.run.Objects {
		if function(o.Before) != "" {
			continue
		}
		o.Before.SpellOut(a.path, size)
		if o.After != nil {
			o.After.SpellOut(a.path, size)
		}
		a.parts[o.Name] = &part{indices: upTo(size)}
	}
}

// upTo lists the integers below n.
func upTo(n int) []int {
	list := make([]int, n)
	for i := range list {
		list[i] = i
	}
	return list
}

// of is what the model of an attempt says of the inputs of its run, with what the executor expects.
func (f *Finder) of(a *attempt) *Case {
	run, m, in := a.run, a.model, a.run.Inputs
	c := &Case{Package: f.Package, Config: leafValues(in.Config, m), Objects: map[string]*Object{},
		Cells: map[string]Value{}}
	a.addLists(c.Config)
	for _, leaf := range in.Env {
		v := m.Eval(leaf.Term)
		if leaf.Name == "Devices" {
			c.Env.Devices = int(v.Int64())
		} else if i, ok := strings.CutPrefix(leaf.Name, "HashKey["); ok {
			c.Env.HashKey[i[0]-'0'] = v.Uint64()
		}
	}
	if in.Length == nil {
		return c // it fails before a packet arrives
	}
	c.Packet = Packet{Device: uint16(m.Eval(in.Device).Uint64()), Time: m.Eval(in.Time).Int64(),
		Data: frame(smt.NewArray(in.Frame), in.Length, m)}
	for _, o := range run.Objects {
		c.Objects[o.Name] = a.object(o.Name, o.Before)
		c.Objects[o.Name].Cap = 0 // New chooses it
		if last, ok := o.Before.Scalar("last"); ok {
			c.Objects[o.Name].Last = m.Eval(last.Term).Int64()
		}
		if o.After != nil {
			c.Objects[o.Name].Free = a.chosen(o)
		}
	}
	for _, cell := range run.Cells {
		addCell(c.Cells, cell, cell.Before, m)
	}
	if run.Complete {
		c.Expected = a.expected()
	}
	c.Invented = a.invented
	return c
}

// expected is what the executor says the NF does, if the capacities are small.
func expected(p *symbex.Path, run *symbex.Run, m *smt.Model) *Result {
	return (&attempt{path: p, run: run, model: m}).expected()
}

// expected is what the executor says the NF does.
func (a *attempt) expected() *Result {
	run, m := a.run, a.model
	r := &Result{Status: Ran, Objects: map[string]*Object{}, Cells: map[string]Value{}}
	r.Action = &Action{Kind: kindNames[run.Action.Kind].String(),
		Device: uint16(m.Eval(run.Action.Device).Uint64()), Devices: m.Eval(run.Action.Devices).Uint64()}
	if reason := nf.Reason(m.Eval(run.Action.Reason).Uint64()); reason != nf.NoReason || run.Action.Kind == symbex.Dropped {
		r.Action.Reason = reason.String()
	}
	r.Data = frame(run.Sent, run.Inputs.Length, m)
	for _, o := range run.Objects {
		if !immutable(o.After) {
			r.Objects[o.Name] = a.object(o.Name, o.After)
		}
	}
	for _, c := range run.Cells {
		addCell(r.Cells, c, c.After, m)
	}
	return r
}

var kindNames = map[symbex.ActionKind]nf.Kind{symbex.Dropped: nf.Dropped, symbex.Forwarded: nf.Forwarded,
	symbex.ForwardedAll: nf.ForwardedAll, symbex.Flooded: nf.Flooded}

// frame is the content of a frame under a model: what the model says of bytes that arrived, and over it what was written
// since, oldest first. No terms are made for that.
func frame(a smt.Array, length *smt.Term, m *smt.Model) Hex {
	return content(a, m.Eval(length).Uint64(), m)
}

// content is the first n bytes of an array under a model.
func content(a smt.Array, n uint64, m *smt.Model) Hex {
	data := make(Hex, n)
	put := func(at, value *big.Int) {
		if at.Cmp(big.NewInt(int64(len(data)))) < 0 {
			data[at.Uint64()] = byte(value.Uint64())
		}
	}
	for _, e := range m.Entries(a.Base()) {
		put(e.Args[0], e.Value)
	}
	for _, s := range a.Stores() {
		put(m.Eval(s.Index), m.Eval(s.Value))
	}
	return data
}

// presence is the observer that tells which indices of a structure are in use; "" if all are.
func presence(s *summary.State) string {
	for _, name := range []string{"alloc", "used"} {
		if s.Object().Type.Ghost(name) != nil {
			return name
		}
	}
	return ""
}

// capacity is the number of indices of a structure.
func capacity(s *summary.State) (smt.Int, bool) {
	if n, ok := s.Scalar("cap"); ok {
		return n, true
	}
	return s.Scalar("n")
}

// extent is the number of places of a structure that may hold something: all that there are, or as many
// as are taken where those come first.
func extent(s *summary.State) (smt.Int, bool) {
	if function(s) != "" {
		return smt.Int{}, false
	}
	if size, ok := s.Scalar("size"); ok {
		return size, true
	}
	return capacity(s)
}

// function is the observer of a structure that gives all numbers a value and never changes; "" if it is
// another structure.
func function(s *summary.State) string {
	if s.Object().Type.Ghost("route") != nil {
		return "route"
	}
	return ""
}

// points lists what a function gives where the model says something of it; elsewhere it is 0.
func (a *attempt) points(s *summary.State, observer string) []Entry {
	var list []Entry
	for _, root := range s.Roots() {
		if root.Ghost.Name != observer || len(root.Funcs) == 0 {
			continue
		}
		for _, e := range a.model.Entries(root.Funcs[0]) {
			width := root.Value[0].Width
			list = append(list, Entry{Key: Value{"": decimal(e.Args[0], indexWidth, false)},
				Value: Value{"": decimal(e.Value, width, root.Value[0].Signed)}})
		}
	}
	slices.SortFunc(list, func(x, y Entry) int { return integer(x.Key[""]).Cmp(integer(y.Key[""])) })
	for i := range list {
		list[i].Index = i
	}
	return list
}

// indexWidth is the width of a contract's index of sort int.
const indexWidth = 64

// queued reports whether a structure fills its places in their order: a case has all that it holds.
func queued(s *summary.State) bool {
	_, ok := s.Scalar("size")
	return ok || ruled(s) || walking(s)
}

// ruled reports whether a structure is a list that never changes, of rules or of keys with values.
func ruled(s *summary.State) bool { return immutable(s) && function(s) == "" }

// immutable reports whether no operation changes a structure.
func immutable(s *summary.State) bool {
	return !slices.ContainsFunc(s.Object().Type.Ghosts, s.Object().Type.Changed)
}

// fieldOfRule is the field of a rule that an observer gives.
func fieldOfRule(g *contract.Ghost) string {
	if g.Name == "proto" {
		return "Protocol"
	}
	return capital(g.Name)
}

// content is what an entry of a list holds for an observer, by the names of its leaves.
func (e *Entry) content(g *contract.Ghost) Value {
	switch g.Name {
	case "key":
		return e.Key
	case "val":
		return e.Value
	}
	return Value{"": e.Value[fieldOfRule(g)]}
}

// rule is rule i of a list of rules.
func (r reader) rule(i int) Value {
	v := Value{}
	for _, g := range r.state.Object().Type.Ghosts {
		if g.Index != nil {
			v[fieldOfRule(g)] = decimal(r.at(g.Name, i)[0], g.Value.Bits, g.Value.Signed)
		}
	}
	return v
}

// reader evaluates a state under a model.
type reader struct {
	path  *symbex.Path
	state *summary.State
	model *smt.Model
}

// at is the observer's value at place i.
func (r reader) at(observer string, i int) []*big.Int {
	var values []*big.Int
	for _, leaf := range r.state.Read(r.path, observer, r.state.Place(r.path, i)) {
		values = append(values, r.model.Eval(leaf))
	}
	return values
}

// value is an observer's value at index i by the names of its leaves.
func (r reader) value(observer string, i int) Value {
	if !indexed(r.state, observer) {
		return nil
	}
	v := Value{}
	_, layout := r.state.Layout(observer)
	for n, word := range r.at(observer, i) {
		v[layout[n].Name] = decimal(word, layout[n].Width, layout[n].Signed)
	}
	if len(v) == 0 {
		return nil
	}
	return v
}

// object is the content of a structure.
func (a *attempt) object(name string, s *summary.State) *Object {
	if observer := function(s); observer != "" {
		return &Object{Entries: a.points(s, observer)}
	}
	r := reader{a.path, s, a.model}
	n, _ := capacity(s)
	o := &Object{Cap: int(a.model.Eval(n.Term).Int64()), First: a.first(s)}
	places, _ := extent(s)
	// After a call that breaks the contract it may be any number.
	most := int(min(a.model.Eval(places.Term).Int64(), int64(o.Cap), maxFiller))
	spelt := a.parts[name]
	if spelt == nil || queued(s) {
		spelt = &part{indices: upTo(most)}
	}
	if walking(s) {
		o.Walks = a.walks(s)
	}
	examples := map[int]*Entry{}
	for _, i := range spelt.indices {
		if i >= most {
			break
		}
		if e := r.entry(i); e != nil {
			o.Entries = append(o.Entries, *e)
			examples[i] = e
		}
	}
	for _, f := range spelt.filler {
		if like := examples[f.like]; like != nil {
			o.Entries = append(o.Entries, Entry{f.index, f.key, like.Value, like.Time, like.Class})
		}
	}
	slices.SortFunc(o.Entries, func(a, b Entry) int { return a.Index - b.Index })
	return o
}

// first is the index of a structure's first place under the model.
func (a *attempt) first(s *summary.State) int {
	if first, ok := s.Scalar("first"); ok {
		return int(a.model.Eval(first.Term).Int64())
	}
	return 0
}

// entry is what a structure holds at place i; nil if that is free.
func (r reader) entry(i int) *Entry {
	present := presence(r.state)
	if present != "" && r.at(present, i)[0].Sign() == 0 {
		return nil
	}
	if r.state.Object().Type.Ghost("proto") != nil {
		return &Entry{Index: i, Value: r.rule(i)}
	}
	e := &Entry{Index: i, Key: r.value("key", i)}
	if e.Value = r.value("val", i); e.Value == nil {
		e.Value = r.value("elem", i)
	}
	if r.state.Object().Type.Ghost("time") != nil {
		e.Time = r.at("time", i)[0].Int64()
	}
	if r.state.Object().Type.Ghost("class") != nil {
		e.Class = uint8(r.at("class", i)[0].Uint64())
	}
	return e
}

// chosen lists the indices that the run takes into use: the structure must hand them out first.
func (a *attempt) chosen(o symbex.StateObject) []int {
	if presence(o.Before) != "alloc" {
		return nil
	}
	if list, ok := a.taken(o); ok {
		return list
	}
	before, after := reader{a.path, o.Before, a.model}, reader{a.path, o.After, a.model}
	n, _ := capacity(o.Before)
	size := int(a.model.Eval(n.Term).Int64())
	var list []int
	for _, i := range a.parts[o.Name].indices {
		if i < size && before.at("alloc", i)[0].Sign() == 0 && after.at("alloc", i)[0].Sign() != 0 {
			list = append(list, i)
		}
	}
	return list
}

// taken lists the places that the operations on the way took into use, in their order, if a structure
// numbers its places itself: those that were free at arrival, once each.
func (a *attempt) taken(o symbex.StateObject) (list []int, ok bool) {
	if _, ok := o.Before.Scalar("first"); !ok {
		return nil, false
	}
	for _, n := range a.numbers(o) {
		used := o.Before.Read(a.path, presence(o.Before), summary.Value{n})[0]
		place := int(a.model.Eval(n).Int64()) - a.first(o.Before)
		if !a.model.Holds(used) && !slices.Contains(list, place) {
			list = append(list, place)
		}
	}
	return list, true
}

// numbers lists what the operations on the way took into use.
func (a *attempt) numbers(o symbex.StateObject) []*smt.Term {
	var list []*smt.Term
	for _, m := range o.Made {
		if n := m.Results["n"]; m.Changed && len(n) == 1 {
			list = append(list, n[0])
		}
	}
	return list
}

// addCell adds the value of a cell, under the name of its field; of an array each element is a
// cell.
func addCell(cells map[string]Value, c symbex.Cell, t *smt.Term, m *smt.Model) {
	field, element := c.Name, ""
	if i := strings.IndexByte(c.Name, '['); i >= 0 {
		field, element = c.Name[:i], c.Name[i:]
	}
	if cells[field] == nil {
		cells[field] = Value{}
	}
	cells[field][element] = decimal(m.Eval(t), t.Width(), c.Signed())
}

func leafValues(leaves []symbex.Leaf, m *smt.Model) Value {
	v := Value{}
	for _, leaf := range leaves {
		v[leaf.Name] = decimal(m.Eval(leaf.Term), leaf.Term.Width(), leaf.Signed())
	}
	return v
}

// decimal writes a word as the Go integer that it is; a bool is 0 or 1.
func decimal(v *big.Int, width int, signed bool) json.Number {
	if signed && v.Bit(width-1) == 1 {
		v = new(big.Int).Sub(v, new(big.Int).Lsh(big.NewInt(1), uint(width)))
	}
	return json.Number(v.String())
}
