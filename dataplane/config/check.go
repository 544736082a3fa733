package config

import (
	"net/netip"
	"path/filepath"
	"strings"

	"vigor/dataplane"
	"vigor/dataplane/shard"
	"vigor/nf"
)

const (
	// maxInterface is the longest name of an interface in bytes: IFNAMSIZ of linux/if.h without its
	// zero byte.
	maxInterface = 15
	// maxSocketPath is the longest path of a Unix socket in bytes, with room for the name that it has at
	// first: sun_path of unix(7) takes 107.
	maxSocketPath = 90
	// maxCore is the largest number of a processor that can be pinned to: CPU_SETSIZE of
	// sched_setaffinity(2).
	maxCore = 1023
)

// check reports values that their types allow and that make no sense, alone or together.
func (r *reader) check(d *Dataplane) {
	r.checkDevices(d)
	if d.Burst < 1 || d.Burst > dataplane.MaxBurst {
		r.fail(r.nodes[&d.Burst], "burst: %d: the number is 1 to %d", d.Burst, dataplane.MaxBurst)
	}
	r.checkCores(d)
	if at := r.nodes[&d.Metrics]; at != nil {
		if _, err := netip.ParseAddrPort(d.Metrics); err != nil {
			r.fail(at, "metrics: %q is not an address with a port, as in 127.0.0.1:9100", d.Metrics)
		}
	}
	if at := r.nodes[&d.Control]; at != nil && (!filepath.IsAbs(d.Control) || len(d.Control) > maxSocketPath) {
		r.fail(at, "control: %q: expected an absolute path of at most %d bytes, as in /run/nf.sock",
			d.Control, maxSocketPath)
	}
	if d.Group != "" && d.User == "" {
		r.fail(r.nodes[&d.Group], "group: there is no user: set user too, or leave group out")
	}
}

func (r *reader) checkDevices(d *Dataplane) {
	list := r.nodes[&d.Devices]
	if len(d.Devices) < 1 || len(d.Devices) > nf.MaxDevices {
		r.fail(list, "devices: %d devices: the number is 1 to %d", len(d.Devices), nf.MaxDevices)
	}
	seen := map[string]bool{}
	for i := range d.Devices {
		device := &d.Devices[i]
		name, at := device.Interface, r.nodes[&device.Interface]
		switch {
		case name == "" || strings.ContainsAny(name, " \t\n"):
			r.fail(at, "interface: %q is not the name of an interface", name)
		case d.Driver != DPDK && (len(name) > maxInterface || strings.Contains(name, "/")):
			r.fail(at, "interface: %q is not the name of an interface, which has at most %d bytes and no slash",
				name, maxInterface)
		case seen[name]:
			r.fail(at, "interface: %s is a device already", name)
		}
		seen[name] = true
		r.checkAddress(device)
	}
}

// checkAddress checks a device's address and gateway against each other.
func (r *reader) checkAddress(d *Device) {
	at := r.nodes[&d.Address]
	host, last := d.Address.IP&^d.Address.mask(), ^d.Address.mask()
	switch {
	case !d.Address.IsSet():
	case d.Address.IP>>28 >= 14 || d.Address.IP>>24 == 127 || d.Address.IP>>24 == 0:
		r.fail(at, "address: %v is not the address of one host on a network", d.Address.IP)
	case d.Address.Bits < 31 && (host == 0 || host == last):
		r.fail(at, "address: %v names the whole network of %d bits: expected a host in it", d.Address.IP, d.Address.Bits)
	}
	gateway := r.nodes[&d.Gateway]
	switch {
	case gateway == nil:
	case !d.Address.IsSet():
		r.fail(gateway, "gateway: the device has no address: set address too, as in 10.0.0.1/24")
	case d.Gateway == d.Address.IP:
		r.fail(gateway, "gateway: %v is the device's own address", d.Gateway)
	case !d.Address.Contains(d.Gateway):
		r.fail(gateway, "gateway: %v is not in the device's network, %v/%d", d.Gateway, d.Address.IP&d.Address.mask(), d.Address.Bits)
	}
}

func (r *reader) checkCores(d *Dataplane) {
	seen := map[int]bool{}
	for i := range d.Cores {
		switch core := d.Cores[i]; {
		case core < 0 || core > maxCore:
			r.fail(r.nodes[&d.Cores[i]], "cores: %d: a processor has a number from 0 to %d", core, maxCore)
		case seen[core]:
			r.fail(r.nodes[&d.Cores[i]], "cores: %d comes twice", core)
		}
		seen[d.Cores[i]] = true
	}
	switch {
	case d.Shards < 1 || d.Shards > shard.MaxShards:
		r.fail(r.nodes[&d.Shards], "shards: %d: the number is 1 to %d", d.Shards, shard.MaxShards)
	case len(d.Cores) > 0 && len(d.Cores) != d.Shards:
		r.fail(r.nodes[&d.Cores], "cores: %d processors for shards: %d: name as many as there are shards", len(d.Cores), d.Shards)
	}

}
