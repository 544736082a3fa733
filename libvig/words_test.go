package libvig

import (
	"encoding/binary"
	"math/rand/v2"
	"testing"
)

// short reads a key of n bytes.
func short[K any](k K) uint64 { return wordsOf(&k).short() }

// TestShortKeys: the word of a short key is made of all its bytes and no other, so that different keys
// have different words.
func TestShortKeys(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	for range 2000 {
		var b [8]byte
		binary.LittleEndian.PutUint64(b[:], r.Uint64())
		for size, got := range []uint64{
			1: short([1]byte(b[:1])), 2: short([2]byte(b[:2])), 3: short([3]byte(b[:3])), 4: short([4]byte(b[:4])),
			5: short([5]byte(b[:5])), 6: short([6]byte(b[:6])), 7: short([7]byte(b[:7])),
		} {
			want := binary.LittleEndian.Uint64(b[:]) & (1<<(8*size) - 1)
			if size > 0 && got != want {
				t.Fatalf("%d bytes of % x: got %x, want %x", size, b, got, want)
			}
		}
	}
}

// TestHashOfSizes: the lines for common sizes give what the one for any size does.
func TestHashOfSizes(t *testing.T) {
	r := rand.New(rand.NewPCG(2, 2))
	for range 2000 {
		h := newHasher(HashKey{r.Uint64(), r.Uint64(), r.Uint64(), r.Uint64(), r.Uint64()})
		var b [16]byte
		binary.LittleEndian.PutUint64(b[:], r.Uint64())
		binary.LittleEndian.PutUint64(b[8:], r.Uint64())
		k4, k6, k8 := [4]byte(b[:4]), [6]byte(b[:6]), [8]byte(b[:8])
		for size, got := range map[int][2]uint32{
			4: {hashKey(&h, &k4), h.sum(wordsOf(&k4))}, 6: {hashKey(&h, &k6), h.sum(wordsOf(&k6))},
			8: {hashKey(&h, &k8), h.sum(wordsOf(&k8))}, 16: {hashKey(&h, &b), h.sum(wordsOf(&b))},
		} {
			if got[0] != got[1] {
				t.Fatalf("%d bytes of % x: got %x, want %x", size, b, got[0], got[1])
			}
		}
	}
}
