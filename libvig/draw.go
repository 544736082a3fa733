package libvig

import "math/bits"

// draws is a place in a sequence of numbers that cannot be told from random ones without its key: SipHash-2-4 (Aumasson
// and Bernstein, "SipHash: a fast short-input PRF", INDOCRYPT 2012) of a counter. It has no more fields than pass in registers.
type draws struct {
	k0, k1 uint64 // key; zeros: all numbers are 0
	count  uint64
	word   uint64 // its low half is the number at this place; of every other place, its high half is that at the next
}

// newDraws returns the start of the sequence that a secret selects. Zeros are no secret: nothing is drawn.
//
// @ trusted
func newDraws(secret HashKey) (d draws) {
	if isNone(secret) {
		return d
	}
	for _, word := range secret {
		d.k0 = mix(d.k0 + word + 0x9e3779b97f4a7c15)
		d.k1 = mix(d.k1 ^ d.k0)
	}
	return d
}

// nextDraw returns the next place.
//
// @ trusted
func nextDraw(d draws) draws {
	if d.k0|d.k1 == 0 {
		return d
	}
	d.count++
	if d.count&1 == 0 {
		d.word >>= 32
	} else {
		d.word = d.sum()
	}
	return d
}

// drawNumber returns the number at a place.
//
// @ trusted
func drawNumber(d draws) uint32 { return uint32(d.word) }

// sum returns the hash of the 8 bytes of the counter, the least first.
func (d draws) sum() uint64 {
	const length = 8 << 56 // in bytes
	v0, v1 := d.k0^0x736f6d6570736575, d.k1^0x646f72616e646f6d
	v2, v3 := d.k0^0x6c7967656e657261, d.k1^0x7465646279746573
	v0, v1, v2, v3 = sipRounds(v0, v1, v2, v3^d.count)
	v0, v1, v2, v3 = sipRounds(v0^d.count, v1, v2, v3^length)
	v0, v1, v2, v3 = sipRounds(v0^length, v1, v2^0xff, v3)
	v0, v1, v2, v3 = sipRounds(v0, v1, v2, v3)
	return v0 ^ v1 ^ v2 ^ v3
}

// sipRounds does two rounds of SipHash.
func sipRounds(v0, v1, v2, v3 uint64) (uint64, uint64, uint64, uint64) {
	for range 2 {
		v0, v2 = v0+v1, v2+v3
		v1, v3 = bits.RotateLeft64(v1, 13)^v0, bits.RotateLeft64(v3, 16)^v2
		v0 = bits.RotateLeft64(v0, 32)
		v2, v0 = v2+v1, v0+v3
		v1, v3 = bits.RotateLeft64(v1, 17)^v2, bits.RotateLeft64(v3, 21)^v0
		v2 = bits.RotateLeft64(v2, 32)
	}
	return v0, v1, v2, v3
}
