package afpacket

import (
	"encoding/binary"
	"errors"
	"fmt"

	"golang.org/x/sys/unix"

	"vigor/dataplane"
	"vigor/nf"
)

// vnetSize is the length in bytes of struct virtio_net_hdr, which stands before each frame.
const vnetSize = 10

// recycle gives the blocks back whose last frame has been read. The frames handed over by one exchange
// have come back at the next, so none is in use after out has been sent.
func (r *ring) recycle() {
	for ; r.read > 0; r.read-- {
		r.status((r.at - r.read + r.blocks) % r.blocks).Store(unix.TP_STATUS_KERNEL)
	}
}

// arrived reports whether there is a frame to read, and moves to it.
func (r *ring) arrived() bool {
	for r.left == 0 {
		if r.read == r.blocks-1 || r.status(r.at).Load()&unix.TP_STATUS_USER == 0 {
			return false
		}
		block := r.block(r.at)
		r.left = int(binary.NativeEndian.Uint32(block[blockFrames:]))
		r.next = int(binary.NativeEndian.Uint32(block[blockFirst:]))
		if r.left == 0 {
			r.finish()
		}
	}
	return true
}

// finish leaves a block whose frames have all been read.
func (r *ring) finish() {
	r.at = (r.at + 1) % r.blocks
	r.read++
}

// errRing is a ring that does not have the form that the kernel gives it.
var errRing = errors.New("the ring is damaged: a frame lies outside of its block")

// take reads the next frame, of which arrived says that it is there.
func (r *ring) take(in *dataplane.Batch, from nf.Device, now nf.Time) error {
	block := r.block(r.at)
	if r.next+frameTPID+2 > len(block) {
		return errRing
	}
	header := block[r.next:]
	start := int(binary.NativeEndian.Uint16(header[frameMAC:]))
	captured := int(binary.NativeEndian.Uint32(header[frameCaptured:]))
	if start < frameTPID+2+vnetSize || start+captured > len(header) {
		return errRing
	}
	whole := captured == int(binary.NativeEndian.Uint32(header[frameLength:]))
	deliver(in, from, now, header[:start+captured], start, whole)
	r.next += int(binary.NativeEndian.Uint32(header[frameNext:]))
	if r.left--; r.left == 0 {
		r.finish()
	}
	return nil
}

// deliver hands a frame over, or says why not. It stands in slot from start on, after what the kernel tells
// about it.
func deliver(in *dataplane.Batch, from nf.Device, now nf.Time, slot []byte, start int, whole bool) {
	frame, vnet := slot[start:], slot[start-vnetSize:start]
	switch {
	case !whole:
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
	if status := binary.NativeEndian.Uint32(slot[frameStatus:]); status&unix.TP_STATUS_VLAN_VALID != 0 {
		frame = tag(slot, start, status)
	}
	in.Add(frame, from, now, 0)
}

// tag puts the VLAN tag back that the kernel has taken out of the frame at start, over the end of what it
// tells about the frame.
func tag(slot []byte, start int, status uint32) []byte {
	const addresses, size = 12, 4
	tci := binary.NativeEndian.Uint32(slot[frameTCI:])
	tpid := uint16(unix.ETH_P_8021Q)
	if status&unix.TP_STATUS_VLAN_TPID_VALID != 0 {
		tpid = binary.NativeEndian.Uint16(slot[frameTPID:])
	}
	frame := slot[start-size:]
	if len(frame) < addresses+size {
		return slot[start:]
	}
	copy(frame, frame[size:size+addresses])
	binary.BigEndian.PutUint16(frame[addresses:], tpid)
	binary.BigEndian.PutUint16(frame[addresses+2:], uint16(tci))
	return frame
}

// receiveFrom reads the frames of a device, as many as there is room for.
func (x *IO) receiveFrom(i int, in *dataplane.Batch, now nf.Time) error {
	d := &x.devices[i]
	for in.Room() > 0 && d.ring.arrived() {
		if err := d.ring.take(in, nf.Device(i), now); err != nil {
			return fmt.Errorf("receiving from %s: %w", d.name, err)
		}
	}
	return nil
}
