package config

import (
	"errors"
	"fmt"
	"log/slog"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml/ast"

	"vigor/dataplane"
	"vigor/packet"
)

// sectionKey is the key of the section about the data plane, beside the function's own.
const sectionKey = "dataplane"

// Dataplane is how a network function is run: the section dataplane of the file. Only driver and
// devices must be there.
type Dataplane struct {
	Driver  Driver   // the back end
	Devices []Device // in the order of their numbers, 1 to nf.MaxDevices

	// Burst is the number of frames that are received and processed together, 1 to
	// dataplane.MaxBurst; dataplane.BurstSize if the file does not say.
	Burst int `config:"optional"`
	// BusyPoll has the back end ask for frames all the time instead of sleeping until some arrive:
	// the packet thread then always takes a whole core.
	BusyPoll bool `config:"optional"`
	// Cores are the numbers of the processors that packet threads are pinned to. None leaves the
	// choice to the kernel.
	Cores []int `config:"optional"`
	// Shards is the number of copies of the function that share the work, each with a part of the
	// configuration, state and a packet thread of its own: 1 to shard.MaxShards; 1 if the file does not
	// say. With Cores there is one for each.
	Shards int `config:"optional"`
	// HugePages asks the kernel for huge pages under the function's state, and the driver dpdk for
	// them under its buffers.
	HugePages bool `config:"optional"`
	// Metrics is the address, IP:PORT, at which metrics and health are served over HTTP; empty for
	// none. Port 0 lets the kernel choose.
	Metrics string `config:"optional"`
	// Control is the path of the Unix socket that `vigor show` asks; empty for none.
	Control string `config:"optional"`
	// User and Group are whom the process becomes after set-up, by name or number. Without Group it
	// is the user's own; without User the process stays who it is.
	User  Account `config:"optional"`
	Group Account `config:"optional"`
	// Confine gives up all capabilities and most system calls after set-up; true if the file does not say.
	Confine bool `config:"optional"`
	// LogLevel is the least level of what is logged.
	LogLevel LogLevel `config:"optional"`
}

// Device is a network interface of the network function.
type Device struct {
	// Interface is the kernel's name of the interface; for the driver dpdk, of DPDK's device.
	Interface string
	// Address is the function's address on this device's network, with the network's length. With
	// it ARP is answered and asked on behalf of the function; without it the zero value.
	Address Address `config:"optional"`
	// Gateway is the neighbour, in the network of Address, that other networks are reached by; 0 for
	// none.
	Gateway packet.IPv4 `config:"optional"`
}

// Address is an IPv4 address in a network: 10.0.0.1/24.
type Address struct {
	IP   packet.IPv4
	Bits int // length of the network's prefix, 1 to 31; 0 for no address
}

// IsSet reports whether there is an address.
func (a Address) IsSet() bool { return a.Bits != 0 }

// Contains reports whether an address is in the network.
func (a Address) Contains(other packet.IPv4) bool { return (a.IP^other)&a.mask() == 0 }

func (a Address) mask() packet.IPv4 { return ^packet.IPv4(0) << (32 - a.Bits) }

// String gives the form 10.0.0.1/24.
func (a Address) String() string { return fmt.Sprintf("%v/%d", a.IP, a.Bits) }

func (Address) wanted() string { return "text of the form 10.0.0.1/24" }

// UnmarshalText reads what String gives.
func (a *Address) UnmarshalText(text []byte) error {
	ip, bits, found := strings.Cut(string(text), "/")
	if !found {
		return fmt.Errorf("%q has no length of the network: write it behind the address, as in 10.0.0.1/24", text)
	}
	if err := a.IP.UnmarshalText([]byte(ip)); err != nil {
		return err
	}
	n, err := strconv.ParseUint(bits, 10, 8)
	if err != nil || n < 1 || n > 31 || bits[0] == '0' || bits[0] == '+' {
		return fmt.Errorf("%q: the length of the network is 1 to 31, as in 10.0.0.1/24", text)
	}
	a.Bits = int(n)
	return nil
}

// Driver is the name of a back end.
type Driver string

// The drivers.
const (
	AFPacket Driver = "afpacket" // packet sockets: any interface, the kernel copies
	AFXDP    Driver = "afxdp"    // XDP sockets
	TAP      Driver = "tap"      // makes its interfaces; the host is the other end
	DPDK     Driver = "dpdk"     // only in programs built with the tag dpdk
)

var drivers = []Driver{AFPacket, AFXDP, TAP, DPDK}

func (Driver) wanted() string { return "one of " + list(drivers) }

// UnmarshalText reads one of the names.
func (d *Driver) UnmarshalText(text []byte) error {
	if !slices.Contains(drivers, Driver(text)) {
		return fmt.Errorf("there is no driver %q: there are %s", text, list(drivers))
	}
	*d = Driver(text)
	return nil
}

// Account is a user or group, by name or number.
type Account string

func (Account) wanted() string { return "a name or a number" }

// UnmarshalText reads a name or number.
func (a *Account) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		return errors.New("empty: write a name or a number, or leave the key out")
	}
	*a = Account(text)
	return nil
}

// LogLevel is debug, info, warn or error.
type LogLevel slog.Level

// Level is the level as package slog has it.
func (l LogLevel) Level() slog.Level { return slog.Level(l) }

var levels = []string{"debug", "info", "warn", "error"}

func (LogLevel) wanted() string { return "one of " + list(levels) }

// UnmarshalText reads one of the names.
func (l *LogLevel) UnmarshalText(text []byte) error {
	var level slog.Level
	if !slices.Contains(levels, string(text)) || level.UnmarshalText(text) != nil {
		return fmt.Errorf("there is no level %q: there are %s", text, list(levels))
	}
	*l = LogLevel(level)
	return nil
}

// list writes names for a message.
func list[T ~string](names []T) string {
	words := make([]string, len(names))
	for i, name := range names {
		words[i] = string(name)
	}
	return strings.Join(words, ", ")
}

// reserved gives the field of a configuration whose name in files is the section's, or "".
func reserved(t reflect.Type) string {
	for i := range t.NumField() {
		if SnakeCase(t.Field(i).Name) == sectionKey {
			return t.Field(i).Name
		}
	}
	return ""
}

// readSection reads and checks the section.
func (r *reader) readSection(n ast.Node) {
	r.section = &Dataplane{Burst: dataplane.BurstSize, Shards: 1, Confine: true}
	before := len(r.problems)
	r.structure(n, reflect.ValueOf(r.section).Elem())
	if len(r.problems) == before {
		r.check(r.section)
	}
}
