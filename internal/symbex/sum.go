package symbex

import (
	"go/types"

	"vigor/internal/smt"
)

// Sum is a sum of bytes of the frame, as [smt.Builder.Sum] has made it.
type Sum struct {
	Range smt.Range
	Term  *smt.Term
}

// sumBytes is the end-around-carry sum of the words of a slice of bytes, 16 bits (RFC 1071): of a part of the frame,
// or of a variable of which the part is fixed.
func (m *Machine) sumBytes(s Slice) *smt.Term {
	if s.Base.Object == nil {
		return m.b.Word(0, 16) // nil has no bytes
	}
	if frame, ok := m.memory[s.Base.Object].(Bytes); ok {
		lo := m.p.Simplify(m.b.BVAdd(m.byteOffset(s.Base.Path), s.Offset))
		r := smt.Range{Of: frame.Array, Lo: m.frameIndex(lo, 0), Length: m.frameIndex(m.p.Simplify(s.Len), 0)}
		sum := m.b.Sum(r, m.p.Simplify)
		m.sums = append(m.sums, Sum{r, sum})
		return sum
	}
	n, ok := constantOf(m.p.Simplify(s.Len))
	if !ok || n > maxMake || m.isList(s) {
		panic(unsupported("the sum of a part of a variable whose length is no small constant"))
	}
	words := make([]*smt.Term, 0, n/2+1)
	for i := uint64(0); i < n; i += 2 {
		first, second := m.byteOf(s, i), m.b.Word(0, 8)
		if i+1 < n {
			second = m.byteOf(s, i+1)
		}
		words = append(words, m.b.Concat(first, second))
	}
	return m.b.OCAdd(words...)
}

// byteOf is s[i] of a slice of bytes.
func (m *Machine) byteOf(s Slice, i uint64) *smt.Term {
	return m.load(m.element(s, m.b.Word(i, 64)), types.Typ[types.Uint8]).(Scalar).Term
}
