package afpacket

import (
	"encoding/binary"

	"golang.org/x/sys/unix"

	"vigor/dataplane"
	"vigor/nf"
)

// slots is a ring in which each frame has a slot of its own and is handed over at once (TPACKET_V2).
type slots struct {
	memory []byte
	size   int // of a slot in bytes, a power of two, at most blockSize
	number int
	at     int // the slot that is waited for
	read   int // slots before at that have been read and not been given back
}

// The fields of a frame's header (struct tpacket2_hdr in linux/if_packet.h), by offset in bytes.
const (
	slotStatus   = 0
	slotLength   = 4
	slotCaptured = 8
	slotMAC      = 12
	slotTCI      = 24
	slotTPID     = 26
	slotType     = 42 // sll_pkttype of the struct sockaddr_ll behind it
	slotEnd      = 52
)

// slotOverhead is more than what stands in a slot before the payload of a frame.
const slotOverhead = 128

// mapSlots makes the ring of a socket, with slots for payloads of mtu bytes.
func mapSlots(fd, number, mtu int) (*slots, error) {
	r := &slots{size: 2048}
	for r.size < mtu+slotOverhead && r.size < blockSize {
		r.size *= 2
	}
	r.number = number * blockSize / r.size
	var err error
	r.memory, err = mapRing(fd, unix.TPACKET_V2, &unix.TpacketReq3{
		Block_size: blockSize, Block_nr: uint32(number), Frame_size: uint32(r.size), Frame_nr: uint32(r.number),
	})
	return r, err
}

func (r *slots) unmap() error { return unix.Munmap(r.memory) }

func (r *slots) recycle() {
	for ; r.read > 0; r.read-- {
		slot := (r.at - r.read + r.number) % r.number
		word(r.memory, slot*r.size+slotStatus).Store(unix.TP_STATUS_KERNEL)
	}
}

func (r *slots) arrived() bool {
	return r.read < r.number && word(r.memory, r.at*r.size+slotStatus).Load()&unix.TP_STATUS_USER != 0
}

func (r *slots) receive(in *dataplane.Batch, from nf.Device, now nf.Time) error {
	for in.Room() > 0 && r.arrived() {
		slot := r.memory[r.at*r.size:][:r.size:r.size]
		start := int(binary.NativeEndian.Uint16(slot[slotMAC:]))
		captured := int(binary.NativeEndian.Uint32(slot[slotCaptured:]))
		if start < slotEnd+vnetSize || start+captured > len(slot) {
			return errRing
		}
		deliver(in, from, now, slot[:start+captured], start, told{
			status:   binary.NativeEndian.Uint32(slot[slotStatus:]),
			tci:      binary.NativeEndian.Uint16(slot[slotTCI:]),
			tpid:     binary.NativeEndian.Uint16(slot[slotTPID:]),
			whole:    captured == int(binary.NativeEndian.Uint32(slot[slotLength:])),
			outgoing: slot[slotType] == unix.PACKET_OUTGOING,
		})
		r.at = (r.at + 1) % r.number
		r.read++
	}
	return nil
}
