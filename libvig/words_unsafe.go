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

// six returns what short does of a key of six bytes, such as an Ethernet address, without a loop.
func (w words) six() uint64 {
	return uint64(*(*uint16)(w.start)) + uint64(*(*uint16)(unsafe.Add(w.start, 2)))<<16 +
		uint64(*(*uint16)(unsafe.Add(w.start, 4)))<<32
}

// four returns what short does of a key of four bytes.
func (w words) four() uint64 {
	return uint64(*(*uint16)(w.start)) + uint64(*(*uint16)(unsafe.Add(w.start, 2)))<<16
}

// short returns all bytes of a key smaller than eight bytes, little endian, read two bytes at a time as
// in pieces.
func (w words) short() uint64 {
	v, i := uint64(0), uintptr(0)
	for ; i+2 <= w.size; i += 2 {
		v += uint64(*(*uint16)(unsafe.Add(w.start, i))) << (8 * i)
	}
	if i < w.size {
		v += uint64(*(*byte)(unsafe.Add(w.start, i))) << (8 * i)
	}
	return v
}
