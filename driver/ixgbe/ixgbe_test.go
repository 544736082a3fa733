package ixgbe

import (
	"testing"

	"vigor/driver/check"
)

// TestRandom runs the driver with devices that do at random what they may.
func TestRandom(t *testing.T) {
	for _, size := range []uint32{8, 64, 256} {
		if err := check.Random(rig, check.Options{Size: size}, 10_000, uint64(size)); err != nil {
			t.Errorf("rings of %d: %v", size, err)
		}
	}
}

// TestExhaustive runs the driver with all that devices can do in a small ring.
func TestExhaustive(t *testing.T) {
	n, err := check.Exhaustive(rig, check.Options{Size: 8}, 3, 2)
	if err != nil {
		t.Error(err)
	}
	t.Logf("%d behaviours", n)
}

// TestConcurrent runs the driver against a device in another goroutine.
func TestConcurrent(t *testing.T) {
	for _, size := range []uint32{8, 256} {
		if err := check.Concurrent(rig, check.Options{Size: size}, 2000, 1); err != nil {
			t.Errorf("rings of %d: %v", size, err)
		}
	}
}
