package symbex

import (
	"go/types"
	"maps"

	"vigor/internal/smt"
)

// memory maps each object to its content. Contents are immutable, so a copy of the map is a snapshot.
type memory map[*Object]Value

func (m memory) clone() memory { return maps.Clone(m) }

// load reads the place p as a value of Go type t.
func (m *Machine) load(p Pointer, t types.Type) Value {
	if p.Object == nil {
		return zero(m.b, t) // the obligation "not nil" fails wherever this is reached
	}
	return m.read(m.memory[p.Object], p.Path, t)
}

func (m *Machine) read(v Value, path []step, t types.Type) Value {
	switch content := v.(type) {
	case Structure: // a copy shares its memory with the original
		panic(unsupported("a copy of a libvig structure"))
	case Bytes:
		return m.readBytes(content, path, t)
	case Elements:
		return m.readList(content.List, path, t)
	case Aggregate:
		if len(path) == 0 {
			return m.whole(content, t)
		}
		if path[0].index == nil {
			return m.read(content[path[0].field], path[1:], t)
		}
		return m.readElement(content, path, t)
	}
	if len(path) != 0 {
		panic(unsupported("an access inside a %s", describe(v)))
	}
	return v
}

// whole refuses to read an array through a window of another length.
func (m *Machine) whole(content Aggregate, t types.Type) Value {
	if a, ok := t.Underlying().(*types.Array); ok && int(a.Len()) != len(content) {
		panic(unsupported("an array pointer into a longer array"))
	}
	return content
}

// readElement reads at an index: directly if it is a constant, else by a choice among all elements.
// The caller has proved the index to be in range.
func (m *Machine) readElement(elems Aggregate, path []step, t types.Type) Value {
	index := path[0].index
	if i, ok := constantOf(index); ok && i < uint64(len(elems)) {
		return m.read(elems[i], path[1:], t)
	} else if ok || len(elems) == 0 {
		return zero(m.b, t) // the obligation on the index fails wherever this is reached
	}
	result := m.read(elems[len(elems)-1], path[1:], t)
	for i := len(elems) - 2; i >= 0; i-- {
		here := m.b.Eq(index, m.b.Word(uint64(i), 64))
		merged, ok := m.merge(here, m.read(elems[i], path[1:], t), result)
		if !ok {
			panic(unsupported("a variable index into an array of %ss", describe(elems[i])))
		}
		result = merged
	}
	return result
}

// readBytes reads one byte, or an array of bytes, of the frame. Indices along the path add up: an array
// pointer made from a slice is a window.
func (m *Machine) readBytes(content Bytes, path []step, t types.Type) Value {
	at := m.byteOffset(path)
	if a, ok := t.Underlying().(*types.Array); ok {
		elems := make(Aggregate, a.Len())
		for i := range elems {
			elems[i] = Scalar{m.b.Select(content.Array, m.frameIndex(at, i))}
		}
		return elems
	}
	return Scalar{m.b.Select(content.Array, m.frameIndex(at, 0))}
}

func (m *Machine) byteOffset(path []step) *smt.Term {
	at := m.b.Word(0, 64)
	for _, s := range path {
		if s.index == nil {
			panic(unsupported("a field access inside a byte array"))
		}
		at = m.b.BVAdd(at, s.index)
	}
	return at
}

// frameIndex is offset at+i as an index of the frame's array; frames are at most 65535 bytes long.
func (m *Machine) frameIndex(at *smt.Term, i int) *smt.Term {
	return m.b.Extract(m.b.BVAdd(at, m.b.Word(uint64(i), 64)), frameIndexWidth-1, 0)
}

// store writes v to the place p; in a folded region only where the guard holds.
func (m *Machine) store(p Pointer, v Value) {
	if p.Object == nil {
		return
	}
	m.refuseFrozen(p.Object)
	m.memory[p.Object] = m.write(m.memory[p.Object], p.Path, v)
}

func (m *Machine) write(old Value, path []step, v Value) Value {
	if content, ok := old.(Bytes); ok {
		return m.writeBytes(content, path, v)
	}
	switch content := old.(type) {
	case Structure:
		panic(unsupported("a store over a libvig structure"))
	case Elements:
		panic(listChanged(content.List))
	}
	if len(path) == 0 {
		return m.underGuard(v, old)
	}
	parts, ok := old.(Aggregate)
	if !ok {
		panic(unsupported("a store inside a %s", describe(old)))
	}
	updated := append(Aggregate{}, parts...)
	if path[0].index == nil {
		updated[path[0].field] = m.write(parts[path[0].field], path[1:], v)
		return updated
	}
	m.writeElement(updated, path, v)
	return updated
}

func (m *Machine) writeElement(elems Aggregate, path []step, v Value) {
	index := path[0].index
	if i, ok := constantOf(index); ok {
		if i < uint64(len(elems)) {
			elems[i] = m.write(elems[i], path[1:], v)
		}
		return
	}
	for i, old := range elems {
		here := m.b.Eq(index, m.b.Word(uint64(i), 64))
		merged, ok := m.merge(here, m.write(old, path[1:], v), old)
		if !ok {
			panic(unsupported("a store at a variable index into an array of %ss", describe(old)))
		}
		elems[i] = merged
	}
}

func (m *Machine) writeBytes(content Bytes, path []step, v Value) Value {
	at := m.byteOffset(path)
	array := content.Array
	for i, leaf := range leaves(v, nil) {
		index := m.frameIndex(at, i)
		array = array.Store(index, m.choose(m.guard, leaf, m.b.Select(array, index)))
	}
	return Bytes{array}
}

// underGuard is v where the guard of the folded region holds, else old.
func (m *Machine) underGuard(v, old Value) Value {
	if m.guard.IsTrue() {
		return v
	}
	merged, ok := m.merge(m.guard, v, old)
	if !ok {
		panic(cannotMerge{})
	}
	return merged
}

// constantOf returns the value of a constant term of at most 64 bits.
func constantOf(t *smt.Term) (uint64, bool) {
	v, ok := t.Const()
	if !ok || !v.IsUint64() {
		return 0, false
	}
	return v.Uint64(), true
}
