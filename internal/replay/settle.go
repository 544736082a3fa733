package replay

import (
	"context"
	"encoding/json"
	"math/big"

	"vigor/internal/contract"
	"vigor/internal/smt"
	"vigor/internal/symbex"
	"vigor/internal/symbex/summary"
)

// Settle returns the case, found for the condition on a run, with what is expected when the
// structures choose the indices that they chose in got. It returns nil if got is not what the run
// allows, or does not differ from what is expected in choices.
//
// A model decides freely which index a new entry gets. The compiled structure may do otherwise when
// Process itself has just freed one.
func Settle(ctx context.Context, run *symbex.Run, condition []*smt.Term, c *Case, got *Result) *Case {
	if !run.Complete || c.Expected == nil {
		return nil
	}
	if moved, ok := Choices(c, c.Expected, got); !ok || len(moved) == 0 {
		return nil
	}
	a := newAttempt(ctx, run, condition)
	if !a.spellCase(c, got) {
		return nil
	}
	a.pin(c)
	for _, o := range a.run.Objects {
		if immutable(o.After) {
			continue
		}
		a.holds(o.Name, o.After, got.Objects[o.Name], false)
	}
	if a.model = a.ask(); a.model == nil {
		return nil
	}
	a.repair() // all bytes are given: only the sums can change
	settled := *c
	settled.Expected = a.expected()
	return &settled
}

// mostSettled is the number of entries up to which a case is settled.
const mostSettled = 256

// spellCase spells out every index if the capacities are small, else those that have an entry
// before or after, if they are not too many.
func (a *attempt) spellCase(c *Case, got *Result) bool {
	size, extra := 0, map[string][]int{}
	for name, o := range c.Expected.Objects {
		size = max(size, o.Cap)
		for _, list := range [][]Entry{c.Objects[name].Entries, o.Entries, got.Objects[name].Entries} {
			for _, e := range list {
				extra[name] = append(extra[name], e.Index)
			}
		}
		if len(extra[name]) > mostSettled {
			return false
		}
	}
	for _, l := range a.run.Inputs.Lists {
		size = max(size, int(integer(c.Config[lengthOf(l.Name)]).Int64()))
	}
	if size > sizes[len(sizes)-1] {
		return a.sketch(extra)
	}
	a.spellOut(size)
	return true
}

// say asks for c besides the path's condition: the path would look at all that it knows anew for each of the many
// values of a case.
func (a *attempt) say(c *smt.Term) { a.kept = append(a.kept, c) }

// pin says that the inputs of a run are those of a case.
func (a *attempt) pin(c *Case) {
	p, run := a.path, a.run
	b, in := p.Builder(), run.Inputs
	equal := func(t *smt.Term, n *big.Int) { a.say(b.Eq(t, b.Const(n, t.Width()))) }
	for _, leaf := range in.Config {
		equal(leaf.Term, integer(c.Config[leaf.Name]))
	}
	a.pinLists(c, func(t *smt.Term, n json.Number) { equal(t, integer(n)) })
	equal(in.Devices, big.NewInt(int64(c.Env.Devices)))
	equal(in.Device, big.NewInt(int64(c.Packet.Device)))
	equal(in.Time, big.NewInt(c.Packet.Time))
	equal(in.Length, big.NewInt(int64(len(c.Packet.Data))))
	received := smt.NewArray(in.Frame)
	for i, v := range c.Packet.Data {
		equal(b.Select(received, b.Word(uint64(i), in.Length.Width())), big.NewInt(int64(v)))
	}
	for _, cell := range run.Cells {
		equal(cell.Before, integer(c.Cells[cell.Name][""]))
	}
	for _, o := range run.Objects {
		given := c.Objects[o.Name]
		if observer := function(o.Before); observer != "" {
			a.gives(o.Before, observer, given)
			continue
		}
		if ruled(o.Before) {
			a.rules(o.Before, given)
			continue
		}
		if last, ok := o.Before.Scalar("last"); ok {
			a.say(b.IntEq(last, b.IntConst(big.NewInt(given.Last))))
		}
		if walking(o.Before) {
			a.walksAs(o.Before, given.Walks)
		}
		sized := *given
		sized.Cap = c.Expected.Objects[o.Name].Cap
		a.holds(o.Name, o.Before, &sized, true)
	}
}

// gives says what a function gives at the points of a case.
func (a *attempt) gives(s *summary.State, observer string, o *Object) {
	b := a.path.Builder()
	for _, e := range o.Entries {
		got := s.Read(a.path, observer, summary.Value{b.Const(integer(e.Key[""]), indexWidth)})[0]
		a.say(b.Eq(got, b.Const(integer(e.Value[""]), got.Width())))
	}
}

// rules says that a list of rules is that of a case.
func (a *attempt) rules(s *summary.State, o *Object) {
	b := a.path.Builder()
	n, _ := extent(s)
	a.say(b.IntEq(n, b.IntConst(big.NewInt(int64(len(o.Entries))))))
	for _, e := range o.Entries {
		for _, g := range s.Object().Type.Ghosts {
			if !indexed(s, g.Name) {
				continue
			}
			_, layout := s.Layout(g.Name)
			for n, got := range s.Read(a.path, g.Name, s.Place(a.path, e.Index)) {
				a.say(b.Eq(got, b.Const(integer(e.content(g)[layout[n].Name]), got.Width())))
			}
		}
	}
}

// holds says which indices of a structure are in use, with which keys, times and classes, and which values
// if wanted.
func (a *attempt) holds(name string, s *summary.State, o *Object, values bool) {
	p := a.path
	b, entries, present := p.Builder(), byIndex(o.Entries), presence(s)
	if n, ok := extent(s); ok && queued(s) {
		a.say(b.IntEq(n, b.IntConst(big.NewInt(int64(len(entries))))))
	}
	for _, i := range a.parts[name].indices {
		if i >= o.Cap {
			break
		}
		at := s.Place(p, i)
		equal := func(observer string, to Value) {
			_, layout := s.Layout(observer)
			for n, t := range s.Read(p, observer, at) {
				a.say(b.Eq(t, b.Const(integer(to[layout[n].Name]), t.Width())))
			}
		}
		e, ok := entries[i]
		if present != "" {
			used := s.Read(p, present, at)[0]
			a.say(b.Eq(used, b.Bool(ok)))
		}
		if !ok {
			continue
		}
		if e.Key != nil {
			equal("key", e.Key)
		}
		if indexed(s, "time") {
			equal("time", Value{"": decimal(big.NewInt(e.Time), 64, true)})
		}
		if indexed(s, "class") {
			equal("class", Value{"": decimal(big.NewInt(int64(e.Class)), 8, false)})
		}
		for _, observer := range []string{"val", "elem"} {
			if values && indexed(s, observer) {
				equal(observer, e.Value)
			}
		}
	}
}

// indexed reports whether a structure has an observer over its indices.
func indexed(s *summary.State, observer string) bool {
	g := s.Object().Type.Ghost(observer)
	return g != nil && g.Index != nil && g.Index.Kind == contract.Int
}

// integer reads a number; one that is left out is 0.
func integer(n json.Number) *big.Int {
	v, ok := new(big.Int).SetString(n.String(), 10)
	if !ok {
		return new(big.Int)
	}
	return v
}
