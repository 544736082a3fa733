package replay

import (
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

// minimise asks for what makes a case short and easy to read, as long as a model is left.
func (a *attempt) minimise(wishes int) {
	w := &wisher{a, wishes}
	w.structures()
	w.frame()
	w.numbers()
}

// wish keeps a wish that holds under the model, or under another that the solver finds.
func (w *wisher) wish(wish *smt.Term) bool {
	if !w.model.Holds(wish) {
		if w.left == 0 {
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
		if w.wish(b.BVULe(t, b.Word(n, t.Width()))) {
			return
		}
	}
}

// structures wishes that no entry is removed, for the next insertion then takes the index that the
// case puts first; that there are no blocks of entries; and that there are few entries.
func (w *wisher) structures() {
	b := w.path.Builder()
	for _, o := range w.run.Objects {
		if presence(o.Before) == "" {
			continue
		}
		if o.After != nil {
			w.wish(w.keeps(o))
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
		at := summary.Value{b.Word(uint64(i), 64)}
		after := o.After.Read(w.path, presence(o.After), at)[0]
		all = append(all, b.Implies(w.present(o, i), after))
	}
	return b.And(all...)
}

// frame wishes for a short frame of zeros.
func (w *wisher) frame() {
	if in := w.run.Inputs; in.Length != nil {
		w.below(in.Length, lengths...)
		w.below(in.Devices, 2, 4)
	}
}

// numbers wishes that numbers are small: of the configuration, the time, the fields and the packet.
func (w *wisher) numbers() {
	in := w.run.Inputs
	var small []*smt.Term
	for _, leaf := range in.Config {
		small = append(small, leaf.Term)
	}
	for _, c := range w.run.Cells {
		small = append(small, c.Before)
	}
	if in.Time != nil {
		small = append(small, in.Time)
	}
	for _, t := range small {
		if t.Width() == 0 {
			t = w.path.Builder().Ite(t, w.path.Builder().Word(1, 1), w.path.Builder().Word(0, 1))
		}
		w.below(t, smallNumbers(t.Width())...)
	}
	if in.Frame != nil {
		w.zero(w.applications()[in.Frame])
	}
}

// smallNumbers are bounds of numbers of a width, the best first.
func smallNumbers(width int) []uint64 {
	var list []uint64
	for _, n := range []uint64{0, 1, 0xff, 0xffff, 1_000_000_000, 1<<32 - 1} {
		if width >= 64 || n>>width == 0 {
			list = append(list, n)
		}
	}
	return list
}
