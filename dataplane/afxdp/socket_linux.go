package afxdp

import (
	"errors"
	"fmt"
	"time"

	"github.com/cilium/ebpf"
	"golang.org/x/sys/unix"
)

// device is one device with its socket. The four rings have equally many entries.
type device struct {
	name    string
	index   int // the kernel's number of the device
	program *program
	fd      int // of the socket; -1 if there is none

	fill       ring[uint64]       // chunks for the kernel to receive into
	rx         ring[unix.XDPDesc] // frames received
	tx         ring[unix.XDPDesc] // frames to send
	completion ring[uint64]       // chunks that have been sent
	posted     int                // chunks put into fill and not yet taken from rx
	sending    int                // chunks put into tx and not yet taken from completion

	zeroCopy         bool
	seen             unix.XDPStatistics
	full, incomplete uint64 // lost frames that were reported, by reason
}

// openSockets makes the UMEM and binds a socket on each device. All share the UMEM of the first.
func (x *IO) openSockets(cfg Config, copied bool) (err error) {
	count := frames(len(x.devices), cfg.Ring)
	x.umem, err = unix.Mmap(-1, 0, count*x.chunk, unix.PROT_READ|unix.PROT_WRITE,
		unix.MAP_PRIVATE|unix.MAP_ANONYMOUS|unix.MAP_POPULATE)
	if err != nil {
		return fmt.Errorf("allocating %d MiB for frames: %w", count*x.chunk>>20, err)
	}
	x.free = make([]uint64, 0, count)
	for i := range count {
		x.free = append(x.free, uint64((count-1-i)*x.chunk))
	}
	for i := range x.devices {
		d := &x.devices[i]
		to := unix.SockaddrXDP{Ifindex: uint32(d.index), QueueID: uint32(cfg.Queue)}
		switch {
		case i > 0:
			to.Flags, to.SharedUmemFD = unix.XDP_SHARED_UMEM, uint32(x.devices[0].fd)
		case copied:
			to.Flags = unix.XDP_USE_NEED_WAKEUP | unix.XDP_COPY
		default:
			to.Flags = unix.XDP_USE_NEED_WAKEUP
		}
		if err := d.open(x, cfg.Ring, &to); err != nil {
			return fmt.Errorf("%s, queue %d: %w", d.name, cfg.Queue, explain(err))
		}
	}
	return nil
}

// open makes and binds the socket of one device; the first one registers the UMEM.
func (d *device) open(x *IO, entries int, to *unix.SockaddrXDP) (err error) {
	if d.fd, err = unix.Socket(unix.AF_XDP, unix.SOCK_RAW|unix.SOCK_CLOEXEC, 0); err != nil {
		d.fd = -1
		return fmt.Errorf("making a socket: %w", err)
	}
	if to.Flags&unix.XDP_SHARED_UMEM == 0 {
		if err := setUMEM(d.fd, x.umem, x.chunk); err != nil {
			return fmt.Errorf("registering %d MiB for frames: %w", len(x.umem)>>20, err)
		}
	}
	for _, name := range []int{
		unix.XDP_UMEM_FILL_RING, unix.XDP_UMEM_COMPLETION_RING, unix.XDP_RX_RING, unix.XDP_TX_RING,
	} {
		if err := unix.SetsockoptInt(d.fd, unix.SOL_XDP, name, entries); err != nil {
			return fmt.Errorf("making rings of %d entries: %w", entries, err)
		}
	}
	if err := d.mapRings(entries); err != nil {
		return err
	}
	if err := bind(d.fd, to); errors.Is(err, unix.EINVAL) {
		return fmt.Errorf("binding: %w: `ethtool -l %s` shows how many queues it has; they count from 0", err, d.name)
	} else if err != nil {
		return fmt.Errorf("binding: %w", err)
	}
	var options uint32
	if errno := option(d.fd, unix.XDP_OPTIONS, &options); errno != 0 {
		return fmt.Errorf("asking for the mode: %w", errno)
	}
	d.zeroCopy = options&unix.XDP_OPTIONS_ZEROCOPY != 0
	return nil
}

// mapRings maps the four rings.
func (d *device) mapRings(entries int) (err error) {
	var at unix.XDPMmapOffsets
	if errno := option(d.fd, unix.XDP_MMAP_OFFSETS, &at); errno != 0 {
		return fmt.Errorf("asking for the layout of the rings: %w", errno)
	}
	if d.fill, err = mapRing[uint64](d.fd, unix.XDP_UMEM_PGOFF_FILL_RING, at.Fr, entries); err != nil {
		return err
	}
	if d.completion, err = mapRing[uint64](d.fd, unix.XDP_UMEM_PGOFF_COMPLETION_RING, at.Cr, entries); err != nil {
		return err
	}
	if d.rx, err = mapRing[unix.XDPDesc](d.fd, unix.XDP_PGOFF_RX_RING, at.Rx, entries); err != nil {
		return err
	}
	d.tx, err = mapRing[unix.XDPDesc](d.fd, unix.XDP_PGOFF_TX_RING, at.Tx, entries)
	return err
}

// release is how long the kernel may take to free the queue of a socket that was closed; it does so
// after close has returned.
const release = time.Second

// bind waits for the queue to be free.
func bind(fd int, to *unix.SockaddrXDP) error {
	for limit := time.Now().Add(release); ; {
		err := unix.Bind(fd, to)
		if !errors.Is(err, unix.EBUSY) || time.Now().After(limit) {
			return err
		}
		time.Sleep(5 * time.Millisecond)
	}
}

// closeSockets undoes openSockets, however far that came.
func (x *IO) closeSockets() {
	for i := range x.devices {
		d := &x.devices[i]
		d.fill.unmap()
		d.completion.unmap()
		d.rx.unmap()
		d.tx.unmap()
		if d.fd >= 0 {
			unix.Close(d.fd)
		}
		d.fd, d.posted, d.sending = -1, 0, 0
	}
	if x.umem != nil {
		unix.Munmap(x.umem)
	}
	x.umem, x.free = nil, nil
}

// explain adds what to do about an error of the kernel.
func explain(err error) error {
	for _, known := range []struct {
		is   error
		cure string
	}{
		{unix.EPERM, "needs root, or CAP_NET_ADMIN, CAP_NET_RAW and CAP_BPF"},
		{unix.EACCES, "needs root, or CAP_NET_ADMIN, CAP_NET_RAW and CAP_BPF"},
		{unix.ENOBUFS, "the memory is more than may be locked: raise `ulimit -l`, or give CAP_IPC_LOCK"},
		{unix.EAFNOSUPPORT, "this kernel has no AF_XDP: it needs Linux 5.11 and CONFIG_XDP_SOCKETS"},
		{ebpf.ErrNotSupported, "this kernel is too old: AF_XDP with shared memory needs Linux 5.11"},
		{unix.EBUSY, "another AF_XDP socket has this queue: stop its program, or take another queue"},
		{unix.ENETDOWN, "the device is down: `ip link set` brings it up"},
	} {
		if errors.Is(err, known.is) {
			return fmt.Errorf("%w: %s", err, known.cure)
		}
	}
	return err
}
