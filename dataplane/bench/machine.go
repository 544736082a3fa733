package bench

import "math/rand/v2"

// chaseStride is the distance between cells of a chase: a cache line holds no two.
const chaseStride = 64

// chase is the time in nanoseconds of a read whose address is the result of the read before, in memory
// of so many bytes, in random order: the least of some runs.
func chase(size int) float64 {
	cells := make([][chaseStride / 4]uint32, max(size/chaseStride, 2))
	order := rand.New(rand.NewPCG(1, 1)).Perm(len(cells))
	for i, cell := range order {
		cells[cell][0] = uint32(order[(i+1)%len(order)])
	}
	const reads = 1 << 20
	at, best := uint32(0), int64(0)
	for run := range 4 { // the first warms caches
		before := threadTime()
		for range reads {
			at = cells[at][0]
		}
		if used := threadTime() - before; run == 1 || run > 1 && used < best {
			best = used
		}
	}
	sink = at
	return float64(best) / reads
}

// sink keeps the compiler from leaving out a chase.
var sink uint32
