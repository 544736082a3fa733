package tap

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"vigor/dataplane"
	"vigor/nf"
)

// IO is a back end on TAP devices.
type IO struct {
	devices []device
	poll    []unix.PollFd // one for each device, in order
	busy    bool
	first   int // the device to receive from first next time
	origin  time.Time
	now     nf.Time // of the latest batch

	memory []byte // of the frames in a batch; the next batch is read when it has been sent
}

// device is one TAP device.
type device struct {
	name string
	fd   int
}

const (
	// slot is the memory for one frame: one byte more than the longest, by which a longer one is
	// recognised, and so much that frames do not all compete for the same places of the caches.
	slot = dataplane.MaxFrame + 1 + 17*64
	// node is the file that makes devices.
	node = "/dev/net/tun"
)

// Open makes devices, or attaches to those that exist, and switches them on: device i of the network
// function is devices[i]. They belong to the network namespace of the calling thread, and those that are
// made end with the program.
func Open(devices []string, cfg Config) (*IO, error) {
	if len(devices) < 1 || len(devices) > nf.MaxDevices {
		return nil, fmt.Errorf("%d devices: the number must be 1 to %d", len(devices), nf.MaxDevices)
	}
	x := &IO{busy: cfg.Busy, origin: time.Now(), memory: make([]byte, dataplane.MaxBurst*slot)}
	for _, name := range devices {
		fd, err := attach(name)
		if err != nil {
			return nil, fmt.Errorf("opening the TAP device %q: %w", name, errors.Join(err, x.Close()))
		}
		x.devices = append(x.devices, device{name, fd})
		x.poll = append(x.poll, unix.PollFd{Fd: int32(fd), Events: unix.POLLIN})
	}
	return x, nil
}

// attach opens one device.
func attach(name string) (int, error) {
	if strings.ContainsAny(name, "%/ ") || name == "" {
		return -1, errors.New("the name must be one, without '%', '/' and spaces")
	}
	request, err := unix.NewIfreq(name)
	if err != nil {
		return -1, fmt.Errorf("the name has %d bytes, at most %d are possible", len(name), unix.IFNAMSIZ-1)
	}
	fd, err := unix.Open(node, unix.O_RDWR|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
	if err != nil {
		return -1, fmt.Errorf("opening %s: %w: load the module with `modprobe tun`, and give a container the device", node, err)
	}
	request.SetUint16(unix.IFF_TAP | unix.IFF_NO_PI)
	if err := unix.IoctlIfreq(fd, unix.TUNSETIFF, request); err != nil {
		return -1, errors.Join(explain(err, name), unix.Close(fd))
	}
	if err := switchOn(name); err != nil {
		return -1, errors.Join(err, unix.Close(fd))
	}
	return fd, nil
}

// explain says what the kernel means.
func explain(err error, name string) error {
	switch {
	case errors.Is(err, unix.EPERM):
		return fmt.Errorf("%w: run as root or with the capability CAP_NET_ADMIN, or have an administrator make it: "+
			"`ip tuntap add dev %s mode tap user USER`", err, name)
	case errors.Is(err, unix.EBUSY):
		return fmt.Errorf("%w: another program is at its other end", err)
	case errors.Is(err, unix.EINVAL):
		return fmt.Errorf("%w: an interface of this name exists and is no TAP device with one queue: choose another name", err)
	}
	return err
}

// switchOn does what `ip link set NAME up` does, unless that has been done.
func switchOn(name string) error {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	request, err := unix.NewIfreq(name)
	if err != nil {
		return err
	}
	if err := unix.IoctlIfreq(fd, unix.SIOCGIFFLAGS, request); err != nil {
		return fmt.Errorf("reading its flags: %w", err)
	}
	if request.Uint16()&unix.IFF_UP != 0 {
		return nil
	}
	request.SetUint16(request.Uint16() | unix.IFF_UP)
	if err := unix.IoctlIfreq(fd, unix.SIOCSIFFLAGS, request); err != nil {
		return fmt.Errorf("switching it on: %w: `ip link set dev %s up`", err, name)
	}
	return nil
}

// Mode says for logs how the devices are opened.
func (x *IO) Mode() string {
	var names []string
	for i := range x.devices {
		names = append(names, x.devices[i].name)
	}
	return "TAP devices " + strings.Join(names, ", ")
}

// Close gives the devices back. What was written has reached the host. A second call does nothing.
func (x *IO) Close() error {
	var wrong error
	for i := range x.devices {
		wrong = errors.Join(wrong, unix.Close(x.devices[i].fd))
	}
	x.devices, x.poll = nil, nil
	if wrong != nil {
		return fmt.Errorf("closing TAP devices: %w", wrong)
	}
	return nil
}
