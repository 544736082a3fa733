package symbex

import (
	"fmt"
	"go/types"
	"math/big"

	"golang.org/x/tools/go/ssa"

	"vigor/internal/diag"
	"vigor/internal/smt"
)

// inRange proves 0 <= index < length at an index expression.
func (m *Machine) inRange(f *frame, index, length *smt.Term) {
	m.prove(f, m.b.BVULt(index, length), diag.IndexOutOfRange, func(value diag.Valuer) string {
		return fmt.Sprintf("index out of range: index is %d, length is %s",
			signed64(value(index)), value(length))
	})
}

// index64 is an index operand as a 64-bit term; a negative one becomes a huge one.
func (m *Machine) index64(f *frame, v ssa.Value) *smt.Term {
	t := m.scalar(f, v)
	if t.Width() == 64 {
		return t
	}
	if _, signed, _ := width(v.Type()); signed {
		return m.b.SignExtend(t, 64)
	}
	return m.b.ZeroExtend(t, 64)
}

// index is a[i] of an array value.
func (m *Machine) index(f *frame, v *ssa.Index) Value {
	elems, ok := m.operand(f, v.X).(Aggregate)
	if !ok {
		panic(unsupported("%s", describeInstruction(v)))
	}
	index := m.index64(f, v.Index)
	m.inRange(f, index, m.b.Word(uint64(len(elems)), 64))
	return m.readElement(elems, []step{{index: index}}, v.Type())
}

// indexAddr is &s[i] of a slice, or &p[i] of a pointer to an array.
func (m *Machine) indexAddr(f *frame, v *ssa.IndexAddr) Value {
	index := m.index64(f, v.Index)
	if s, ok := m.operand(f, v.X).(Slice); ok {
		m.inRange(f, index, s.Len)
		return m.element(s, index)
	}
	p := m.pointer(f, v.X)
	array := v.X.Type().Underlying().(*types.Pointer).Elem().Underlying().(*types.Array)
	m.inRange(f, index, m.b.Word(uint64(array.Len()), 64))
	return p.at(step{index: index})
}

// element is the address of s[i].
func (m *Machine) element(s Slice, i *smt.Term) Pointer {
	if s.Base.Object == nil {
		return Pointer{}
	}
	return s.Base.at(step{index: m.b.BVAdd(s.Offset, i)})
}

// slice is x[low:high:max] of a slice or of a pointer to an array.
func (m *Machine) slice(f *frame, v *ssa.Slice) Value {
	s, ok := m.operand(f, v.X).(Slice)
	if !ok {
		s = m.arrayAsSlice(f, v)
	}
	if m.isList(s) {
		panic(listPart("this takes a part of a list of the configuration"))
	}
	low, high, max := m.b.Word(0, 64), s.Len, s.Cap
	if v.Low != nil {
		low = m.index64(f, v.Low)
	}
	if v.High != nil {
		high = m.index64(f, v.High)
	}
	if v.Max != nil {
		max = m.index64(f, v.Max)
	}
	m.sliceBounds(f, low, high, max, s.Cap)
	return Slice{ // simplified, for everything below is computed from these
		Base:   s.Base,
		Offset: m.p.Simplify(m.b.BVAdd(s.Offset, low)),
		Len:    m.p.Simplify(m.b.BVSub(high, low)),
		Cap:    m.p.Simplify(m.b.BVSub(max, low)),
		Nil:    m.p.Simplify(s.Nil),
	}
}

// sliceBounds proves 0 <= low <= high <= max <= cap. Unsigned comparison refuses negative bounds, for
// no capacity reaches 2^63.
func (m *Machine) sliceBounds(f *frame, low, high, max, cap *smt.Term) {
	b := m.b
	holds := b.And(b.BVULe(max, cap), b.BVULe(high, max), b.BVULe(low, high))
	m.prove(f, holds, diag.SliceOutOfRange, func(value diag.Valuer) string {
		return fmt.Sprintf("slice bounds out of range: [%d:%d] of capacity %s",
			signed64(value(low)), signed64(value(high)), value(cap))
	})
}

func (m *Machine) arrayAsSlice(f *frame, v *ssa.Slice) Slice {
	if _, ok := v.X.Type().Underlying().(*types.Pointer); !ok {
		panic(unsupported("a slice of a %s", v.X.Type()))
	}
	p := m.pointer(f, v.X)
	array := v.X.Type().Underlying().(*types.Pointer).Elem().Underlying().(*types.Array)
	n := m.b.Word(uint64(array.Len()), 64)
	return Slice{Base: p, Offset: m.b.Word(0, 64), Len: n, Cap: n, Nil: m.b.False()}
}

// sliceToArray is (*[n]T)(s): a view of s, not a copy. The frame has windows anywhere; of another array
// only the whole is one.
func (m *Machine) sliceToArray(f *frame, v *ssa.SliceToArrayPointer) Value {
	s := m.operand(f, v.X).(Slice)
	n := v.Type().Underlying().(*types.Pointer).Elem().Underlying().(*types.Array).Len()
	want := m.b.Word(uint64(n), 64)
	m.prove(f, m.b.BVULe(want, s.Len), diag.SliceOutOfRange, func(value diag.Valuer) string {
		return fmt.Sprintf("slice of length %s is converted to an array of %d", value(s.Len), n)
	})
	switch {
	case s.Base.Object == nil:
		return Pointer{}
	case n == 0:
		panic(unsupported("an array of length 0 in a slice"))
	}
	if _, frame := m.memory[s.Base.Object].(Bytes); frame {
		return s.Base.at(step{index: s.Offset})
	}
	if start, ok := constantOf(s.Offset); !ok || start != 0 {
		panic(unsupported("an array inside a slice of a variable"))
	}
	m.load(s.Base, v.Type().Underlying().(*types.Pointer).Elem()) // refuses another length
	return s.Base
}

// copy is the built-in: it reads all elements before it writes one, for the slices may overlap. Their
// number must come to a constant.
func (m *Machine) copy(f *frame, args []ssa.Value) Value {
	dst, okDst := m.operand(f, args[0]).(Slice)
	src, okSrc := m.operand(f, args[1]).(Slice)
	if !okDst || !okSrc {
		panic(unsupported("a copy from a string"))
	}
	count := m.p.Simplify(m.b.Ite(m.b.BVULt(dst.Len, src.Len), dst.Len, src.Len))
	n, ok := constantOf(count)
	if !ok || n > maxMake {
		panic(unsupported("a copy of a number of elements that is no small constant"))
	}
	elem := args[0].Type().Underlying().(*types.Slice).Elem()
	values := make([]Value, n)
	for i := range values {
		values[i] = m.load(m.element(src, m.b.Word(uint64(i), 64)), elem)
	}
	for i, v := range values {
		m.store(m.element(dst, m.b.Word(uint64(i), 64)), v)
	}
	return Scalar{count}
}

// makeSlice is make([]T, n) with a constant length.
func (m *Machine) makeSlice(f *frame, v *ssa.MakeSlice) Value {
	n, ok := constantOf(m.index64(f, v.Len))
	c, okCap := constantOf(m.index64(f, v.Cap))
	if !ok || !okCap || n > c || c > maxMake {
		panic(unsupported("make of a slice whose length is no small constant: keep state in libvig"))
	}
	elem := v.Type().Underlying().(*types.Slice).Elem()
	o := m.alloc("make", types.NewArray(elem, int64(c)))
	return Slice{Base: Pointer{Object: o}, Offset: m.b.Word(0, 64), Len: m.b.Word(n, 64),
		Cap: m.b.Word(c, 64), Nil: m.b.False()}
}

// maxMake bounds the arrays that New may allocate outside libvig, in elements.
const maxMake = 256

// signed64 reads a 64-bit value as Go's int does.
func signed64(v *big.Int) int64 { return int64(v.Uint64()) }
