package virtio

import (
	"flag"
	"fmt"
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
	for _, o := range []check.Options{
		{Size: 1}, {Size: 4, Variant: 1}, {Size: 8, Lazy: true, Variant: 2}, {Size: 256, Variant: 0x53},
		{Size: 1024, Lazy: true, Variant: 0x7f7}, {Size: 64, Variant: 4},
	} {
		t.Run(fmt.Sprintf("%+v", o), func(t *testing.T) {
			if err := check.Random(rig, o, more(10_000, 1_000_000), 1); err != nil {
				t.Error(err)
			}
		})
	}
}

// TestWrap runs the driver until the indices of its rings, which have 16 bits, start anew.
func TestWrap(t *testing.T) {
	if err := check.Random(rig, check.Options{Size: 32}, 1<<16+100, 2); err != nil {
		t.Error(err)
	}
}

// TestExhaustive runs the driver with all that devices can do in a small ring.
func TestExhaustive(t *testing.T) {
	for _, o := range []check.Options{{Size: 2}, {Size: 2, Lazy: true, Variant: 3}} {
		n, err := check.Exhaustive(rig, o, 3, more(4, 6))
		if err != nil {
			t.Errorf("%+v: %v", o, err)
		}
		t.Logf("%+v: %d behaviours", o, n)
	}
}

// TestConcurrent runs the driver against a device in another goroutine.
func TestConcurrent(t *testing.T) {
	for _, o := range []check.Options{{Size: 2}, {Size: 16, Variant: 1}, {Size: 256}} {
		if err := check.Concurrent(rig, o, more(2000, 200_000), 1); err != nil {
			t.Errorf("%+v: %v", o, err)
		}
	}
}
