package afpacket

import (
	"fmt"
	"time"

	"golang.org/x/sys/unix"

	"vigor/dataplane"
	"vigor/nf"
)

// lookEvery is the time between two looks at the kernel's counters, in nanoseconds.
const lookEvery = 100 * nf.Millisecond

// Exchange implements [dataplane.IO].
func (x *IO) Exchange(out, in *dataplane.Batch) error {
	err := x.send(out)
	for i := range x.devices {
		x.devices[i].ring.recycle()
	}
	if err != nil {
		return err
	}
	if in.Room() > 0 && !x.busy && !x.arrived() {
		if err := x.wait(); err != nil {
			return err
		}
	}
	now := nf.Time(time.Since(x.origin))
	for i := range x.devices {
		from := (x.first + i) % len(x.devices)
		if err := x.devices[from].ring.receive(in, nf.Device(from), now); err != nil {
			return fmt.Errorf("receiving from %s: %w", x.devices[from].name, err)
		}
	}
	x.first = (x.first + 1) % len(x.devices)
	if now-x.looked > lookEvery || in.Room() == 0 && in.Len() == 0 {
		x.looked = now
		return x.look(in)
	}
	return nil
}

// arrived reports whether there is a frame to receive.
func (x *IO) arrived() bool {
	for i := range x.devices {
		if x.devices[i].ring.arrived() {
			return true
		}
	}
	return false
}

// wait sleeps until a block is handed over, [dataplane.MaxWait] at most.
func (x *IO) wait() error {
	for i := range x.poll {
		x.poll[i].Revents = 0
	}
	// An interrupted call is a short sleep.
	unix.Poll(x.poll, int(dataplane.MaxWait/time.Millisecond))
	for i := range x.poll {
		if x.poll[i].Revents&(unix.POLLERR|unix.POLLHUP|unix.POLLNVAL) != 0 {
			if err := x.devices[i].failed(); err != nil {
				return err
			}
		}
	}
	return nil
}

// failed looks at the error of a receiving socket. A link that is down may come up again, and the kernel
// then goes on; an interface that has gone does not come back.
func (d *device) failed() error {
	code, err := unix.GetsockoptInt(d.fd, unix.SOL_SOCKET, unix.SO_ERROR)
	if err != nil {
		return fmt.Errorf("receiving from %s: %w", d.name, err)
	}
	address, err := unix.Getsockname(d.fd)
	if err != nil {
		return fmt.Errorf("receiving from %s: %w", d.name, err)
	}
	if l, ok := address.(*unix.SockaddrLinklayer); ok && l.Ifindex <= 0 {
		return fmt.Errorf("receiving from %s: the interface has been removed", d.name)
	}
	if code != 0 && unix.Errno(code) != unix.ENETDOWN {
		return fmt.Errorf("receiving from %s: %w", d.name, unix.Errno(code))
	}
	return nil
}

// look counts the frames for which there was no room, and finds out whether a device has gone.
func (x *IO) look(in *dataplane.Batch) error {
	for i := range x.devices {
		d := &x.devices[i]
		if errno := lost(d.fd, &d.stats); errno != 0 {
			return fmt.Errorf("reading the counters of %s: %w", d.name, errno)
		}
		for range d.stats.Drops {
			in.Lost(nf.Device(i), nf.ReceiveFull)
		}
		if err := d.failed(); err != nil {
			return err
		}
	}
	return nil
}
