package replay

import (
	"fmt"
	"math/big"
	"strings"

	"vigor/internal/contract"
	"vigor/internal/smt"
	"vigor/internal/symbex/summary"
)

// model gives every input of a run what a case says. All runs that came to an end have the same
// inputs.
func (c *candidate) model(of *Case, counts map[string]*smt.Func) *smt.Model {
	m := smt.NewModel()
	set := func(t *smt.Term, value *big.Int) {
		if v := variable(t); v != nil {
			m.SetVar(v, value)
		}
	}
	for _, l := range c.Inputs.Config {
		set(l.Term, integer(of.Config[l.Name]))
	}
	for _, l := range c.Inputs.Env {
		var word int
		if n, _ := fmt.Sscanf(l.Name, "HashKey[%d]", &word); n == 1 {
			set(l.Term, new(big.Int).SetUint64(of.Env.HashKey[word]))
		}
	}
	set(c.Inputs.Devices, big.NewInt(int64(of.Env.Devices)))
	set(c.Inputs.Device, big.NewInt(int64(of.Packet.Device)))
	set(c.Inputs.Time, big.NewInt(of.Packet.Time))
	set(c.Inputs.Length, big.NewInt(int64(len(of.Packet.Data))))
	for i, b := range of.Packet.Data {
		m.SetApp(c.Inputs.Frame, []*big.Int{big.NewInt(int64(i))}, big.NewInt(int64(b)))
	}
	for _, l := range c.Cells {
		if value, ok := of.Cells[l.Name]; ok {
			set(l.Before, integer(value[""]))
		}
	}
	for _, o := range c.Objects {
		if given := of.Objects[o.Name]; given != nil {
			fill(m, o.Before.Roots(), given)
			for name, f := range counts {
				if strings.HasPrefix(name, smt.Symbol(smt.CountOf, o.Name, "")) {
					count(m, f, given)
				}
			}
		}
	}
	return m
}

// fill gives the observers of a structure what its entries say.
func fill(m *smt.Model, roots []summary.Root, o *Object) {
	last := o.Last
	for _, e := range o.Entries {
		last = max(last, e.Time)
	}
	for _, root := range roots {
		g := root.Ghost
		if g.Name == "last" {
			m.SetVar(variable(root.Scalar[0]), big.NewInt(last))
		}
		for _, e := range o.Entries {
			at := []*big.Int{big.NewInt(int64(e.Index))}
			if g.Index != nil && g.Index.Kind == contract.Param {
				at = numbers(root.Index, e.Key)
			}
			for i, v := range observed(root, e) {
				if len(root.Funcs) > 0 {
					m.SetApp(root.Funcs[i], at, v)
				}
			}
		}
	}
}

// count gives a function the numbers of entries below each limit.
func count(m *smt.Model, f *smt.Func, o *Object) {
	for limit := range most + 1 {
		n := int64(0)
		for _, e := range o.Entries {
			if e.Index < limit {
				n++
			}
		}
		m.SetApp(f, []*big.Int{big.NewInt(int64(limit))}, big.NewInt(n))
	}
}

// observed is what an entry says of an observer: its leaves, at the entry's index or key.
func observed(root summary.Root, e Entry) []*big.Int {
	switch g := root.Ghost; {
	case g.Value.Kind == contract.Bool: // alloc, used, dom
		return []*big.Int{big.NewInt(1)}
	case g.Name == "time":
		return []*big.Int{big.NewInt(e.Time)}
	case g.Name == "class":
		return []*big.Int{big.NewInt(int64(e.Class))}
	case g.Name == "key":
		return numbers(root.Value, e.Key)
	case g.Index != nil && g.Index.Kind == contract.Param: // idx of a Table, val of a Map
		return []*big.Int{big.NewInt(int64(e.Index))}
	}
	return numbers(root.Value, e.Value)
}

// numbers are the leaves of a value.
func numbers(layout summary.Layout, v Value) []*big.Int {
	var list []*big.Int
	for _, l := range layout {
		list = append(list, integer(v[l.Name]))
	}
	return list
}

// lookups says where the observers over keys do not fit the entries that a structure has
// afterwards. The keys are those that it has then or had before.
func (c *candidate) lookups(b *smt.Builder, m *smt.Model, of *Case, want *Result) []string {
	var lines []string
	for _, o := range c.Objects {
		entries := append([]Entry{}, want.Objects[o.Name].Entries...)
		if given := of.Objects[o.Name]; given != nil {
			entries = append(entries, given.Entries...)
		}
		for _, root := range o.After.Roots() {
			g := root.Ghost
			if g.Index == nil || g.Index.Kind != contract.Param {
				continue
			}
			for _, e := range entries {
				var at summary.Value
				for i, n := range numbers(root.Index, e.Key) {
					at = append(at, b.Const(n, root.Index[i].Width))
				}
				got := m.Eval(o.After.Read(c.path, g.Name, at)[0]).Int64()
				index, found := int64(0), int64(0)
				for _, f := range want.Objects[o.Name].Entries {
					if sameKey(e, f) {
						index, found = int64(f.Index), 1
					}
				}
				if g.Value.Kind == contract.Bool && got != found || g.Value.Kind == contract.Int && found == 1 && got != index {
					lines = append(lines, fmt.Sprintf("%s.%s of %v is %d", o.Name, g.Name, e.Key, got))
				}
			}
		}
	}
	return lines
}
