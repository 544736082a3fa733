package ixgbe

import (
	"flag"
	"testing"

	"vigor/driver/check"
)

var long = flag.Bool("driver.long", false, "try more behaviours of devices")

// more is one number, or a larger one for longer tests.
func more(short, longer int) int {
	if *long {
		return longer
	}
	return short
}

// TestRandom runs the driver with devices that do at random what they may.
func TestRandom(t *testing.T) {
	for _, size := range []uint32{8, 64, 256} {
		if err := check.Random(rig, check.Options{Size: size}, more(10_000, 1_000_000), uint64(size)); err != nil {
			t.Errorf("rings of %d: %v", size, err)
		}
	}
}

// TestExhaustive runs the driver with all that devices can do in a small ring.
func TestExhaustive(t *testing.T) {
	n, err := check.Exhaustive(rig, check.Options{Size: 8}, 3, more(2, 3))
	if err != nil {
		t.Error(err)
	}
	t.Logf("%d behaviours", n)
}

// TestConcurrent runs the driver against a device in another goroutine.
func TestConcurrent(t *testing.T) {
	for _, size := range []uint32{8, 256} {
		if err := check.Concurrent(rig, check.Options{Size: size}, more(2000, 200_000), 1); err != nil {
			t.Errorf("rings of %d: %v", size, err)
		}
	}
}
