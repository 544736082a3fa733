package smt

import (
	"slices"
	"strconv"
	"strings"
)

// maxSummed is the largest number of bytes that Sum adds up one by one: those of the longest IPv4 header.
const maxSummed = 60

// Range is a part of an array: the bytes at the indices Lo, Lo+1, …, as many as Length says. Both have the width of
// indices, 16 bits for a frame, and Lo+Length must not exceed what has that width.
type Range struct {
	Of         Array
	Lo, Length *Term
}

// Sum is the end-around-carry sum, 16 bits, of the bytes of a range, two by two, the more significant first, and an odd
// last one with 0 behind it (RFC 1071). decide gives for a condition a term that is equal to it wherever the sum is used.
//
// It is an uninterpreted function of Lo and Length, one for each content of an array: what holds for all functions holds
// for the sums, too. Nothing is known of two different contents, but that a store outside of the range makes no
// difference. Where there were stores inside and the length is a small constant, the sum is made of the bytes.
func (b *Builder) Sum(r Range, decide func(*Term) *Term) *Term {
	kept := b.inside(r, decide)
	stores := kept.Stores()
	if n, ok := r.Length.Word(); ok && n <= maxSummed && (len(stores) > 0 || n == 0) {
		return b.SumBytes(r, decide)
	}
	var id []string
	for _, s := range stores {
		id = append(id, strconv.Itoa(s.Index.id)+"."+strconv.Itoa(s.Value.id))
	}
	width := r.Lo.width
	f := b.Func(string(Remainder)+between+r.Of.base.Name+between+strings.Join(id, "+"), []int{width, width}, 16)
	b.summed[f] = kept
	return b.Apply(f, r.Lo, r.Length)
}

// inside is the array of a range without the stores that are decidedly outside.
func (b *Builder) inside(r Range, decide func(*Term) *Term) Array {
	kept := Array{base: r.Of.base}
	for _, s := range r.Of.Stores() {
		if !decide(b.outside(s, r)).IsTrue() {
			kept = kept.Store(s.Index, s.Value)
		}
	}
	return kept
}

// SameRange is a condition under which two ranges are the same bytes: they are at the same indices, and what was stored
// in one array and not in the other is outside.
func (b *Builder) SameRange(r, s Range) *Term {
	same := b.And(b.Eq(r.Lo, s.Lo), b.Eq(r.Length, s.Length), b.Bool(r.Of.base == s.Of.base))
	x, y := r.Of.Stores(), s.Of.Stores()
	for len(x) > 0 && len(y) > 0 && x[0] == y[0] {
		x, y = x[1:], y[1:]
	}
	for _, store := range slices.Concat(x, y) {
		same = b.And(same, b.outside(store, r))
	}
	return same
}

// outside is the condition that a store changes nothing in a range.
func (b *Builder) outside(s Store, r Range) *Term {
	return b.Or(b.BVULt(s.Index, r.Lo), b.BVULe(b.BVAdd(r.Lo, r.Length), s.Index))
}

// SumBytes is the same sum, made of the bytes, whose number must be a constant.
func (b *Builder) SumBytes(r Range, decide func(*Term) *Term) *Term {
	n, ok := r.Length.Word()
	if !ok {
		panic("smt: as many bytes as " + r.Length.String())
	}
	octet := func(k uint64) *Term {
		if k == n {
			return b.Word(0, 8)
		}
		return b.SelectBy(r.Of, b.BVAdd(r.Lo, b.Word(k, r.Lo.width)), decide)
	}
	words := make([]*Term, 0, n/2+1)
	for k := uint64(0); k < n; k += 2 {
		words = append(words, b.Concat(octet(k), octet(k+1)))
	}
	return b.OCAdd(words...)
}

// SumOf gives the range that t sums, if t is a sum that [Builder.Sum] left uninterpreted.
func (b *Builder) SumOf(t *Term) (Range, bool) {
	if t.op != OpApply {
		return Range{}, false
	}
	a, ok := b.summed[t.fn]
	if !ok {
		return Range{}, false
	}
	return Range{a, t.args[0], t.args[1]}, true
}

// Sums lists the sums in terms that [Builder.Sum] left uninterpreted, in the order of their creation.
func (b *Builder) Sums(in ...*Term) []*Term {
	var list []*Term
	Visit(func(t *Term) {
		if _, ok := b.SumOf(t); ok {
			list = append(list, t)
		}
	}, in...)
	slices.SortFunc(list, byID)
	return list
}
