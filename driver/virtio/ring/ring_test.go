package ring_test

import (
	"reflect"
	"testing"

	"vigor/driver/virtio/ring"
)

// TestLayout compares where Go puts the fields with what the specification says (2.7.5, 2.7.6, 2.7.8).
func TestLayout(t *testing.T) {
	want := map[reflect.Type]map[string]uintptr{
		reflect.TypeFor[ring.Descriptor](): {"Address": 0, "Length": 8, "Flags": 12, "Next": 14, "": 16},
		reflect.TypeFor[ring.Element]():    {"ID": 0, "Length": 4, "": 8},
		reflect.TypeFor[ring.Available]():  {"Shared": 0, "Slots": 4, "UsedEvent": 4 + 2*ring.Size},
		reflect.TypeFor[ring.Used]():       {"Shared": 0, "Elements": 4, "AvailableEvent": 4 + 8*ring.Size},
		reflect.TypeFor[ring.Queue](): {
			"Descriptors": 0, "Available": ring.AvailableAt, "Used": ring.UsedAt, "": ring.QueueSize,
		},
		reflect.TypeFor[ring.Memory](): {"Receive": 0, "Transmit": ring.QueueSize, "": 2 * ring.QueueSize},
	}
	for typ, fields := range want {
		for name, offset := range fields {
			got := typ.Size()
			if field, ok := typ.FieldByName(name); ok {
				got = field.Offset
			} else if name != "" {
				t.Errorf("%v has no field %s", typ, name)
			}
			if got != offset {
				t.Errorf("%v %q is at %d, want %d", typ, name, got, offset)
			}
		}
	}
	if ring.QueueSize%16 != 0 || ring.AvailableAt%2 != 0 || ring.UsedAt%4 != 0 {
		t.Error("a part of a queue is not aligned as 2.7 asks")
	}
}
