package neighbour_test

import (
	"strings"
	"testing"

	"vigor/dataplane"
	"vigor/dataplane/conformance"
	"vigor/dataplane/memory"
	"vigor/dataplane/neighbour"
	"vigor/nf"
	"vigor/packet"
)

func TestRefusedConfigurations(t *testing.T) {
	first := func(change func(*neighbour.Device)) func(*neighbour.Config) {
		return func(c *neighbour.Config) { change(&c.Devices[0]) }
	}
	for name, test := range map[string]struct {
		change func(*neighbour.Config)
		want   string // part of the message; empty if it is accepted
	}{
		"as it is":                {func(*neighbour.Config) {}, ""},
		"no devices":              {func(c *neighbour.Config) { c.Devices = nil }, ""},
		"network of two":          {first(func(d *neighbour.Device) { d.Address = neighbour.Address{IP: 0x0A000000, Bits: 31} }), ""},
		"shortest lifetime":       {func(c *neighbour.Config) { c.Lifetime = neighbour.MinLifetime }, ""},
		"no station":              {first(func(d *neighbour.Device) { d.MAC = packet.MAC{} }), "device 0: 00:00:00:00:00:00 is not the Ethernet address of a station"},
		"group":                   {first(func(d *neighbour.Device) { d.MAC[0] |= 1 }), "device 0: 03:00:00:00:00:01 is not"},
		"no prefix":               {first(func(d *neighbour.Device) { d.Address.Bits = 0 }), "10.0.0.1/0: the prefix length must be 1 to 31"},
		"host prefix":             {first(func(d *neighbour.Device) { d.Address.Bits = 32 }), "10.0.0.1/32: the prefix length must be 1 to 31"},
		"negative prefix":         {first(func(d *neighbour.Device) { d.Address.Bits = -1 }), "10.0.0.1/-1: the prefix length must be 1 to 31"},
		"the network":             {first(func(d *neighbour.Device) { d.Address.IP = 0x0A000000 }), "10.0.0.0/24 is the network or its broadcast address"},
		"the broadcast address":   {first(func(d *neighbour.Device) { d.Address.IP = 0x0A0000FF }), "10.0.0.255/24 is the network or its broadcast address"},
		"loopback":                {first(func(d *neighbour.Device) { d.Address.IP = 0x7F000001 }), "no device has such an address"},
		"multicast":               {first(func(d *neighbour.Device) { d.Address.IP = 0xE0000005 }), "no device has such an address"},
		"everybody":               {first(func(d *neighbour.Device) { d.Address = neighbour.Address{IP: 0xFFFFFFFF, Bits: 31} }), "no device has such an address"},
		"gateway elsewhere":       {first(func(d *neighbour.Device) { d.Gateway = 0x0A000102 }), "the gateway 10.0.1.2 is not another station of 10.0.0.1/24"},
		"gateway is ourselves":    {first(func(d *neighbour.Device) { d.Gateway = ip0 }), "the gateway 10.0.0.1 is not another station"},
		"gateway is everybody":    {first(func(d *neighbour.Device) { d.Gateway = 0x0A0000FF }), "the gateway 10.0.0.255 is not another station"},
		"gateway alone":           {first(func(d *neighbour.Device) { *d = neighbour.Device{Gateway: host} }), "there is a gateway, 10.0.0.7, but no address"},
		"too many devices":        {func(c *neighbour.Config) { c.Devices = make([]neighbour.Device, 5) }, "5 devices are configured, but there are 4"},
		"negative capacity":       {func(c *neighbour.Config) { c.Capacity = -1 }, "capacity is -1"},
		"huge capacity":           {func(c *neighbour.Config) { c.Capacity = 1<<20 + 1 }, "capacity is 1048577"},
		"lifetime without a unit": {func(c *neighbour.Config) { c.Lifetime = 20 }, "the lifetime of a neighbour is 20 ns"},
		"long lifetime":           {func(c *neighbour.Config) { c.Lifetime = 25 * nf.Hour }, "want 10s to 24h"},
		"negative lifetime":       {func(c *neighbour.Config) { c.Lifetime = -nf.Hour }, "want 10s to 24h"},
	} {
		t.Run(name, func(t *testing.T) {
			cfg := neighbour.Config{Devices: devices()}
			test.change(&cfg)
			_, err := neighbour.New(&memory.Queue{}, nf.Env{Devices: 4}, cfg)
			switch {
			case test.want == "" && err != nil:
				t.Errorf("refused: %v", err)
			case test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)):
				t.Errorf("got %v, want %q", err, test.want)
			}
		})
	}
}

// TestConformance: with and without addresses, frames that are no datagrams pass as over the bare back
// end.
func TestConformance(t *testing.T) {
	station := packet.MAC{2, 0, 0, 0, 0, 1} // of the frames of the check
	addressed := []neighbour.Device{
		{MAC: station, Address: neighbour.Address{IP: ip0, Bits: 24}}, {},
		{MAC: station, Address: neighbour.Address{IP: ip1, Bits: 24}},
	}
	for name, devices := range map[string][]neighbour.Device{"transparent": nil, "addressed": addressed} {
		t.Run(name, func(t *testing.T) {
			for _, problem := range conformance.Check(func(frames []dataplane.Frame) (conformance.BackEnd, error) {
				q := &memory.Queue{}
				for _, f := range frames {
					q.Put(f.Device, f.Time, f.Bytes)
				}
				layer, err := neighbour.New(q, nf.Env{Devices: conformance.Devices}, neighbour.Config{Devices: devices})
				return conformance.BackEnd{IO: layer, Sent: func() ([]dataplane.Frame, error) { return q.Sent(), nil }}, err
			}, 1514) {
				t.Error(problem)
			}
		})
	}
}
