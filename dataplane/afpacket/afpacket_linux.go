package afpacket

import (
	"errors"
	"fmt"
	"net"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"vigor/dataplane/link"
	"vigor/nf"
)

// IO is a back end on packet sockets, two for each device: one receives, one sends.
type IO struct {
	devices []device
	poll    []unix.PollFd // one for each device, in order
	busy    bool
	fanout  *Fanout
	first   int // the device to receive from first next time

	origin time.Time
	looked nf.Time // when the kernel's counters were read
}

// device is one network interface.
type device struct {
	name  string
	fd    int // receives
	ring  ring
	stats unix.TpacketStatsV3
	sender
}

// Open opens devices, by the names that the kernel has for them: device i of the network function is
// devices[i]. They belong to the network namespace of the calling thread.
func Open(devices []string, cfg Config) (*IO, error) {
	cfg, err := cfg.complete()
	if err != nil {
		return nil, err
	}
	if len(devices) < 1 || len(devices) > nf.MaxDevices {
		return nil, fmt.Errorf("%d devices: the number must be 1 to %d", len(devices), nf.MaxDevices)
	}
	x := &IO{busy: cfg.Busy, fanout: cfg.Fanout, origin: time.Now()}
	for i, name := range devices {
		x.devices = append(x.devices, device{name: name, fd: -1, sender: sender{fd: -1}})
		if err := x.devices[i].open(cfg, i); err != nil {
			return nil, fmt.Errorf("opening packet sockets on %s: %w", name, errors.Join(err, x.Close()))
		}
		x.poll = append(x.poll, unix.PollFd{Fd: int32(x.devices[i].fd), Events: unix.POLLIN})
	}
	return x, nil
}

// open opens both sockets of device number i.
func (d *device) open(cfg Config, i int) error {
	l, err := link.Read(d.name)
	if err != nil {
		return err
	}
	if !l.Up {
		return fmt.Errorf("it is down: `ip link set dev %s up`", d.name)
	}
	known, err := net.InterfaceByName(d.name)
	if err != nil {
		return err
	}
	if d.fd, err = socket(); err != nil {
		return err
	}
	if d.sender.fd, err = socket(); err != nil {
		return err
	}
	if err := d.listen(known.Index, l.MTU, cfg, i); err != nil {
		return err
	}
	return d.sender.open(known.Index)
}

// socket makes a socket that receives nothing yet.
func socket() (int, error) {
	fd, err := unix.Socket(unix.AF_PACKET, unix.SOCK_RAW|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0)
	if errors.Is(err, unix.EPERM) {
		err = fmt.Errorf("%w: run as root, or give the program the capability CAP_NET_RAW", err)
	}
	return fd, err
}

// listen has the receiving socket receive all frames of an interface.
func (d *device) listen(index, mtu int, cfg Config, i int) error {
	set := func(name string, option, value int) error {
		if err := unix.SetsockoptInt(d.fd, unix.SOL_PACKET, option, value); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		return nil
	}
	err := errors.Join(
		set("asking for the state of checksums", unix.PACKET_VNET_HDR, 1),
		set("leaving out what the host sends", unix.PACKET_IGNORE_OUTGOING, 1),
	)
	if err != nil {
		return err
	}
	if cfg.Busy {
		d.ring, err = mapSlots(d.fd, cfg.Blocks, mtu)
	} else {
		d.ring, err = mapBlocks(d.fd, cfg.Blocks)
	}
	if err != nil {
		d.ring = nil
		return err
	}
	all := unix.PacketMreq{Ifindex: int32(index), Type: unix.PACKET_MR_PROMISC}
	if err := unix.SetsockoptPacketMreq(d.fd, unix.SOL_PACKET, unix.PACKET_ADD_MEMBERSHIP, &all); err != nil {
		return fmt.Errorf("receiving frames for other stations: %w", err)
	}
	if cfg.Fanout != nil {
		return cfg.Fanout.join(d.fd, index, i)
	}
	return bind(d.fd, index, unix.ETH_P_ALL)
}

// bind ties a socket to an interface; with a protocol, it receives from now on.
func bind(fd, index int, protocol uint16) error {
	address := unix.SockaddrLinklayer{Ifindex: index, Protocol: protocol<<8 | protocol>>8}
	if err := unix.Bind(fd, &address); err != nil {
		return fmt.Errorf("binding: %w", err)
	}
	return nil
}

// Mode says for logs how the devices are opened.
func (x *IO) Mode() string {
	var names []string
	for i := range x.devices {
		names = append(names, x.devices[i].name)
	}
	mode := "packet sockets on " + strings.Join(names, ", ")
	if x.fanout != nil {
		mode += fmt.Sprintf(", shared in group %d", x.fanout.Group)
	}
	return mode
}

// Close gives the devices back. The kernel holds what was sent, and sends it after that. A second call
// does nothing.
func (x *IO) Close() error {
	var wrong error
	for i := range x.devices {
		d := &x.devices[i]
		if d.ring != nil {
			wrong = errors.Join(wrong, d.ring.unmap())
		}
		for _, fd := range []int{d.fd, d.sender.fd} {
			if fd >= 0 {
				wrong = errors.Join(wrong, unix.Close(fd))
			}
		}
	}
	x.devices, x.poll = nil, nil
	if wrong != nil {
		return fmt.Errorf("closing packet sockets: %w", wrong)
	}
	return nil
}
