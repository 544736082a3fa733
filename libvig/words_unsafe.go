package libvig

import "unsafe"

// words reads the memory of a key as 64-bit words. It holds the key's address and must not outlive
// the key.
type words struct {
	start unsafe.Pointer
	size  uintptr // in bytes, at least 1
}

// wordsOf returns the reader of a key. The key's type must be free of padding, whose bytes are
// undefined, and of pointers.
func wordsOf[K any](k *K) words {
	return words{unsafe.Pointer(k), unsafe.Sizeof(*k)}
}

// sizeOf returns the size of a K in bytes. No other keys than those of 1 to 64 bytes are let in where a
// network function is verified.
//
// @ trusted
// @ ensures 1 <= result && result <= 64
func sizeOf[K any]() uintptr {
	var k K
	return unsafe.Sizeof(k)
}

// full returns the eight bytes at an offset, in the machine's byte order. The caller keeps
// offset + 8 <= size. The load may be unaligned, which amd64 and arm64 allow.
func (w words) full(offset uintptr) uint64 {
	return *(*uint64)(unsafe.Add(w.start, offset))
}

// pieces is what full returns on a little endian machine, read two bytes at a time. Fields of a key have
// commonly just been stored one by one, and a processor passes a store on to a later load only if the
// store covers the load. (Joined by |, the compiler would make one load of the four.)
func (w words) pieces(offset uintptr) uint64 {
	p := unsafe.Add(w.start, offset)
	return uint64(*(*uint16)(p)) + uint64(*(*uint16)(unsafe.Add(p, 2)))<<16 +
		uint64(*(*uint16)(unsafe.Add(p, 4)))<<32 + uint64(*(*uint16)(unsafe.Add(p, 6)))<<48
}

// short returns all bytes of a key smaller than eight bytes. Those of 4 to 7 bytes are read as two
// halves that overlap: the bytes that both have are the same, and the machine is little endian, as amd64
// and arm64 are.
func (w words) short() uint64 {
	if w.size >= 4 {
		first := uint64(*(*uint32)(w.start))
		last := uint64(*(*uint32)(unsafe.Add(w.start, w.size-4)))
		return first | last<<(8*(w.size-4))
	}
	v := uint64(0)
	for i := w.size; i > 0; i-- {
		v = v<<8 | uint64(*(*byte)(unsafe.Add(w.start, i-1)))
	}
	return v
}
