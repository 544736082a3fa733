package link

import (
	"encoding/binary"
	"errors"
	"fmt"
	"maps"
	"net"
	"slices"
	"sync"
	"syscall"

	"golang.org/x/sys/unix"
)

// answerSeconds is how long the kernel may take for an answer.
const answerSeconds = 1

// answerBytes is enough for any one part of an answer (NLMSG_GOODSIZE in linux/netlink.h).
const answerBytes = 32 << 10

// Watcher tells whether interfaces can send and receive. It asks over a socket that it has open, so that a
// process which may open nothing any more can use it, and in the network namespace in which it was made. It
// is for any goroutine.
type Watcher struct {
	mutex sync.Mutex
	fd    int
	asked uint32         // number of the last request
	names map[int]string // by the kernel's index
}

// Watch returns a watcher for the named interfaces.
func Watch(names []string) (*Watcher, error) {
	w := &Watcher{names: map[int]string{}}
	for _, name := range names {
		i, err := net.InterfaceByName(name)
		if err != nil {
			return nil, fmt.Errorf("watching interface %q: %w%s", name, err, others())
		}
		w.names[i.Index] = name
	}
	var err error
	if w.fd, err = unix.Socket(unix.AF_NETLINK, unix.SOCK_RAW|unix.SOCK_CLOEXEC, unix.NETLINK_ROUTE); err != nil {
		return nil, fmt.Errorf("watching interfaces: %w", err)
	}
	err = unix.SetsockoptTimeval(w.fd, unix.SOL_SOCKET, unix.SO_RCVTIMEO, &unix.Timeval{Sec: answerSeconds})
	if err == nil {
		err = unix.Bind(w.fd, &unix.SockaddrNetlink{Family: unix.AF_NETLINK})
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("watching interfaces: %w", err), unix.Close(w.fd))
	}
	return w, nil
}

// Close gives up watching.
func (w *Watcher) Close() error {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	err := unix.Close(w.fd)
	w.fd = -1
	return err
}

// Check names an interface that is gone, is down, or has no carrier, with the smallest index first.
func (w *Watcher) Check() error {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	flags, err := w.flags()
	if err != nil {
		return fmt.Errorf("looking at interfaces: %w", err)
	}
	for _, index := range slices.Sorted(maps.Keys(w.names)) {
		if problem := state(w.names[index], flags, index); problem != nil {
			return problem
		}
	}
	return nil
}

// state says what is wrong with an interface.
func state(name string, flags map[int]uint32, index int) error {
	f, there := flags[index]
	switch {
	case !there:
		return fmt.Errorf("interface %s is gone: restart when it is back", name)
	case f&unix.IFF_UP == 0:
		return fmt.Errorf("interface %s is down: ip link set %s up", name, name)
	case f&unix.IFF_RUNNING == 0:
		return fmt.Errorf("interface %s has no carrier: is the other end there?", name)
	}
	return nil
}

// flags asks for all interfaces and returns their flags (netdevice(7)) by index.
func (w *Watcher) flags() (map[int]uint32, error) {
	w.asked++
	request := make([]byte, unix.SizeofNlMsghdr+unix.SizeofIfInfomsg) // struct nlmsghdr, struct ifinfomsg
	binary.NativeEndian.PutUint32(request, uint32(len(request)))
	binary.NativeEndian.PutUint16(request[4:], unix.RTM_GETLINK)
	binary.NativeEndian.PutUint16(request[6:], unix.NLM_F_REQUEST|unix.NLM_F_DUMP)
	binary.NativeEndian.PutUint32(request[8:], w.asked)
	if err := unix.Sendto(w.fd, request, 0, &unix.SockaddrNetlink{Family: unix.AF_NETLINK}); err != nil {
		return nil, err
	}
	flags := map[int]uint32{}
	part := make([]byte, answerBytes)
	for {
		n, _, err := unix.Recvfrom(w.fd, part, 0)
		if err != nil {
			return nil, err
		}
		messages, err := syscall.ParseNetlinkMessage(part[:n])
		if err != nil {
			return nil, err
		}
		for _, m := range messages {
			if m.Header.Seq != w.asked {
				continue // the late answer to an earlier request
			}
			switch m.Header.Type {
			case unix.NLMSG_DONE:
				return flags, nil
			case unix.NLMSG_ERROR:
				return nil, errors.New("the kernel refuses to list them")
			case unix.RTM_NEWLINK:
				if len(m.Data) >= unix.SizeofIfInfomsg { // index at byte 4, flags at byte 8
					flags[int(binary.NativeEndian.Uint32(m.Data[4:]))] = binary.NativeEndian.Uint32(m.Data[8:])
				}
			}
		}
	}
}
