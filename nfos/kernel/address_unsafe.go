//go:build amd64

package kernel

import (
	"unsafe"

	"vigor/driver/virtio/ring"
)

// address is where the rings of a device are, for the processor and on the bus.
func address(m *ring.Memory) uintptr { return uintptr(unsafe.Pointer(m)) }
