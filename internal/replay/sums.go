package replay

import (
	"cmp"
	"math/big"
	"math/rand/v2"
	"slices"

	"vigor/internal/smt"
)

// A solver takes the sum of many bytes for any number. A case needs a frame whose sums are those numbers, or others with
// which all conditions hold as well: so some bytes are changed that no condition is about, as those of a checksum mostly
// are. The compiled NF decides whether that was enough.

// maxRepairs bounds the models that are tried for one case.
const maxRepairs = 200

// summed is a sum of bytes under a model.
type summed struct {
	term      *smt.Term
	of        smt.Array
	lo, count uint64
}

// repair makes the sums of the model those of its frame. If it finds no way to do so, the model stays, and is invented.
func (a *attempt) repair() {
	sums := a.sums()
	if len(sums) == 0 {
		return
	}
	began, r := a.model, &repairer{attempt: a, random: rand.New(rand.NewPCG(1, 1)), mentioned: a.mentioned(), equations: a.equations()}
	received := frame(smt.NewArray(a.run.Inputs.Frame), a.run.Inputs.Length, began)
	for n := range maxRepairs {
		a.model, r.data = began.Clone(), slices.Clone(received)
		if n > 0 {
			r.change(sums, n)
		}
		r.settle(sums)
		if n > 1 && len(r.equations) > 0 && r.random.IntN(2) == 0 {
			r.solve(r.equations[r.random.IntN(len(r.equations))])
			r.settle(sums)
		}
		if a.holdsUnder(a.model) {
			return
		}
	}
	a.model, a.invented = began, true
}

// repairer changes the frame of a model.
type repairer struct {
	*attempt
	random    *rand.Rand
	mentioned map[uint64]bool // bytes of the frame that something asked for is about
	equations []*smt.Term     // of sums of words that are spelt out
	data      []byte          // the frame that was received, as the model has it
}

// sums lists the sums on the way of the run and in what is asked for, shorter ones first.
func (a *attempt) sums() []summed {
	b := a.path.Builder()
	if a.run.Inputs.Length == nil {
		return nil // no packet has arrived
	}
	terms := slices.Concat(a.path.Condition(), a.kept)
	for _, s := range a.run.Sums {
		terms = append(terms, s.Term)
	}
	length, list := a.model.Eval(a.run.Inputs.Length).Uint64(), []summed(nil)
	for _, t := range b.Sums(terms...) {
		r, _ := b.SumOf(t)
		s := summed{t, r.Of, a.model.Eval(r.Lo).Uint64(), a.model.Eval(r.Length).Uint64()}
		if s.lo+s.count <= length { // else no header is there, and nothing depends on it
			list = append(list, s)
		}
	}
	slices.SortStableFunc(list, func(s, t summed) int { return cmp.Compare(s.count, t.count) })
	return list
}

// settle gives the sums the values that the frame's bytes have.
func (r *repairer) settle(sums []summed) {
	for _, s := range sums {
		args := []*big.Int{new(big.Int).SetUint64(s.lo), new(big.Int).SetUint64(s.count)}
		r.model.SetApp(s.term.Func(), args, r.added(s))
	}
}

// added is what the bytes of a sum add up to.
func (r *repairer) added(s summed) *big.Int {
	data := r.data
	if stores := s.of.Stores(); len(stores) > 0 {
		data = slices.Clone(data)
		for _, store := range stores {
			if at := r.model.Eval(store.Index).Uint64(); at < uint64(len(data)) {
				data[at] = byte(r.model.Eval(store.Value).Uint64())
			}
		}
	}
	sum := uint64(0)
	for k, octet := range data[s.lo : s.lo+s.count] {
		sum += uint64(octet) << (8 * (1 - k%2))
	}
	for sum > 0xFFFF {
		sum = sum&0xFFFF + sum>>16
	}
	return new(big.Int).SetUint64(sum)
}

// change has the sums come to what the model says, or, if that may be none that bytes can have, to what a right checksum
// gives, or to anything; each by one word of the frame, which no condition mentions if there is one. Besides, it makes
// noise: a sum may have to differ from another by a byte.
func (r *repairer) change(sums []summed, n int) {
	free := func(from, to, step uint64) []uint64 {
		var some, all []uint64
		for at := from; at < to; at += step {
			all = append(all, at)
			if !r.mentioned[at] && !r.mentioned[at+step-1] {
				some = append(some, at)
			}
		}
		if len(some) == 0 || n > maxRepairs/2 {
			return all
		}
		return some
	}
	for _, s := range sums {
		if at := free(s.lo, s.lo+s.count, 1); n > 1 && len(at) > 0 && r.random.IntN(2) == 0 {
			r.setByte(at[r.random.IntN(len(at))], r.random.Uint64N(256))
		}
		want := r.model.Eval(s.term)
		if want.Sign() == 0 && n%2 == 1 { // only zeros add up to 0
			for at := s.lo; at < s.lo+s.count; at++ {
				r.setByte(at, 0)
			}
			continue
		}
		switch choice := r.random.IntN(6); {
		case n == 1:
		case choice == 0:
			want.SetUint64(0xFFFF)
		case choice == 1:
			want.SetUint64(r.random.Uint64N(1 << 16))
		case choice == 2:
			continue
		}
		if at := free(s.lo, s.lo+s.count&^1, 2); len(at) > 0 {
			r.setWord(s, at[r.random.IntN(len(at))], want)
		}
	}
}

// setWord writes the word of the received frame with which a sum comes to want, for all others in it.
func (r *repairer) setWord(s summed, at uint64, want *big.Int) {
	r.write(at, want, func() *big.Int { return r.added(s) })
}

// write writes the word of the received frame with which a sum, which has it once, comes to want.
func (r *repairer) write(at uint64, want *big.Int, sum func() *big.Int) {
	set := func(v uint64) {
		r.setByte(at, v>>8)
		r.setByte(at+1, v&0xFF)
	}
	set(0)
	word := new(big.Int).Sub(want, sum())
	set(word.Mod(word, big.NewInt(0xFFFF)).Uint64())
	if word.Sign() == 0 && sum().Cmp(want) != 0 { // 0 and 0xFFFF are congruent
		set(0xFFFF)
	}
}

// equations lists what the conditions say of sums of words that are spelt out.
func (a *attempt) equations() []*smt.Term {
	var list []*smt.Term
	isSum := func(t *smt.Term) bool { return t.Op() == smt.OpOCAdd }
	smt.Visit(func(t *smt.Term) {
		if t.Op() == smt.OpEq && slices.ContainsFunc(t.Args(), isSum) {
			list = append(list, t)
		}
	}, a.path.Condition()...)
	return list
}

// solve makes an equation true by one of the words of the received frame that are added in it.
func (r *repairer) solve(equation *smt.Term) {
	sum, other := equation.Args()[0], equation.Args()[1]
	if sum.Op() != smt.OpOCAdd {
		sum, other = other, sum
	}
	var words []*smt.Term
	for _, w := range sum.Args() {
		octet := func(t *smt.Term) bool { return t.Op() == smt.OpApply && t.Func() == r.run.Inputs.Frame }
		if w.Op() == smt.OpConcat && len(w.Args()) == 2 && octet(w.Args()[0]) && octet(w.Args()[1]) {
			words = append(words, w.Args()[0].Args()[0])
		}
	}
	if len(words) > 0 {
		at := r.model.Eval(words[r.random.IntN(len(words))]).Uint64()
		r.write(at, r.model.Eval(other), func() *big.Int { return r.model.Eval(sum) })
	}
}

// setByte writes a byte of the received frame.
func (r *repairer) setByte(at, v uint64) {
	if at < uint64(len(r.data)) {
		r.data[at] = byte(v)
		r.model.SetApp(r.run.Inputs.Frame, []*big.Int{new(big.Int).SetUint64(at)}, new(big.Int).SetUint64(v))
	}
}

// mentioned are the bytes of the frame that something asked for is about.
func (a *attempt) mentioned() map[uint64]bool {
	found := map[uint64]bool{}
	smt.Visit(func(t *smt.Term) {
		if t.Func() == a.run.Inputs.Frame && t.Func() != nil {
			found[a.model.Eval(t.Args()[0]).Uint64()] = true
		}
	}, slices.Concat(a.path.Condition(), a.kept)...)
	return found
}
