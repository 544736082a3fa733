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

// repair makes the sums of the model those of its frame. If it finds no way to do so, the model stays.
func (a *attempt) repair() {
	sums := a.sums()
	if len(sums) == 0 {
		return
	}
	began, random := a.model, rand.New(rand.NewPCG(1, 1))
	for n := range maxRepairs {
		a.model = began.Clone()
		if n > 0 {
			a.change(sums, n, random)
		}
		a.settle(sums)
		if equations := a.equations(); n > 1 && len(equations) > 0 && random.IntN(2) == 0 {
			a.solve(equations[random.IntN(len(equations))], random)
			a.settle(sums)
		}
		if a.holdsUnder(a.model) {
			return
		}
	}
	a.model = began
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
func (a *attempt) settle(sums []summed) {
	for _, s := range sums {
		args := []*big.Int{new(big.Int).SetUint64(s.lo), new(big.Int).SetUint64(s.count)}
		a.model.SetApp(s.term.Func(), args, a.added(s))
	}
}

// added is what the bytes of the model's frame add up to.
func (a *attempt) added(s summed) *big.Int {
	sum := uint64(0)
	for k, octet := range content(s.of, s.lo+s.count, a.model)[s.lo:] {
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
func (a *attempt) change(sums []summed, n int, random *rand.Rand) {
	mentioned := a.mentioned()
	free := func(from, to, step uint64) []uint64 {
		var some, all []uint64
		for at := from; at < to; at += step {
			all = append(all, at)
			if !mentioned[at] && !mentioned[at+step-1] {
				some = append(some, at)
			}
		}
		if len(some) == 0 || n > maxRepairs/2 {
			return all
		}
		return some
	}
	for _, s := range sums {
		if at := free(s.lo, s.lo+s.count, 1); n > 1 && len(at) > 0 && random.IntN(2) == 0 {
			a.setByte(at[random.IntN(len(at))], random.Uint64N(256))
		}
		want := a.model.Eval(s.term)
		if want.Sign() == 0 && n%2 == 1 { // only zeros add up to 0
			for at := s.lo; at < s.lo+s.count; at++ {
				a.setByte(at, 0)
			}
			continue
		}
		switch choice := random.IntN(6); {
		case n == 1:
		case choice == 0:
			want.SetUint64(0xFFFF)
		case choice == 1:
			want.SetUint64(random.Uint64N(1 << 16))
		case choice == 2:
			continue
		}
		if at := free(s.lo, s.lo+s.count&^1, 2); len(at) > 0 {
			a.setWord(s, at[random.IntN(len(at))], want)
		}
	}
}

// setWord writes the word of the received frame with which a sum comes to want, for all others in it.
func (a *attempt) setWord(s summed, at uint64, want *big.Int) {
	a.write(at, want, func() *big.Int { return a.added(s) })
}

// write writes the word of the received frame with which a sum, which has it once, comes to want.
func (a *attempt) write(at uint64, want *big.Int, sum func() *big.Int) {
	set := func(v uint64) {
		a.setByte(at, v>>8)
		a.setByte(at+1, v&0xFF)
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
func (a *attempt) solve(equation *smt.Term, random *rand.Rand) {
	sum, other := equation.Args()[0], equation.Args()[1]
	if sum.Op() != smt.OpOCAdd {
		sum, other = other, sum
	}
	var words []*smt.Term
	for _, w := range sum.Args() {
		octet := func(t *smt.Term) bool { return t.Op() == smt.OpApply && t.Func() == a.run.Inputs.Frame }
		if w.Op() == smt.OpConcat && len(w.Args()) == 2 && octet(w.Args()[0]) && octet(w.Args()[1]) {
			words = append(words, w.Args()[0].Args()[0])
		}
	}
	if len(words) > 0 {
		at := a.model.Eval(words[random.IntN(len(words))]).Uint64()
		a.write(at, a.model.Eval(other), func() *big.Int { return a.model.Eval(sum) })
	}
}

// setByte writes a byte of the received frame.
func (a *attempt) setByte(at, v uint64) {
	a.model.SetApp(a.run.Inputs.Frame, []*big.Int{new(big.Int).SetUint64(at)}, new(big.Int).SetUint64(v))
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
