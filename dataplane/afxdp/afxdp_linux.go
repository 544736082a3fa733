package afxdp

import (
	"errors"
	"fmt"
	"net"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"vigor/dataplane"
	"vigor/nf"
)

// IO is a back end on AF_XDP sockets, one for each device.
//
// Invariant, between calls: every chunk of the UMEM is in exactly one place. It is in the free list;
// or it is with the kernel for a device to receive into (in its fill ring, its receive ring, or on
// the way from one to the other; device.posted counts them); or with the kernel for a device to send
// (in its transmit ring, its completion ring, or between; device.sending counts them); or in a batch.
//
// A device has at most as many chunks posted, and at most as many sending, as its rings have entries.
// There are frames(devices, ring) chunks, so that with at most [dataplane.MaxBurst] of them in a batch
// a free one is left for every place in a ring, and no ring can overflow.
type IO struct {
	devices []device
	poll    []unix.PollFd // one for each device, in order
	umem    []byte
	chunk   int
	free    []uint64 // chunks in no other place, as addresses: offsets of their first byte in umem
	busy    bool
	first   int // the device to receive from first next time

	origin time.Time
	looked nf.Time // when the kernel's counters were read
}

// frames is the number of chunks in the UMEM.
func frames(devices, ring int) int { return devices*2*ring + dataplane.MaxBurst }

// The sizes of chunks that the kernel accepts, and what it keeps of each before a received frame.
const (
	smallChunk = 2048
	largeChunk = 4096
	headroom   = unix.XDP_PACKET_HEADROOM
)

// header is the length in bytes of the longest Ethernet header, with two VLAN tags.
const header = 22

// Open attaches to devices, by the names that the kernel has for them: device i of the network function
// is devices[i]. They belong to the network namespace of the calling thread.
func Open(devices []string, cfg Config) (*IO, error) {
	cfg, err := cfg.complete()
	if err != nil {
		return nil, err
	}
	if len(devices) < 1 || len(devices) > nf.MaxDevices {
		return nil, fmt.Errorf("%d devices: the number must be 1 to %d", len(devices), nf.MaxDevices)
	}
	x := &IO{busy: cfg.Busy, origin: time.Now()}
	if err := x.open(devices, cfg); err != nil {
		return nil, fmt.Errorf("opening AF_XDP sockets: %w", errors.Join(err, x.release()))
	}
	return x, nil
}

// open does it; what has been opened when it fails stands in x.
func (x *IO) open(names []string, cfg Config) (err error) {
	x.devices = make([]device, len(names))
	for i, name := range names {
		x.devices[i] = device{name: name, fd: -1}
	}
	if err := x.resolve(cfg.Shards); err != nil {
		return err
	}
	mayShare := !cfg.Copy
	for i := range x.devices {
		d := &x.devices[i]
		if d.program, err = attach(d.name, d.index, cfg.Generic); err != nil {
			return err
		}
		mayShare = mayShare && d.program.native
	}
	err = x.openSockets(cfg, !mayShare)
	if err != nil && mayShare && len(x.devices) > 1 && !errors.Is(err, unix.EBUSY) {
		// One device may reach our memory where another cannot; they share it in one way only.
		x.closeSockets()
		err = x.openSockets(cfg, true)
	}
	if err != nil {
		return err
	}
	for i := range x.devices {
		d := &x.devices[i]
		if err := d.program.table.Put(uint32(cfg.Queue), uint32(d.fd)); err != nil {
			return fmt.Errorf("directing queue %d of %s to its socket: %w", cfg.Queue, d.name, err)
		}
		x.poll = append(x.poll, unix.PollFd{Fd: int32(d.fd), Events: unix.POLLIN})
	}
	x.refill()
	return nil
}

// resolve finds the devices, and chooses the size of chunks by their MTU.
func (x *IO) resolve(shards int) error {
	x.chunk = smallChunk
	for i := range x.devices {
		d := &x.devices[i]
		for _, before := range x.devices[:i] {
			if before.name == d.name {
				return fmt.Errorf("device %s is named twice", d.name)
			}
		}
		mtu, err := d.resolve(shards)
		if err != nil {
			return err
		}
		if mtu > smallChunk-headroom-header {
			x.chunk = largeChunk
		}
	}
	return nil
}

// resolve finds a device, and returns its MTU.
func (d *device) resolve(shards int) (int, error) {
	known, err := net.InterfaceByName(d.name)
	if err != nil {
		return 0, fmt.Errorf("device %s: %w: `ip link` lists those of this network namespace", d.name, err)
	}
	if known.Flags&net.FlagUp == 0 {
		return 0, fmt.Errorf("device %s is down: `ip link set dev %s up`", d.name, d.name)
	}
	const longest = largeChunk - headroom - header
	if known.MTU > longest {
		return 0, fmt.Errorf("device %s has an MTU of %d, more than the %d that fit into one buffer: "+
			"`ip link set dev %s mtu %d`", d.name, known.MTU, longest, d.name, longest)
	}
	queues, err := receiveQueues(d.name)
	if err != nil {
		return 0, fmt.Errorf("asking %s for its queues: %w", d.name, err)
	}
	if shards > 0 && queues > shards {
		return 0, fmt.Errorf("device %s has %d receive queues for %d shards, and what arrives in the others would pass by: "+
			"`ethtool -L %s combined %d` (or rx %d), or as many shards", d.name, queues, shards, d.name, shards, shards)
	}
	d.index = known.Index
	return known.MTU, nil
}

// Mode says for logs how each device is attached: native, where the driver hands frames over, or
// generic, where the kernel's stack does; and whether the kernel copies frames.
func (x *IO) Mode() string {
	var modes []string
	for i := range x.devices {
		d := &x.devices[i]
		mode := d.name + ": "
		switch {
		case d.program.native:
			mode += "native"
		case d.program.why != nil:
			mode += fmt.Sprintf("generic (native: %v)", d.program.why)
		default:
			mode += "generic"
		}
		if d.zeroCopy {
			mode += ", zero-copy"
		} else {
			mode += ", copy"
		}
		modes = append(modes, mode)
	}
	return strings.Join(modes, "; ")
}

// drain is how long Close waits for frames to leave.
const drain = 500 * time.Millisecond

// Close waits until what was sent has left, for half a second at most, and detaches from all devices.
// A second call does nothing.
func (x *IO) Close() error {
	var lost error
	for i := range x.devices {
		d := &x.devices[i]
		for limit := time.Now().Add(drain); d.fd >= 0 && d.sending > 0 && time.Now().Before(limit); {
			if err := d.kick(); err != nil {
				break
			}
			if x.reclaim(d); d.sending > 0 {
				time.Sleep(100 * time.Microsecond)
			}
		}
		if d.fd >= 0 && d.sending > 0 {
			lost = errors.Join(lost, fmt.Errorf("closing %s: %d frames have not left it", d.name, d.sending))
		}
	}
	return errors.Join(lost, x.release())
}

// release gives everything back, in whatever state it is.
func (x *IO) release() error {
	var wrong error
	for i := range x.devices {
		if err := x.devices[i].program.close(); err != nil {
			wrong = errors.Join(wrong, fmt.Errorf("detaching from %s: %w", x.devices[i].name, err))
		}
	}
	x.closeSockets()
	x.devices, x.poll = nil, nil
	return wrong
}
