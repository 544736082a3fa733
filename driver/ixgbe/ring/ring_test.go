package ring_test

import (
	"reflect"
	"testing"

	"vigor/driver/ixgbe/ring"
)

// TestLayout compares where Go puts the fields with what the datasheet says (7.1.5, 7.2.3.2.2).
func TestLayout(t *testing.T) {
	descriptor, memory := reflect.TypeFor[ring.Descriptor](), reflect.TypeFor[ring.Memory]()
	if descriptor.Size() != 16 || descriptor.Field(1).Offset != 8 {
		t.Errorf("a descriptor has %d bytes, and its second word is at %d", descriptor.Size(), descriptor.Field(1).Offset)
	}
	if memory.Size() != 2*ring.RingSize || memory.Field(1).Offset != ring.RingSize {
		t.Errorf("the rings have %d bytes, and the second is at %d", memory.Size(), memory.Field(1).Offset)
	}
}
