//go:build linux

package afxdp

import (
	"fmt"
	"sync/atomic"
	"unsafe"

	"golang.org/x/sys/unix"
)

// ring is one of the four rings that a socket shares with the kernel (Linux,
// Documentation/networking/af_xdp.rst). One side produces entries, the other consumes them; each
// writes its own index alone, and only after it is done with the entries below. Indices count up
// without end and wrap at 2³².
//
// The indices are read and written atomically: the order of accesses to an index and to the entries
// that it covers is what makes them belong to one side at a time, and plain accesses do not keep it.
type ring[Entry uint64 | unix.XDPDesc] struct {
	producer, consumer *atomic.Uint32
	flags              *atomic.Uint32
	entries            []Entry // their number is a power of two
	at                 uint32  // our own index; the kernel knows it since the last publication
	mapped             []byte
}

// mapRing maps a ring of a socket. The page offset says which; the layout is the kernel's.
func mapRing[Entry uint64 | unix.XDPDesc](fd int, page int64, at unix.XDPRingOffset, entries int) (ring[Entry], error) {
	var none Entry
	size := int(at.Desc) + entries*int(unsafe.Sizeof(none))
	mapped, err := unix.Mmap(fd, page, size, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED|unix.MAP_POPULATE)
	if err != nil {
		return ring[Entry]{}, fmt.Errorf("mapping a ring: %w", err)
	}
	index := func(offset uint64) *atomic.Uint32 { return (*atomic.Uint32)(unsafe.Pointer(&mapped[offset])) }
	return ring[Entry]{
		producer: index(at.Producer), consumer: index(at.Consumer), flags: index(at.Flags),
		entries: unsafe.Slice((*Entry)(unsafe.Pointer(&mapped[at.Desc])), entries),
		mapped:  mapped,
	}, nil
}

// unmap gives the memory back. A ring that was never mapped has none.
func (r *ring[Entry]) unmap() {
	if r.mapped != nil {
		unix.Munmap(r.mapped)
	}
	*r = ring[Entry]{}
}

// next is the entry at our index, which moves on: the one to be filled, or to be read.
func (r *ring[Entry]) next() *Entry {
	e := &r.entries[r.at&uint32(len(r.entries)-1)]
	r.at++
	return e
}

// arrived is the number of entries that the kernel has produced and we have not read.
func (r *ring[Entry]) arrived() int { return int(r.producer.Load() - r.at) }

// waiting reports whether the kernel has yet to consume some of what we have filled in.
func (r *ring[Entry]) waiting() bool { return r.consumer.Load() != r.at }

// produced publishes the entries before our index; consumed gives their places back.
func (r *ring[Entry]) produced() { r.producer.Store(r.at) }
func (r *ring[Entry]) consumed() { r.consumer.Store(r.at) }

// asleep reports whether the kernel wants a system call before it looks at the ring again.
func (r *ring[Entry]) asleep() bool { return r.flags.Load()&unix.XDP_RING_NEED_WAKEUP != 0 }

// setUMEM registers memory as a socket's UMEM of chunks of a size in bytes.
func setUMEM(fd int, memory []byte, chunk int) error {
	reg := unix.XDPUmemReg{
		Addr: uint64(uintptr(unsafe.Pointer(&memory[0]))), Len: uint64(len(memory)), Size: uint32(chunk),
	}
	_, _, errno := unix.Syscall6(unix.SYS_SETSOCKOPT, uintptr(fd), unix.SOL_XDP, unix.XDP_UMEM_REG,
		uintptr(unsafe.Pointer(&reg)), unsafe.Sizeof(reg), 0)
	if errno != 0 {
		return errno
	}
	return nil
}

// option reads an option of a socket into a value as large as the kernel knows it.
func option[T unix.XDPMmapOffsets | unix.XDPStatistics | uint32](fd, name int, into *T) unix.Errno {
	size := uint32(unsafe.Sizeof(*into))
	_, _, errno := unix.Syscall6(unix.SYS_GETSOCKOPT, uintptr(fd), unix.SOL_XDP, uintptr(name),
		uintptr(unsafe.Pointer(into)), uintptr(unsafe.Pointer(&size)), 0)
	return errno
}

// kickSend has the kernel look at a socket's transmit ring; in copy mode it sends before it returns.
func kickSend(fd int) unix.Errno {
	_, _, errno := unix.Syscall6(unix.SYS_SENDTO, uintptr(fd), 0, 0, unix.MSG_DONTWAIT, 0, 0)
	return errno
}

// kickFill has the kernel look at a socket's fill ring.
func kickFill(fd int) {
	unix.Syscall6(unix.SYS_RECVFROM, uintptr(fd), 0, 0, unix.MSG_DONTWAIT, 0, 0)
}

// receiveQueues asks for the number of receive queues of a device (linux/ethtool.h, struct
// ethtool_channels); a driver that does not say has one.
func receiveQueues(device string) (int, error) {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return 0, err
	}
	defer unix.Close(fd)
	channels := struct{ cmd, maxRx, maxTx, maxOther, maxCombined, rx, tx, other, combined uint32 }{cmd: unix.ETHTOOL_GCHANNELS}
	request := struct {
		name [unix.IFNAMSIZ]byte
		data unsafe.Pointer
		_    [16]byte
	}{data: unsafe.Pointer(&channels)}
	copy(request.name[:unix.IFNAMSIZ-1], device)
	_, _, errno := unix.Syscall(unix.SYS_IOCTL, uintptr(fd), unix.SIOCETHTOOL, uintptr(unsafe.Pointer(&request)))
	switch errno {
	case 0:
		return int(channels.rx + channels.combined), nil
	case unix.EOPNOTSUPP:
		return 1, nil
	}
	return 0, errno
}
