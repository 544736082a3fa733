// Package link reads what a program has to know of a network interface of the system before it uses it:
// its Ethernet address, so that nobody has to write it into a configuration; the longest frame that it
// takes; and whether it can carry frames, now and, with a [Watcher], later.
//
// Start at [Read].
package link

import (
	"fmt"
	"net"
	"strings"

	"vigor/packet"
)

// Link is an interface as the system has it at one moment.
type Link struct {
	Name    string
	MAC     packet.MAC // its address; zero if it has none, as a loopback interface
	MTU     int        // the longest payload of a frame in bytes, without the Ethernet header
	Up      bool       // an operator has switched it on
	Running bool       // and its other end is there: there is a carrier
}

// Read looks at an interface of the network namespace that the calling thread is in.
func Read(name string) (Link, error) {
	i, err := net.InterfaceByName(name)
	if err != nil {
		return Link{}, fmt.Errorf("looking at interface %q: %w%s", name, err, others())
	}
	l := Link{Name: i.Name, MTU: i.MTU, Up: i.Flags&net.FlagUp != 0, Running: i.Flags&net.FlagRunning != 0}
	if len(i.HardwareAddr) == len(l.MAC) {
		copy(l.MAC[:], i.HardwareAddr)
	}
	return l, nil
}

// others lists the interfaces that there are, for a message.
func others() string {
	list, err := net.Interfaces()
	if err != nil {
		return ""
	}
	names := make([]string, len(list))
	for i := range list {
		names[i] = list[i].Name
	}
	return ": there are " + strings.Join(names, ", ")
}

// Peer is an Ethernet address for the station at the other end of an interface that a program has made, such
// as a TAP device: always the same one for the same interface, another one than the interface's own,
// and administered locally (IEEE 802, 8.2).
func (l Link) Peer() packet.MAC {
	a := l.MAC
	a[0] |= 2
	a[5] ^= 1
	return a
}

// Ready says why an interface cannot be used as a device with an IPv4 address, and what to do; nil if it
// can.
func (l Link) Ready() error {
	switch {
	case l.MAC.IsZero() || l.MAC.IsGroup():
		return fmt.Errorf("interface %s has no Ethernet address: choose another one, or leave out its IPv4 address", l.Name)
	case !l.Up:
		return fmt.Errorf("interface %s is down: ip link set %s up", l.Name, l.Name)
	}
	return nil
}
