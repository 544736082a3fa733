//go:build linux

package afpacket

import (
	"fmt"
	"sync/atomic"
	"unsafe"

	"golang.org/x/sys/unix"
)

// blockSize is the length in bytes of the pieces that the memory of a ring consists of.
const blockSize = 1 << 16

// mapRing has a socket receive into memory of its own, of a form that packet(7) calls its version, and
// maps it.
func mapRing(fd, version int, request *unix.TpacketReq3) ([]byte, error) {
	if err := unix.SetsockoptInt(fd, unix.SOL_PACKET, unix.PACKET_VERSION, version); err != nil {
		return nil, fmt.Errorf("choosing the form of the ring: %w", err)
	}
	if err := unix.SetsockoptTpacketReq3(fd, unix.SOL_PACKET, unix.PACKET_RX_RING, request); err != nil {
		return nil, fmt.Errorf("making a ring of %d blocks: %w: fewer may do", request.Block_nr, err)
	}
	size := int(request.Block_nr * request.Block_size)
	memory, err := unix.Mmap(fd, 0, size, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED|unix.MAP_POPULATE)
	if err != nil {
		return nil, fmt.Errorf("mapping a ring of %d blocks: %w", request.Block_nr, err)
	}
	return memory, nil
}

// word is a word that both sides use, by its place in the memory of a ring.
func word(memory []byte, at int) *atomic.Uint32 { return (*atomic.Uint32)(unsafe.Pointer(&memory[at])) }

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
