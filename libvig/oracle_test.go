package libvig

import (
	"fmt"
	"math/rand/v2"
)

// oracle runs a structure beside a plain description of what it must hold.
type oracle interface {
	step(op byte, arg int) error // performs one operation on both
	compare() error              // tells the first difference between them
}

// play performs one operation per pair of bytes and returns the first disagreement.
func play(o oracle, script []byte) error {
	for n := 0; n+1 < len(script); n += 2 {
		err := o.step(script[n], int(script[n+1]))
		if err == nil {
			err = o.compare()
		}
		if err != nil {
			return fmt.Errorf("after %d operations: %w", n/2+1, err)
		}
	}
	return nil
}

// poolOf returns n different keys.
func poolOf[K comparable](n int, key func(n uint64) K) []K {
	pool := make([]K, n)
	for i := range pool {
		pool[i] = key(uint64(i))
	}
	return pool
}

// scriptOf returns random operations.
func scriptOf(seed uint64, operations int) []byte {
	r := rand.New(rand.NewPCG(seed, 1))
	script := make([]byte, 2*operations)
	for i := range script {
		script[i] = byte(r.Uint32())
	}
	return script
}
