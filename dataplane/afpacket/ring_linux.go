package afpacket

import (
	"encoding/binary"
	"errors"

	"golang.org/x/sys/unix"

	"vigor/dataplane"
	"vigor/nf"
)

// ring is the memory in which a socket receives. Each part of it, a block or a slot, belongs to the kernel
// or to us, as its status says, which both sides write atomically; everything else in it belongs to
// its owner.
type ring interface {
	// arrived reports whether there is a frame to read.
	arrived() bool
	// receive hands over frames that a device has received, as many as there is room for.
	receive(in *dataplane.Batch, from nf.Device, now nf.Time) error
	// recycle gives back what has been read. The frames handed over by one exchange have come back at the
	// next, so none is in use after out has been sent.
	recycle()
	// unmap gives the memory back.
	unmap() error
}

// errRing is a ring that does not have the form that the kernel gives it.
var errRing = errors.New("the ring is damaged: a frame lies outside of its place")

// vnetSize is the length in bytes of struct virtio_net_hdr, which stands before each frame.
const vnetSize = 10

// told is what the kernel says about a frame beside it.
type told struct {
	status    uint32
	tci, tpid uint16 // its VLAN tag, if status says that it has one
	whole     bool   // all of it was captured
	outgoing  bool   // it was not received, but sent by the host or by us
}

// deliver hands a frame over, or says why not. It stands in place from start on, after what the kernel tells
// about it.
func deliver(in *dataplane.Batch, from nf.Device, now nf.Time, place []byte, start int, about told) {
	frame, vnet := place[start:], place[start-vnetSize:start]
	switch {
	case about.outgoing: // kernels before PACKET_FANOUT_FLAG_IGNORE_OUTGOING deliver it to groups
		return
	case !about.whole:
		in.Lost(from, nf.Truncated)
		return
	case vnet[1] != unix.VIRTIO_NET_HDR_GSO_NONE:
		in.Lost(from, nf.Oversize)
		return
	case vnet[0]&unix.VIRTIO_NET_HDR_F_NEEDS_CSUM != 0:
		covered, offset := binary.NativeEndian.Uint16(vnet[6:]), binary.NativeEndian.Uint16(vnet[8:])
		if !complete(frame, int(covered), int(offset)) {
			in.Lost(from, nf.Malformed)
			return
		}
	}
	if about.status&unix.TP_STATUS_VLAN_VALID != 0 {
		frame = tag(place, start, about)
	}
	in.Add(frame, from, now, 0)
}

// tag puts the VLAN tag back that the kernel has taken out of the frame at start, over the end of what it
// tells about the frame.
func tag(place []byte, start int, about told) []byte {
	const addresses, size = 12, 4
	tpid := uint16(unix.ETH_P_8021Q)
	if about.status&unix.TP_STATUS_VLAN_TPID_VALID != 0 {
		tpid = about.tpid
	}
	frame := place[start-size:]
	if len(frame) < addresses+size {
		return place[start:]
	}
	copy(frame, frame[size:size+addresses])
	binary.BigEndian.PutUint16(frame[addresses:], tpid)
	binary.BigEndian.PutUint16(frame[addresses+2:], about.tci)
	return frame
}
