package obligation

import (
	"vigor/internal/diag"
	"vigor/internal/smt"
	"vigor/internal/source"
	"vigor/internal/spec/lower"
	"vigor/internal/spec/resolve"
	"vigor/internal/symbex"
	"vigor/internal/symbex/summary"
)

// world is one run as a spec sees it.
type world struct {
	lower.World
	run     *symbex.Run
	used    map[string]bool // operations that the spec applied
	schema  *resolve.Schema
	objects map[string]*object // by the name in the schema
	cells   map[string]*cell
}

func newWorld(p *symbex.Path, run *symbex.Run, schema *resolve.Schema) *world {
	run = run.On(p)
	in := run.Inputs
	w := &world{run: run, schema: schema, objects: map[string]*object{}, cells: map[string]*cell{}}
	w.World = lower.World{
		Packet:      lower.Packet{Bytes: smt.NewArray(in.Frame), Length: in.Length},
		Device:      in.Device,
		Now:         in.Time,
		DeviceCount: in.Devices,
		Config:      map[string][]*smt.Term{},
		Lists:       map[string]lower.List{},
		Objects:     map[string]lower.Object{},
	}
	for _, s := range run.Sums {
		w.Sums = append(w.Sums, lower.Sum(s))
	}
	w.configuration(in)
	w.stateObjects(p)
	w.Out = lower.Out{Packet: lower.Packet{Bytes: run.Sent, Length: in.Length}}
	w.Out.Devices = devices(p, run)
	return w
}

// configuration gives each configuration field its leaves.
func (w *world) configuration(in *symbex.Inputs) {
	for _, field := range w.schema.Config {
		for _, list := range in.Lists {
			if list.Name == field.GoName {
				w.Lists[field.Name] = lower.List{Len: list.Len, At: func(p lower.Path, index *smt.Term) []*smt.Term {
					return list.At(p.(summary.Path), index)
				}}
			}
		}
		for _, leaf := range in.Config {
			if leaf.Field() == field.GoName {
				w.Config[field.Name] = append(w.Config[field.Name], leaf.Term)
			}
		}
	}
}

func (w *world) stateObjects(p *symbex.Path) {
	for _, declared := range w.schema.Objects {
		for i := range w.run.Objects {
			if o := &w.run.Objects[i]; o.Name == declared.GoName {
				w.objects[declared.Name] = &object{o.Before, o.Before, o.After, o.Made, w}
				w.Objects[declared.Name] = w.objects[declared.Name]
			}
		}
		for i := range w.run.Cells {
			if c := &w.run.Cells[i]; c.Name == declared.GoName {
				w.cells[declared.Name] = &cell{current: c.Before, initial: c.Before, final: c.After,
					signed: c.Signed()}
				w.Objects[declared.Name] = w.cells[declared.Name]
			}
		}
	}
}

// devices is the set of devices that the NF sends by.
func devices(p *symbex.Path, run *symbex.Run) lower.DeviceSet {
	b, a := p.Builder(), run.Action
	ingress := bit(b, run.Inputs.Device)
	switch a.Kind {
	case symbex.Dropped:
		return lower.DeviceSet{}
	case symbex.Forwarded:
		return lower.DeviceSet{One: a.Device}
	case symbex.ForwardedAll:
		return lower.DeviceSet{Mask: b.BVAnd(a.Devices, b.BVNot(ingress))}
	}
	return lower.DeviceSet{Mask: b.BVAnd(all(b, run.Inputs.Devices), b.BVNot(ingress))}
}

// bit is the set with the one device d, a term of 16 bits; empty if d is above 63.
func bit(b *smt.Builder, d *smt.Term) *smt.Term {
	return b.BVShl(b.Word(1, 64), b.ZeroExtend(d, 64))
}

// all is the set of the devices below count.
func all(b *smt.Builder, count *smt.Term) *smt.Term {
	return b.BVNot(b.BVShl(b.Const(minusOne, 64), count))
}

// object is a libvig structure on the spec's side.
type object struct {
	current, initial, final *summary.State
	made                    []symbex.Made
	world                   *world
}

// Call applies an operation to the spec's current state.
func (o *object) Call(p lower.Path, op string, args [][]*smt.Term, supplied map[string][]*smt.Term,
	claim func(diag.Claim) diag.Claim, at source.Span) [][]*smt.Term {
	options := summary.CallOptions{At: at, Supplied: supplied}
	if claim != nil {
		options.Claim = func(_ string, c diag.Claim) diag.Claim { return claim(c) }
	}
	o.world.used[o.current.Object().Type.Name+"."+op] = true
	state, results := o.current.Call(p.(summary.Path), op, args, options)
	o.current = state
	return results
}

// Read gives an observer of the current state.
func (o *object) Read(p lower.Path, observer string, at []*smt.Term) []*smt.Term {
	return o.current.Read(p.(summary.Path), observer, at)
}

// Initial is the state at arrival.
func (o *object) Initial() lower.Object {
	return &object{o.initial, o.initial, o.final, o.made, o.world}
}

// Final is what the NF left.
func (o *object) Final() lower.Object {
	return &object{o.final, o.initial, o.final, o.made, o.world}
}

// Made gives the results of the NF's call number n of an operation.
func (o *object) Made(op string, n int) map[string][]*smt.Term {
	for _, m := range o.made {
		if m.Operation != op || !m.Changed {
			continue
		}
		if n == 0 {
			return m.Results
		}
		n--
	}
	return nil
}

// cell is an integer or bool field of the NF on the spec's side.
type cell struct {
	current, initial, final *smt.Term
	signed                  bool // for messages
}

// Call sets the cell; there is no other operation.
func (c *cell) Call(_ lower.Path, op string, args [][]*smt.Term, _ map[string][]*smt.Term,
	_ func(diag.Claim) diag.Claim, _ source.Span) [][]*smt.Term {
	if op != "Set" {
		panic("obligation: a cell has no operation " + op)
	}
	c.current = args[0][0]
	return nil
}

// Asked gives the results of a call of the NF with equal arguments in the same state. Where they may be
// equal or not, both are looked at.
func (o *object) Asked(p lower.Path, op string, args [][]*smt.Term) map[string][]*smt.Term {
	for _, m := range o.made {
		if m.Operation == op && m.Before.Same(o.current) && p.Branch(equal(p.Builder(), m.Args, args)) {
			return m.Results
		}
	}
	return nil
}

// equal says that two lists of arguments have the same values.
func equal(b *smt.Builder, x, y [][]*smt.Term) *smt.Term {
	c := b.True()
	for i := range x {
		for j := range x[i] {
			c = b.And(c, b.Eq(x[i][j], y[i][j]))
		}
	}
	return c
}

// Asked gives nothing: a cell has no results.
func (c *cell) Asked(lower.Path, string, [][]*smt.Term) map[string][]*smt.Term { return nil }

// Made gives nothing: a cell has no results.
func (c *cell) Made(string, int) map[string][]*smt.Term { return nil }

// Read gives the value.
func (c *cell) Read(lower.Path, string, []*smt.Term) []*smt.Term { return []*smt.Term{c.current} }

// Initial is the value at arrival.
func (c *cell) Initial() lower.Object { return &cell{c.initial, c.initial, c.final, c.signed} }

// Final is what the NF left.
func (c *cell) Final() lower.Object { return &cell{c.final, c.initial, c.final, c.signed} }
