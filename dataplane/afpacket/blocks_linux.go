package afpacket

import (
	"encoding/binary"

	"golang.org/x/sys/unix"

	"vigor/dataplane"
	"vigor/nf"
)

// blocks is a ring in which frames lie one after another in large blocks (TPACKET_V3).
type blocks struct {
	memory []byte
	number int
	at     int // the block that is read or waited for; older ones have been read
	left   int // frames in it that have not been read; 0 if it is the kernel's still
	next   int // where in it the next frame's header stands
	read   int // blocks before at that have been read and not been given back
}

// retire is how many milliseconds after its first frame the kernel hands over a block that is not full.
const retire = 1

// The fields of a block's header and of a frame's (struct tpacket_block_desc and tpacket3_hdr in
// linux/if_packet.h), by offset in bytes.
const (
	blockStatus = 8
	blockFrames = 12
	blockFirst  = 16

	frameNext     = 0
	frameCaptured = 12
	frameLength   = 16
	frameStatus   = 20
	frameMAC      = 24
	frameTCI      = 32
	frameTPID     = 36
	frameType     = 58 // sll_pkttype of the struct sockaddr_ll behind it
	frameEnd      = 68
)

// mapBlocks makes the ring of a socket.
func mapBlocks(fd, number int) (*blocks, error) {
	const frame = 2048 // has no meaning in this form, but must be right
	memory, err := mapRing(fd, unix.TPACKET_V3, &unix.TpacketReq3{
		Block_size: blockSize, Block_nr: uint32(number),
		Frame_size: frame, Frame_nr: uint32(number * blockSize / frame),
		Retire_blk_tov: retire,
	})
	return &blocks{memory: memory, number: number}, err
}

func (r *blocks) unmap() error { return unix.Munmap(r.memory) }

// block is the memory of block i.
func (r *blocks) block(i int) []byte { return r.memory[i*blockSize:][:blockSize:blockSize] }

func (r *blocks) recycle() {
	for ; r.read > 0; r.read-- {
		block := (r.at - r.read + r.number) % r.number
		word(r.memory, block*blockSize+blockStatus).Store(unix.TP_STATUS_KERNEL)
	}
}

// arrived moves to the next frame, too. At least one block is not read until some have been given back:
// then the one that is waited for is never one of those.
func (r *blocks) arrived() bool {
	for r.left == 0 {
		if r.read == r.number-1 || word(r.memory, r.at*blockSize+blockStatus).Load()&unix.TP_STATUS_USER == 0 {
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
func (r *blocks) finish() {
	r.at = (r.at + 1) % r.number
	r.read++
}

func (r *blocks) receive(in *dataplane.Batch, from nf.Device, now nf.Time) error {
	for in.Room() > 0 && r.arrived() {
		if err := r.take(in, from, now); err != nil {
			return err
		}
	}
	return nil
}

// take reads the next frame, of which arrived says that it is there.
func (r *blocks) take(in *dataplane.Batch, from nf.Device, now nf.Time) error {
	block := r.block(r.at)
	if r.next+frameEnd > len(block) {
		return errRing
	}
	header := block[r.next:]
	start := int(binary.NativeEndian.Uint16(header[frameMAC:]))
	captured := int(binary.NativeEndian.Uint32(header[frameCaptured:]))
	if start < frameEnd+vnetSize || start+captured > len(header) {
		return errRing
	}
	deliver(in, from, now, header[:start+captured], start, told{
		status:   binary.NativeEndian.Uint32(header[frameStatus:]),
		tci:      uint16(binary.NativeEndian.Uint32(header[frameTCI:])),
		tpid:     binary.NativeEndian.Uint16(header[frameTPID:]),
		whole:    captured == int(binary.NativeEndian.Uint32(header[frameLength:])),
		outgoing: header[frameType] == unix.PACKET_OUTGOING,
	})
	r.next += int(binary.NativeEndian.Uint32(header[frameNext:]))
	if r.left--; r.left == 0 {
		r.finish()
	}
	return nil
}
