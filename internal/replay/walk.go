package replay

import (
	"cmp"
	"math/big"
	"slices"

	"vigor/internal/smt"
	"vigor/internal/symbex"
	"vigor/internal/symbex/summary"
)

// maxSteps is the number of steps that the contract of a Maglev gives each hash in its observer order.
const maxSteps = 1 << 24

// walking reports whether a structure is a Maglev: its keys have hashes, and hashes meet backends in an order.
func walking(s *summary.State) bool { return s.Object().Type.Ghost("order") != nil }

// functions gives the functions behind an observer that no operation changes, nil if there are none.
func functions(s *summary.State, observer string) []*smt.Func {
	for _, root := range s.Roots() {
		if root.Ghost.Name == observer {
			return root.Funcs
		}
	}
	return nil
}

// walks lists the keys that the model gives a hash, with the backends that it says they meet.
func (a *attempt) walks(s *summary.State) []Walk {
	hash, order := functions(s, "hash"), functions(s, "order")
	if len(hash) == 0 || len(order) == 0 {
		return nil
	}
	layout, _ := s.Layout("hash")
	var list []Walk
	for _, e := range a.model.Entries(hash[0]) {
		w := Walk{Key: Value{}, Hash: uint32(e.Value.Uint64())}
		for i, l := range layout {
			w.Key[l.Name] = decimal(e.Args[i], l.Width, l.Signed)
		}
		first := new(big.Int).Mul(e.Value, big.NewInt(maxSteps))
		for _, o := range a.model.Entries(order[0]) {
			step := new(big.Int).Sub(o.Args[0], first)
			if step.Sign() >= 0 && step.Cmp(big.NewInt(maxSteps)) < 0 {
				w.Steps = append(w.Steps, Step{int(step.Int64()), int(o.Value.Int64())})
			}
		}
		slices.SortFunc(w.Steps, func(x, y Step) int { return cmp.Compare(x.Step, y.Step) })
		list = append(list, w)
	}
	return list
}

// walksAs says that keys meet the backends of a case.
func (a *attempt) walksAs(s *summary.State, walks []Walk) {
	b := a.path.Builder()
	layout, _ := s.Layout("hash")
	for _, w := range walks {
		var key summary.Value
		for _, l := range layout {
			n := integer(w.Key[l.Name])
			if n.Sign() < 0 {
				n.Add(n, new(big.Int).Lsh(big.NewInt(1), uint(l.Width)))
			}
			key = append(key, b.Const(n, l.Width))
		}
		hash := s.Read(a.path, "hash", key)[0]
		a.path.Fact(b.Eq(hash, b.Word(uint64(w.Hash), hash.Width())))
		for _, step := range w.Steps {
			at := b.Word(uint64(w.Hash)*maxSteps+uint64(step.Step), indexWidth)
			got := s.Read(a.path, "order", summary.Value{at})[0]
			a.path.Fact(b.Eq(got, b.Word(uint64(step.Backend), got.Width())))
		}
	}
}

// near wishes that keys find their backends after few steps.
func (w *wisher) near(o symbex.StateObject) {
	b, found := w.path.Builder(), w.applications()
	var all []*smt.Term
	for _, f := range functions(o.Before, "order") {
		for _, t := range found[f] {
			step := b.BVAnd(t.Args()[0], b.Word(maxSteps-1, indexWidth))
			all = append(all, b.BVULe(step, b.Word(fewSteps, indexWidth)))
		}
	}
	w.wish(b.And(all...))
}

// fewSteps is a number of steps that the compiled structure can be made to take.
const fewSteps = 1000
