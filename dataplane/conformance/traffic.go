package conformance

import (
	"bytes"
	"encoding/binary"

	"vigor/dataplane"
	"vigor/nf"
)

// The fields of a frame after its Ethernet header.
const (
	numberAt = 14
	orderAt  = 18 // what is to become of the frame
	markAt   = 19 // the network function inverts it
	headerTo = 20
)

// What is to become of a frame.
const (
	forward  = iota // by the next device
	back            // by the device it came from
	flood           // by all others
	drop            // nowhere
	keepSend        // by the next device, unchanged: the layer withholds it
	keepDrop        // nowhere: the layer withholds it
	injected        // was not received: the layer adds it
)

// The orders that traffic goes through. The numbers of frames per order and of devices have no common
// divisor, so that every device receives each order.
var (
	plain    = []byte{forward, back, flood, drop}
	layered  = []byte{forward, back, flood, drop, keepSend, forward, keepDrop}
	dropping = []byte{drop, keepDrop, drop, drop}
	flooding = []byte{flood}
)

// traffic returns frames of many lengths, each of its own content, at increasing times.
func traffic(number, maxFrame int, orders []byte) []dataplane.Frame {
	frames := make([]dataplane.Frame, number)
	for i := range frames {
		frames[i] = dataplane.Frame{
			Bytes:  fill(nil, i, maxFrame, orders[i%len(orders)]),
			Device: nf.Device(i % Devices),
			Time:   nf.Time(i) * nf.Millisecond,
		}
	}
	return frames
}

// fill writes frame i into a buffer that it enlarges where it must.
func fill(buffer []byte, i, maxFrame int, order byte) []byte {
	frame := append(buffer[:0], 2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, EtherType>>8, EtherType&0xFF)
	frame = binary.BigEndian.AppendUint32(frame, uint32(i))
	frame = append(frame, order, 0)
	for len(frame) < 60+i*7%(maxFrame-59) {
		frame = append(frame, byte(i), byte(i>>8), order, byte(len(frame)))
	}
	return frame[:60+i*7%(maxFrame-59)]
}

// ours reports whether a frame belongs to the check.
func ours(frame []byte) bool {
	return len(frame) >= headerTo && binary.BigEndian.Uint16(frame[12:]) == EtherType
}

// route is the set of devices by which a frame must leave.
func route(order byte, from nf.Device) nf.Devices {
	const all = nf.Devices(1<<Devices - 1)
	switch order {
	case forward, keepSend:
		return 1 << ((from + 1) % Devices)
	case back, injected:
		return 1 << from
	case flood:
		return all &^ (1 << from)
	}
	return 0
}

// leaves is how a frame must look when it leaves: marked if the network function has seen it.
func leaves(frame []byte) []byte {
	frame = bytes.Clone(frame)
	if frame[orderAt] < keepSend {
		frame[markAt] ^= 0xFF
	}
	return frame
}
