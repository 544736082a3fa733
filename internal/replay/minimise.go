package replay

import (
	"math/big"
	"slices"

	"vigor/internal/smt"
	"vigor/internal/symbex"
	"vigor/internal/symbex/summary"
)

// lengths are the frame lengths that are preferred, in order.
var lengths = []uint64{42, 54, 60, 64, 128, 256, 1514}

// wisher asks for models that are easier to read.
type wisher struct {
	*attempt
	left int // questions that may still be asked
}

// Questions that may be asked to make a case smaller.
const (
	wishesOfAny      = 4
	wishesOfFrame    = 2 // at least, whatever the structures took
	wishesOfReadable = 12
	wishesOfNumbers  = 12
)

// minimise asks for what makes a case short, as long as a model is left.
func (a *attempt) minimise(readable bool) {
	w := &wisher{a, wishesOfAny}
	if readable {
		w.left = wishesOfReadable
	}
	w.structures()
	w.left = max(w.left, wishesOfFrame)
	w.frame()
	if !readable {
		return
	}
	a.simplify()
	if !a.hard() {
		w.left = wishesOfNumbers
		w.numbers()
		a.simplify()
	}
}

// wish keeps a wish that holds under the model, or under another that the solver finds.
func (w *wisher) wish(wish *smt.Term) bool {
	if !w.model.Holds(wish) {
		if w.left == 0 || wish.IsFalse() {
			return false
		}
		w.left--
		better := w.ask(wish)
		if better == nil {
			return false
		}
		w.model = better
	}
	if !wish.IsTrue() {
		w.kept = append(w.kept, wish)
	}
	return true
}

// zero wishes that all terms are 0, or as many as possible, which it finds by halving.
func (w *wisher) zero(terms []*smt.Term) {
	b := w.path.Builder()
	var all []*smt.Term
	for _, t := range terms {
		all = append(all, b.Eq(t, b.Word(0, t.Width())))
	}
	if len(terms) == 0 || w.wish(b.And(all...)) || len(terms) == 1 {
		return
	}
	w.zero(terms[:len(terms)/2])
	w.zero(terms[len(terms)/2:])
}

// below wishes that t is at most one of the numbers, in order.
func (w *wisher) below(t *smt.Term, numbers ...uint64) {
	b := w.path.Builder()
	for _, n := range numbers {
		if bits := t.Width(); bits < 64 && n>>bits != 0 {
			return // it is
		}
		if w.wish(b.BVULe(t, b.Word(n, t.Width()))) {
			return
		}
	}
}

// structures wishes that capacities are small; that no entry is removed, for the next insertion
// then takes the index that the case puts first; that there are no blocks of entries; and that
// there are few entries.
func (w *wisher) structures() {
	b := w.path.Builder()
	for _, l := range w.run.Inputs.Lists {
		w.below(l.Len, 0, 1, 2, 64, 4096)
	}
	for _, o := range w.run.Objects {
		if n, ok := capacity(o.Before); ok {
			w.below(n.Term, 64, 4096, 65536)
		}
		if walking(o.Before) {
			w.near(o)
		}
		if presence(o.Before) == "" {
			continue
		}
		if o.After != nil {
			w.wish(w.keeps(o))
			w.rested(o)
		}
		for _, block := range w.parts[o.Name].blocks {
			w.wish(b.Or(b.Not(w.present(o, block.Index)), b.Eq(block.Copies.Term, b.Word(0, block.Copies.Term.Width()))))
		}
	}
	for _, o := range w.run.Objects {
		if presence(o.Before) == "" {
			continue
		}
		var used []*smt.Term
		for _, i := range w.parts[o.Name].indices {
			used = append(used, b.Ite(w.present(o, i), b.Word(1, 1), b.Word(0, 1)))
		}
		w.zero(used)
	}
}

// keeps says that no entry is removed.
func (w *wisher) keeps(o symbex.StateObject) *smt.Term {
	b := w.path.Builder()
	var all []*smt.Term
	for _, i := range w.parts[o.Name].indices {
		after := o.After.Read(w.path, presence(o.After), o.After.Place(w.path, i))[0]
		all = append(all, b.Implies(w.present(o, i), after))
	}
	return b.And(all...)
}

// rested wishes that what is taken was free at arrival: what has just come back is given last.
func (w *wisher) rested(o symbex.StateObject) {
	if _, ok := o.Before.Scalar("first"); !ok {
		return
	}
	for _, n := range w.attempt.numbers(o) {
		used := o.Before.Read(w.path, presence(o.Before), summary.Value{n})[0]
		w.wish(w.path.Builder().Not(used))
	}
}

// frame wishes for a short frame and few devices.
func (w *wisher) frame() {
	if in := w.run.Inputs; in.Length != nil {
		w.below(in.Length, lengths...)
		w.below(in.Devices, 2, 4)
	}
}

// hard reports whether questions about numbers are likely to take long.
func (a *attempt) hard() bool {
	found := false
	smt.Visit(func(t *smt.Term) {
		switch t.Op() {
		case smt.OpBVMul, smt.OpBVUDiv, smt.OpBVURem, smt.OpOCAdd:
			found = true
		}
	}, a.path.Condition()...)
	return found
}

// numbers wishes for numbers of the configuration, the fields and the time that people can read,
// and for bytes that are 0.
func (w *wisher) numbers() {
	b, in := w.path.Builder(), w.run.Inputs
	terms := wide(w.inputs())
	atMost := func(n uint64) (list []*smt.Term) {
		for _, t := range terms {
			list = append(list, b.BVULe(t, b.Word(n, 64)))
		}
		return list
	}
	if !w.wish(b.And(atMost(100)...)) && !w.wish(b.And(atMost(legible)...)) {
		for _, wish := range atMost(legible) {
			w.wish(wish)
		}
	}
	if in.Frame != nil {
		w.zero(w.applications()[in.Frame])
	}
}

// legible bounds numbers that are easy to read: a little more than a quarter of an hour as a time.
const legible = 1_000_000_000_000

// wide keeps the terms of 64 bits.
func wide(terms []*smt.Term) []*smt.Term {
	return slices.DeleteFunc(terms, func(t *smt.Term) bool { return t == nil || t.Width() != 64 })
}

// inputs lists the numbers of a case: of the frame but its bytes, the configuration, the structures
// but their entries, and the fields.
func (a *attempt) inputs() []*smt.Term {
	in := a.run.Inputs
	var terms []*smt.Term
	for _, o := range a.run.Objects {
		if last, ok := o.Before.Scalar("last"); ok {
			terms = append(terms, last.Term)
		}
	}
	terms = append(terms, in.Length, in.Device, in.Devices, in.Time)
	for _, leaf := range in.Config {
		terms = append(terms, leaf.Term)
	}
	for _, l := range in.Lists {
		terms = append(terms, l.Len)
		for _, i := range a.parts[listPart(l)].indices {
			for _, f := range l.Functions() {
				terms = append(terms, a.path.Builder().Apply(f, a.path.Builder().Word(uint64(i), 64)))
			}
		}
	}
	for _, c := range a.run.Cells {
		terms = append(terms, c.Before)
	}
	return terms
}

// simplify makes numbers small where all conditions still hold then: of the configuration, the
// time, the fields and the packet. The solver is not asked.
func (a *attempt) simplify() {
	in := a.run.Inputs
	a.model = a.model.Clone()
	for _, t := range a.inputs() {
		if v := symbolOf(t); v != nil {
			a.lower(a.model.Eval(v), func(n *big.Int) { a.model.SetVar(v, n) })
		}
	}
	for _, l := range in.Lists {
		for _, f := range l.Functions() {
			for _, e := range a.model.Entries(f) {
				a.lower(e.Value, func(n *big.Int) { a.model.SetApp(f, e.Args, n) })
			}
		}
	}
	if in.Frame == nil {
		return
	}
	for _, e := range a.model.Entries(in.Frame) {
		a.lower(e.Value, func(n *big.Int) { a.model.SetApp(in.Frame, e.Args, n) })
	}
}

// lower sets a number to a smaller one that breaks no condition: the first that is found, or the
// smallest if all above it do.
func (a *attempt) lower(now *big.Int, set func(*big.Int)) {
	best, broken := now, big.NewInt(-1)
	try := func(n *big.Int) bool {
		if set(n); a.holdsUnder(a.model) {
			best = n
			return true
		}
		broken = n
		return false
	}
	for _, n := range []int64{0, 1, 10, 14, 60, 1_000, 1_000_000_000} {
		if now.Cmp(big.NewInt(n)) <= 0 || try(big.NewInt(n)) {
			break
		}
	}
	for {
		middle := new(big.Int).Add(best, broken)
		if middle.Rsh(middle, 1).Cmp(broken) <= 0 {
			break
		}
		try(middle)
	}
	set(best)
}

// symbolOf returns the symbol that t is, perhaps extended by zeros; nil if it is none.
func symbolOf(t *smt.Term) *smt.Term {
	if t == nil {
		return nil
	}
	if args := t.Args(); t.Op() == smt.OpConcat && len(args) == 2 {
		if n, ok := args[0].Const(); ok && n.Sign() == 0 {
			t = args[1]
		}
	}
	if t.Op() != smt.OpVar {
		return nil
	}
	return t
}
