package libvig

import "math/bits"

// HashKey is the secret that selects the hash function of a map. A deployment draws it at random,
// so that whoever sends packets cannot choose keys that collide, nor tell indices that are to be random. Its zero value is no
// secret: keys are hashed by a function that everybody knows, and indices are given in order.
type HashKey = [5]uint64

// maxKeySize is the size in bytes of the largest key a map accepts.
const maxKeySize = 64

// hasher is one member of a family of hash functions: NH (Black, Halevi, Krawczyk, Krovetz and
// Rogaway, "UMAC", CRYPTO '99) compresses the key to 128 bits, multiply-shift (Dietzfelbinger et
// al., 1997) takes these to 32.
type hasher struct {
	nh    [maxKeySize / 8]uint64
	shift [3]uint64
}

// newHasher returns the function a secret selects. Keys of up to 16 bytes use the five words of
// the secret alone; the further words that longer keys need are derived from them.
//
// @ trusted
func newHasher(secret HashKey) hasher {
	secret = orKnown(secret)
	h := hasher{shift: [3]uint64{secret[2], secret[3], secret[4]}}
	h.nh[0], h.nh[1] = secret[0], secret[1]
	for i := 2; i < len(h.nh); i++ {
		h.nh[i] = mix(secret[i%5] + uint64(i)*0x9e3779b97f4a7c15)
	}
	return h
}

// hasherOf returns another function for each number, all selected by one secret.
//
// @ trusted
func hasherOf(secret HashKey, number uint64) hasher {
	secret = orKnown(secret)
	for i := range secret {
		secret[i] = mix(secret[i] + number)
	}
	return newHasher(secret)
}

// orKnown returns the secret, or in place of zeros, which are none, the first digits of pi: those hash as well, for everybody.
func orKnown(secret HashKey) HashKey {
	if isNone(secret) {
		return HashKey{0x243f6a8885a308d3, 0x13198a2e03707344, 0xa4093822299f31d0, 0x082efa98ec4e6c89, 0x452821e638d01377}
	}
	return secret
}

// isNone reports whether a secret is zeros. They are compared word by word, without a loop or a call.
func isNone(secret HashKey) bool { return secret[0]|secret[1]|secret[2]|secret[3]|secret[4] == 0 }

// mix is the bijective finalizer of SplitMix64 (Steele, Lea and Flood, OOPSLA 2014).
func mix(x uint64) uint64 {
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// hashKey returns the hash of a key. Keys of 16 and of 8 bytes are common, those of 6 are Ethernet
// addresses and those of 4 of IPv4; for each type the compiler keeps only the line of its size. For proofs it is some function of
// the hasher and the key.
//
// @ trusted
func hashKey[K any](h *hasher, k *K) uint32 {
	w := wordsOf(k)
	switch w.size {
	case 16:
		return h.sum16(w.pieces(0), w.pieces(8))
	case 8:
		return h.sum16(w.pieces(0), 0)
	case 6:
		return h.sum16(w.six(), 0)
	case 4:
		return h.sum16(w.four(), 0)
	}
	return h.sum(w)
}

// sum16 returns the hash of the two words of a key of 16 bytes.
func (h *hasher) sum16(a, b uint64) uint32 {
	hi, lo := bits.Mul64(a+h.nh[0], b+h.nh[1])
	return uint32((hi*h.shift[0] + lo*h.shift[1] + h.shift[2]) >> 32)
}

// sum returns the hash of a key of any size. The last word of a key of more than eight bytes overlaps the
// one before when the size is not a multiple of eight: as all keys of a map have one size,
// different keys still have different words.
func (h *hasher) sum(w words) uint32 {
	if w.size < 8 {
		return h.sum16(w.short(), 0)
	}
	var v [maxKeySize / 8]uint64
	last := w.size - 8
	for i := uintptr(0); i < last; i += 8 {
		v[i/8] = w.full(i)
	}
	v[(last+7)/8] = w.full(last)
	hi, lo := bits.Mul64(v[0]+h.nh[0], v[1]+h.nh[1])
	for i := 2; uintptr(i)*8 < w.size; i += 2 {
		hi2, lo2 := bits.Mul64(v[i]+h.nh[i], v[i+1]+h.nh[i+1])
		var carry uint64
		lo, carry = bits.Add64(lo, lo2, 0)
		hi, _ = bits.Add64(hi, hi2, carry)
	}
	return uint32((hi*h.shift[0] + lo*h.shift[1] + h.shift[2]) >> 32)
}
