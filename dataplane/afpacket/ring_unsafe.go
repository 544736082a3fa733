//go:build linux

package afpacket

import (
	"fmt"
	"sync/atomic"
	"unsafe"

	"golang.org/x/sys/unix"
)

const (
	blockSize = 1 << 16
	retire    = 1 // milliseconds from the first frame in a block until the kernel hands it over
)

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
)

// ring is the memory in which a socket receives. Each block belongs to the kernel or to us, as its status
// says, which both sides write atomically; everything else in a block belongs to its owner.
type ring struct {
	memory []byte
	blocks int
	at     int // the block that is read or waited for; older ones have been read
	left   int // frames in it that have not been read; 0 if it is the kernel's still
	next   int // where in it the next frame's header stands
	read   int // blocks before at that have been read and not been given back
}

// mapRing makes and maps the ring of a socket.
func mapRing(fd, blocks int) (ring, error) {
	const frame = 2048 // has no meaning in this form of the ring, but must be right
	request := unix.TpacketReq3{
		Block_size: blockSize, Block_nr: uint32(blocks),
		Frame_size: frame, Frame_nr: uint32(blocks * blockSize / frame),
		Retire_blk_tov: retire,
	}
	if err := unix.SetsockoptTpacketReq3(fd, unix.SOL_PACKET, unix.PACKET_RX_RING, &request); err != nil {
		return ring{}, fmt.Errorf("making a ring of %d blocks: %w: fewer may do", blocks, err)
	}
	memory, err := unix.Mmap(fd, 0, blocks*blockSize, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED|unix.MAP_POPULATE)
	if err != nil {
		return ring{}, fmt.Errorf("mapping a ring of %d blocks: %w", blocks, err)
	}
	return ring{memory: memory, blocks: blocks}, nil
}

// unmap gives the memory back.
func (r *ring) unmap() error {
	if r.memory == nil {
		return nil
	}
	err := unix.Munmap(r.memory)
	r.memory = nil
	return err
}

// block is the memory of block i.
func (r *ring) block(i int) []byte { return r.memory[i*blockSize:][:blockSize:blockSize] }

// status is whose block i is.
func (r *ring) status(i int) *atomic.Uint32 {
	return (*atomic.Uint32)(unsafe.Pointer(&r.memory[i*blockSize+blockStatus]))
}

// message is struct mmsghdr.
type message struct {
	header unix.Msghdr
	sent   uint32
}

// sendMany sends messages by a socket, at least the first, and returns how many. It does not wait.
func sendMany(fd int, messages []message) (int, unix.Errno) {
	n, _, errno := unix.Syscall6(unix.SYS_SENDMMSG, uintptr(fd), uintptr(unsafe.Pointer(&messages[0])),
		uintptr(len(messages)), unix.MSG_DONTWAIT, 0, 0)
	return int(n), errno
}

// lost reads and resets the number of frames that found no room in the ring.
func lost(fd int, stats *unix.TpacketStatsV3) unix.Errno {
	size := uint32(unsafe.Sizeof(*stats))
	_, _, errno := unix.Syscall6(unix.SYS_GETSOCKOPT, uintptr(fd), unix.SOL_PACKET, unix.PACKET_STATISTICS,
		uintptr(unsafe.Pointer(stats)), uintptr(unsafe.Pointer(&size)), 0)
	return errno
}
