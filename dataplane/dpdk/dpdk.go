// Package dpdk is the back end for network cards and virtual devices that the Data Plane Development
// Kit drives from user space (https://doc.dpdk.org, version 22.11).
//
// [Open] takes devices by PCI address or as DPDK writes its virtual ones, and returns [Devices], a
// [dataplane.IO] that the run loop uses: one call into C per burst sends what was decided and receives
// the next. [NewPair] connects two devices inside the process, [Devices.Replay] and
// [Devices.Baseline] are for measuring.
//
// It is the one package that needs C. It is built in with
//
//	apt-get install gcc pkg-config libdpdk-dev
//	go build -tags dpdk     or     vigor build --tags dpdk
//
// and in any other program Open says so. Virtual devices need no card, and most of them no privilege:
//
//	net_null0                       receives frames without end, forgets what it sends
//	net_ring0                       receives what it sends
//	net_pcap0,rx_pcap=a,tx_pcap=b   capture files
//	net_memif0,role=server          shared memory with another process
//	net_tap0,iface=vigor0           a new interface of the kernel's (root)
//	net_af_packet0,iface=eth0       a raw socket on an interface of the kernel's (root)
//
// A card, such as 0000:03:00.0, is first taken from the kernel, and huge pages are set aside:
//
//	dpdk-devbind.py --bind=vfio-pci 0000:03:00.0
//	echo 512 > /proc/sys/vm/nr_hugepages
//
// Guarantee: a received buffer belongs to one packet alone; it is sent, or given back to its pool,
// once. Frames that lie in more than one buffer are dropped and counted as truncated, those that a
// device had no room for as receive_full. Exchange never waits, unless a driver does, as
// net_af_packet for room: a loop on this back end keeps its core busy. Assumes: a driver changes no
// bytes of what it sends. Each device has one queue in each direction, so that shards need devices of
// their own, such as virtual functions of a card. Many cards receive whole fours of frames only:
// bursts should be multiples of four. Nothing here was tried on a card, only on virtual devices.
//
// Start at Devices.Exchange, then exchange.c.
package dpdk

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"vigor/nf"
)

// Defaults and limits of a [Config].
const (
	DefaultDescriptors = 1024
	DefaultMaxFrame    = 1518  // IEEE 802.3 with one tag, without FCS
	MaxMaxFrame        = 65000 // what fits in a buffer beside the space before it
	minMaxFrame        = 60
)

// Config says what to open.
type Config struct {
	// Devices are the network function's devices in their order: a PCI address, or a virtual device
	// with its arguments as for DPDK's --vdev. The part before the comma is its name.
	Devices []string
	// HugePages has all memory be of huge pages, which must be free. Cards need them.
	HugePages bool
	// Descriptors is the number of frames that each device can hold in each direction; 0 is
	// DefaultDescriptors. Drivers round it.
	Descriptors int
	// MaxFrame is the length in bytes of the longest frame without FCS, 60 to 65,000; 0 is
	// DefaultMaxFrame.
	MaxFrame int
	// EAL are further arguments for DPDK's environment (the EAL), such as -l 3 or --iova-mode=va.
	// The first Open of a process starts it; later ones must ask for the same.
	EAL []string
}

// ErrNotBuiltIn is what Open answers in a program built without DPDK.
var ErrNotBuiltIn = errors.New("dpdk is not built in: " +
	"on Linux, install gcc, pkg-config and libdpdk-dev, and build with -tags dpdk and CGO_ENABLED=1")

// check completes a configuration, or says what is wrong with it.
func (c Config) check() (Config, error) {
	if c.Descriptors == 0 {
		c.Descriptors = DefaultDescriptors
	}
	if c.MaxFrame == 0 {
		c.MaxFrame = DefaultMaxFrame
	}
	switch {
	case len(c.Devices) == 0 || len(c.Devices) > nf.MaxDevices:
		return c, fmt.Errorf("%d devices: the number must be 1 to %d", len(c.Devices), nf.MaxDevices)
	case c.Descriptors < 32 || c.Descriptors > 32768:
		return c, fmt.Errorf("%d descriptors: the number must be 32 to 32768", c.Descriptors)
	case c.MaxFrame < minMaxFrame || c.MaxFrame > MaxMaxFrame:
		return c, fmt.Errorf("frames of %d bytes: the longest must be %d to %d", c.MaxFrame, minMaxFrame, MaxMaxFrame)
	}
	names := make(map[string]bool)
	for i, text := range c.Devices {
		d, err := parseDevice(text)
		if err != nil {
			return c, fmt.Errorf("device %d: %w", i, err)
		}
		if names[d.name] {
			return c, fmt.Errorf("device %d: %s is there twice", i, d.name)
		}
		names[d.name] = true
	}
	return c, checkEAL(c.EAL)
}

// bufferRoom is the size of buffers for frames of a length: 2,048 bytes is what many cards ask for.
func bufferRoom(maxFrame int) int { return max(2048, (maxFrame+63)&^63) }

// device is one of a configuration.
type device struct {
	name string // DPDK's
	args string // what is probed
	card bool
}

var (
	pciAddress = regexp.MustCompile(`^(?:[0-9a-f]{4}:)?[0-9a-f]{2}:[01][0-9a-f]\.[0-7]$`)
	vdevName   = regexp.MustCompile(`^net_[a-z0-9_]*[a-z0-9A-Z]$`)
)

// parseDevice reads a device of a configuration.
func parseDevice(text string) (device, error) {
	name, _, _ := strings.Cut(text, ",")
	switch lower := strings.ToLower(name); {
	case len(name) >= 64:
		return device{}, fmt.Errorf("%q: the name is longer than DPDK's 63 bytes", name)
	case strings.IndexByte(text, 0) >= 0:
		return device{}, fmt.Errorf("%q has a zero byte", text)
	case pciAddress.MatchString(lower):
		if strings.Count(lower, ":") == 1 {
			lower = "0000:" + lower
		}
		return device{lower, lower + text[len(name):], true}, nil
	case vdevName.MatchString(name):
		return device{name, text, false}, nil
	}
	return device{}, fmt.Errorf("%q is neither a PCI address such as 0000:03:00.0 "+
		"nor a virtual device such as net_tap0,iface=vigor0", text)
}
