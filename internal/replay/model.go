package replay

import (
	"context"
	"encoding/json"
	"math/big"
	"strings"

	"vigor/internal/smt"
	"vigor/internal/symbex"
	"vigor/internal/symbex/summary"
	"vigor/nf"
)

// Finder turns a path into a case: a small packet and state that lead along it.
type Finder struct {
	Package string // import path of the NF
}

// sizes are the capacities that are tried, in order: with a constant capacity every index can be spelt
// out, so that the model is a state that a structure can be in.
var sizes = []int{1, 2, 3, 4, 6, 8, 16, 32, 64}

// lengths are the frame lengths that are preferred, in order.
var lengths = []uint64{42, 54, 60, 64, 128, 256, 1514}

// Find looks for values under which condition holds on the way of a run. It returns a nil Case
// if there are none that a small state can have.
func (f *Finder) Find(ctx context.Context, run *symbex.Run, condition []*smt.Term) (*Case, *smt.Model) {
	for _, size := range sizes {
		p := run.Path.At(condition)
		run := run.On(p)
		if !small(p, run, size) || p.Model(ctx) == nil {
			continue
		}
		spellOut(p, run, size)
		if m := p.Model(ctx); m != nil {
			m = f.minimise(ctx, p, run, m, size)
			return f.Case(p, run, m), m
		}
	}
	return nil, nil
}

// small restricts every structure to a capacity of at most size; it reports false if one cannot be so
// small.
func small(p *symbex.Path, run *symbex.Run, size int) bool {
	b := p.Builder()
	for _, o := range run.Objects {
		if n, ok := capacity(o.Before); ok {
			fits := b.IntLessEq(n, b.IntConst(big.NewInt(int64(size))))
			if p.Simplify(fits).IsFalse() {
				return false
			}
			p.Fact(fits)
		}
	}
	return true
}

// spellOut states what the structures' contracts say of each index below size.
func spellOut(p *symbex.Path, run *symbex.Run, size int) {
	for _, o := range run.Objects {
		o.Before.SpellOut(p, size)
		if o.After != nil {
			o.After.SpellOut(p, size)
		}
	}
}

// minimise adds what makes a case short and easy to read, as long as a model is left.
func (f *Finder) minimise(ctx context.Context, p *symbex.Path, run *symbex.Run, m *smt.Model,
	size int) *smt.Model {
	b := p.Builder()
	try := func(wish *smt.Term) bool {
		if m.Eval(wish).Sign() != 0 {
			p.Fact(wish)
			return true
		}
		if better := p.Model(ctx, wish); better != nil {
			m = better
			p.Fact(wish)
			return true
		}
		return false
	}
	for _, o := range run.Objects {
		if o.After != nil {
			try(keeps(p, o, size))
		}
	}
	for _, n := range lengths {
		if try(b.BVULe(run.Inputs.Length, b.Word(n, run.Inputs.Length.Width()))) {
			break
		}
	}
	try(b.BVULe(run.Inputs.Devices, b.Word(4, 64)))
	return m
}

// keeps says that no entry is removed: the next insertion then takes the index that the case puts first.
func keeps(p *symbex.Path, o symbex.StateObject, size int) *smt.Term {
	b := p.Builder()
	present := presence(o.Before)
	if present == "" {
		return b.True()
	}
	var all []*smt.Term
	for i := range size {
		at := summary.Value{b.Word(uint64(i), 64)}
		all = append(all, b.Implies(o.Before.Read(p, present, at)[0], o.After.Read(p, present, at)[0]))
	}
	return b.And(all...)
}

// Case is what a model says of the inputs of a run, with what the executor expects of it.
func (f *Finder) Case(p *symbex.Path, run *symbex.Run, m *smt.Model) *Case {
	in := run.Inputs
	c := &Case{Package: f.Package, Config: leafValues(in.Config, m), Objects: map[string]*Object{},
		Cells: map[string]Value{}}
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
		Data: frame(smt.NewArray(in.Frame), p.Builder(), in.Length, m)}
	for _, o := range run.Objects {
		c.Objects[o.Name] = object(p, o.Before, m)
		c.Objects[o.Name].Cap = 0 // New chooses it
		if last, ok := o.Before.Scalar("last"); ok {
			c.Objects[o.Name].Last = m.Eval(last.Term).Int64()
		}
		if o.After != nil {
			c.Objects[o.Name].Free = chosen(p, o, m)
		}
	}
	for _, cell := range run.Cells {
		addCell(c.Cells, cell, cell.Before, m)
	}
	if run.Complete {
		c.Expected = expected(p, run, m)
	}
	return c
}

// expected is what the executor says the NF does.
func expected(p *symbex.Path, run *symbex.Run, m *smt.Model) *Result {
	r := &Result{Status: Ran, Objects: map[string]*Object{}, Cells: map[string]Value{}}
	r.Action = &Action{Kind: kindNames[run.Action.Kind].String(),
		Device: uint16(m.Eval(run.Action.Device).Uint64()), Devices: m.Eval(run.Action.Devices).Uint64()}
	if reason := nf.Reason(m.Eval(run.Action.Reason).Uint64()); reason != nf.NoReason || run.Action.Kind == symbex.Dropped {
		r.Action.Reason = reason.String()
	}
	r.Data = frame(run.Sent, p.Builder(), run.Inputs.Length, m)
	for _, o := range run.Objects {
		r.Objects[o.Name] = object(p, o.After, m)
	}
	for _, c := range run.Cells {
		addCell(r.Cells, c, c.After, m)
	}
	return r
}

var kindNames = map[symbex.ActionKind]nf.Kind{symbex.Dropped: nf.Dropped, symbex.Forwarded: nf.Forwarded,
	symbex.ForwardedAll: nf.ForwardedAll, symbex.Flooded: nf.Flooded}

// frame is the content of a frame under a model.
func frame(a smt.Array, b *smt.Builder, length *smt.Term, m *smt.Model) Hex {
	data := make(Hex, m.Eval(length).Uint64())
	for i := range data {
		data[i] = byte(m.Eval(b.Select(a, b.Word(uint64(i), length.Width()))).Uint64())
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

// reader evaluates a state under a model.
type reader struct {
	path  *symbex.Path
	state *summary.State
	model *smt.Model
}

// at is the observer's value at index i.
func (r reader) at(observer string, i int) []*big.Int {
	index := summary.Value{r.path.Builder().Word(uint64(i), 64)}
	var values []*big.Int
	for _, leaf := range r.state.Read(r.path, observer, index) {
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

// object is the content of a structure under a model.
func object(p *symbex.Path, s *summary.State, m *smt.Model) *Object {
	r := reader{p, s, m}
	n, _ := capacity(s)
	o := &Object{Cap: int(m.Eval(n.Term).Int64())}
	present := presence(s)
	for i := range o.Cap {
		if present != "" && r.at(present, i)[0].Sign() == 0 {
			continue
		}
		e := Entry{Index: i, Key: r.value("key", i)}
		if e.Value = r.value("val", i); present == "" {
			e.Value = r.value("elem", i)
		}
		if s.Object().Type.Ghost("time") != nil {
			e.Time = r.at("time", i)[0].Int64()
		}
		o.Entries = append(o.Entries, e)
	}
	return o
}

// chosen lists the indices that the run takes into use: the structure must hand them out first.
func chosen(p *symbex.Path, o symbex.StateObject, m *smt.Model) []int {
	present := presence(o.Before)
	if present != "alloc" {
		return nil
	}
	before, after := reader{p, o.Before, m}, reader{p, o.After, m}
	n, _ := capacity(o.Before)
	var list []int
	for i := range int(m.Eval(n.Term).Int64()) {
		if before.at(present, i)[0].Sign() == 0 && after.at(present, i)[0].Sign() != 0 {
			list = append(list, i)
		}
	}
	return list
}

// cellValue is a field's value as a case has it.
// addCell adds the value of a cell, under the name of its field; of an array each element is a cell.
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
