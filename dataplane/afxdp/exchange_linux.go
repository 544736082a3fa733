package afxdp

import (
	"fmt"
	"math/bits"
	"time"

	"golang.org/x/sys/unix"

	"vigor/dataplane"
	"vigor/nf"
)

// Exchange implements [dataplane.IO].
func (x *IO) Exchange(out, in *dataplane.Batch) error {
	for i := range x.devices {
		x.reclaim(&x.devices[i])
	}
	for i := range out.Len() {
		x.send(out, i)
	}
	var failed error
	for i := range x.devices {
		if err := x.devices[i].kick(); err != nil {
			failed = err
		}
	}
	x.refill()
	if failed != nil {
		return failed
	}
	if in.Room() > 0 && !x.arrived() && !x.busy {
		x.wait()
	}
	now := nf.Time(time.Since(x.origin))
	x.receive(in, now)
	if now-x.looked > lookEvery || in.Room() == 0 && in.Len() == 0 {
		x.looked = now
		return x.look(in)
	}
	return nil
}

// reclaim takes back the chunks of what a device has sent.
func (x *IO) reclaim(d *device) {
	n := d.completion.arrived()
	if n == 0 {
		return
	}
	for range n {
		x.give(*d.completion.next())
	}
	d.completion.consumed()
	d.sending -= n
}

// give puts the chunk that an address lies in into the free list.
func (x *IO) give(address uint64) { x.free = append(x.free, address&^uint64(x.chunk-1)) }

// send puts packet i into the transmit rings of its devices. Its own chunk goes to the last one, the
// others get copies; so order is kept, and a chunk is never in two rings.
func (x *IO) send(out *dataplane.Batch, i int) {
	frame, address := out.Frame(i), out.Handle(i)
	own := address != dataplane.Foreign
	for set := out.To(i); set != 0; set &= set - 1 {
		d := &x.devices[bits.TrailingZeros64(uint64(set))]
		if why := x.obstacle(d, frame); why != nf.NoReason {
			out.Refuse(i, nf.Device(bits.TrailingZeros64(uint64(set))), why)
			continue
		}
		from := address
		if own && set&(set-1) == 0 {
			own = false
		} else {
			from = x.take()
			copy(x.umem[from:], frame)
		}
		*d.tx.next() = unix.XDPDesc{Addr: from, Len: uint32(len(frame))}
		d.sending++
	}
	if own {
		x.give(address)
	}
}

// shortest is the length in bytes of an Ethernet header, without which no frame can be sent.
const shortest = 14

// obstacle says why a device cannot send a frame at present. If there is none, its transmit ring has a
// place, and there is a free chunk: see the invariant of [IO]. The kernel would swallow the chunk
// of a frame that it finds invalid.
func (x *IO) obstacle(d *device, frame []byte) nf.Reason {
	switch {
	case len(frame) < shortest:
		return nf.Malformed
	case len(frame) > x.chunk:
		return nf.Oversize
	case d.sending == len(d.tx.entries) || len(x.free) == 0:
		return nf.TransmitFull
	}
	return nf.NoReason
}

// take takes a chunk out of the free list, which is not empty.
func (x *IO) take() uint64 {
	last := len(x.free) - 1
	address := x.free[last]
	x.free = x.free[:last]
	return address
}

// kick publishes what is to be sent, and has the kernel send it. In copy mode one system call sends 32
// frames at most, fewer if the device is short of memory: it is repeated as long as that helps. What is
// left then stays in the ring until the next exchange.
func (d *device) kick() error {
	if !d.tx.waiting() {
		return nil
	}
	d.tx.produced()
	for d.tx.waiting() && d.tx.asleep() {
		before := d.tx.consumer.Load()
		switch errno := kickSend(d.fd); errno {
		case 0, unix.EAGAIN, unix.EBUSY, unix.ENOBUFS, unix.EINTR:
		case unix.ENETDOWN:
			return nil // its link may come back
		default:
			return d.failure("sending by", errno)
		}
		if d.tx.consumer.Load() == before {
			return nil
		}
	}
	return nil
}

// refill gives free chunks to the devices to receive into, until each has as many as fit.
func (x *IO) refill() {
	for i := range x.devices {
		d := &x.devices[i]
		n := min(len(d.fill.entries)-d.posted, len(x.free))
		if n == 0 {
			continue
		}
		for range n {
			*d.fill.next() = x.take()
		}
		d.posted += n
		d.fill.produced()
		if d.fill.asleep() {
			kickFill(d.fd)
		}
	}
}

// arrived reports whether there is a frame to receive.
func (x *IO) arrived() bool {
	for i := range x.devices {
		if x.devices[i].rx.arrived() > 0 {
			return true
		}
	}
	return false
}

// wait sleeps until a frame arrives, [dataplane.MaxWait] at most; shorter if frames wait to be sent,
// which sleeping does not help.
func (x *IO) wait() {
	for i := range x.poll {
		x.poll[i].Revents = 0
	}
	limit := int(dataplane.MaxWait / time.Millisecond)
	for i := range x.devices {
		if x.devices[i].tx.waiting() {
			limit = 1
		}
	}
	// An interrupted call is a short sleep, and any other error is found when the devices are looked at.
	unix.Poll(x.poll, limit)
}

// receive takes frames from the devices in turn, beginning with another one each time.
func (x *IO) receive(in *dataplane.Batch, now nf.Time) {
	for i := range x.devices {
		x.receiveFrom((x.first+i)%len(x.devices), in, now)
	}
	x.first = (x.first + 1) % len(x.devices)
}

// receiveFrom takes the frames that a device has received, as many as there is room for.
func (x *IO) receiveFrom(i int, in *dataplane.Batch, now nf.Time) {
	d := &x.devices[i]
	n := min(d.rx.arrived(), in.Room())
	if n == 0 {
		return
	}
	for range n {
		at := d.rx.next()
		end := at.Addr + uint64(at.Len)
		if !in.Add(x.umem[at.Addr:end:end], nf.Device(i), now, at.Addr) {
			x.give(at.Addr)
		}
	}
	d.rx.consumed()
	d.posted -= n
}

// lookEvery is the time between two looks at the kernel's counters, in nanoseconds.
const lookEvery = 100 * nf.Millisecond

// look finds out which frames the kernel has not delivered, and whether a device has gone.
func (x *IO) look(in *dataplane.Batch) error {
	for i := range x.devices {
		d := &x.devices[i]
		if errno := option(d.fd, unix.XDP_STATISTICS, &d.seen); errno != 0 {
			return fmt.Errorf("reading the counters of %s: %w", d.name, errno)
		}
		d.report(in, nf.Device(i))
		code, err := unix.GetsockoptInt(d.fd, unix.SOL_SOCKET, unix.SO_ERROR)
		if err != nil {
			return fmt.Errorf("receiving from %s: %w", d.name, err)
		}
		if code != 0 {
			return d.failure("receiving from", unix.Errno(code))
		}
	}
	return nil
}

// failure is the error for what the kernel says of a socket. When the interface has been removed, the socket is told
// once that the network is down, as is not said of an interface that is only down, and from then on belongs
// to no device.
func (d *device) failure(doing string, errno unix.Errno) error {
	if errno == unix.ENETDOWN || errno == unix.ENXIO {
		return fmt.Errorf("%s %s: the interface has been removed", doing, d.name)
	}
	return fmt.Errorf("%s %s: %w", doing, d.name, errno)
}

// report counts the frames that a device has lost since the last report. The kernel counts a frame for
// which it found no chunk in rx_dropped and in rx_fill_ring_empty_descs (net/xdp/xsk.c, copy mode); what
// is in the former alone was too long for a chunk. It changes them one after another: a
// frame may be reported one look later, but never twice.
func (d *device) report(in *dataplane.Batch, from nf.Device) {
	empty := min(d.seen.Rx_fill_ring_empty_descs, d.seen.Rx_dropped)
	for ; d.full < d.seen.Rx_ring_full+empty; d.full++ {
		in.Lost(from, nf.ReceiveFull)
	}
	for ; d.incomplete < d.seen.Rx_dropped-empty; d.incomplete++ {
		in.Lost(from, nf.Truncated)
	}
}
