package live

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"vigor/dataplane"
	"vigor/dataplane/afpacket"
	"vigor/dataplane/afxdp"
	"vigor/dataplane/backend"
	"vigor/dataplane/config"
	"vigor/dataplane/link"
	"vigor/dataplane/neighbour"
	"vigor/dataplane/netns"
	"vigor/dataplane/shard"
	"vigor/dataplane/tap"
	"vigor/nf"
	nat "vigor/nfs/natclassic"
	"vigor/nfs/nop"
	"vigor/packet"
)

// backEnd is a live back end.
type backEnd struct {
	name string
	open func(devices []string) (dataplane.IO, error) // inside the namespace of the devices
	tap  bool                                         // it makes the devices, whose other ends are the hosts'
	deaf bool                                         // it is not told that a checksum is unfinished
}

// backEnds are those of every program; those that must be built in are in builtIn.
var backEnds = []backEnd{
	{name: "afpacket", open: func(devices []string) (dataplane.IO, error) {
		return afpacket.Open(devices, afpacket.Config{})
	}},
	{name: "afxdp native", deaf: true, open: func(devices []string) (dataplane.IO, error) {
		return afxdp.Open(devices, afxdp.Config{})
	}},
	{name: "afxdp generic", deaf: true, open: func(devices []string) (dataplane.IO, error) {
		return afxdp.Open(devices, afxdp.Config{Generic: true})
	}},
	{name: "tap", tap: true, open: func(devices []string) (dataplane.IO, error) {
		return tap.Open(devices, tap.Config{})
	}},
}

// onEveryBackEnd runs a test for each.
func onEveryBackEnd(t *testing.T, test func(t *testing.T, b backEnd)) {
	netns.Need(t, "curl", "iperf3", "ping")
	for _, b := range append(backEnds, builtIn...) {
		t.Run(b.name, func(t *testing.T) {
			needTAP(t, b.tap)
			test(t, b)
		})
	}
}

// needTAP skips a test that needs TAP devices where the kernel has none.
func needTAP(t *testing.T, needed bool) {
	if _, err := os.Stat("/dev/net/tun"); needed && err != nil {
		t.Skipf("the kernel of this machine has no TAP devices: %v", err)
	}
}

// The hosts: inside is host 0 of a lab, outside is host 1. Behind the latter is a distant address, for
// which it is the gateway.
const (
	insideHost  = "192.168.7.2"
	insideOurs  = "192.168.7.1"
	outsideHost = "203.0.113.2"
	outsideOurs = "203.0.113.1"
	distantHost = "198.51.100.7"
	networkBits = "/24"
	deadline    = 20 * time.Second // of one program
)

// ip reads an address.
func ip(t testing.TB, text string) packet.IPv4 {
	t.Helper()
	var a packet.IPv4
	if err := a.UnmarshalText([]byte(text)); err != nil {
		t.Fatal(err)
	}
	return a
}

// site is a lab with a network function that runs in it, as one or as several shards.
type site struct {
	*netns.Lab
	loops   []*dataplane.Loop // one for each shard
	layers  []*neighbour.Layer
	macs    []packet.MAC // ours, of devices with an address
	inside  *netns.Namespace
	outside *netns.Namespace
}

// newSite makes two hosts with addresses; nothing connects them yet.
func newSite(t *testing.T) *site {
	t.Helper()
	lab := netns.New(t, 2)
	return &site{Lab: lab, inside: lab.Hosts[0], outside: lab.Hosts[1]}
}

// run runs a network function on a back end until the test ends.
func (s *site) run(t *testing.T, io dataplane.IO, process func(*nf.Packet) nf.Action) {
	t.Helper()
	env := nf.Env{Devices: 2}
	loop := dataplane.NewLoop(env, func(packets []nf.Packet, actions []nf.Action) {
		for i := range packets {
			actions[i] = process(&packets[i])
		}
	}, io)
	s.loops = append(s.loops, loop)
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error)
	go func() { done <- loop.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-done; !errors.Is(err, context.Canceled) {
			t.Errorf("the loop ended with %v", err)
		}
		if err := io.Close(); err != nil {
			t.Error(err)
		}
		if t.Failed() {
			t.Logf("received %v, sent %v", loop.Counters.Received[:2], loop.Counters.Sent[:2])
			for d := range 2 {
				for r, n := range loop.Counters.Dropped[d] {
					if n > 0 {
						t.Logf("device %d: %d dropped for %v", d, n, nf.Reason(r))
					}
				}
			}
		}
	})
}

// natConfig is the configuration of the NAT, whose outside is device 1.
func natConfig(t *testing.T) nat.Config {
	return nat.Config{WAN: 1, ExternalIP: ip(t, outsideOurs), StartPort: 1024, Capacity: 1000, FlowTimeout: 5 * nf.Minute}
}

// natHosts gives two hosts that a NAT connects their addresses.
func (s *site) natHosts(t *testing.T) {
	t.Helper()
	s.inside.Address(t, netns.HostDevice, insideHost+networkBits)
	s.inside.Route(t, "default", insideOurs)
	s.outside.Address(t, netns.HostDevice, outsideHost+networkBits)
	s.outside.Address(t, "lo", distantHost+"/32")
}

// natSite is a NAT whose devices have addresses and no fixed neighbours: hosts find it, and it finds them,
// by ARP.
func natSite(t *testing.T, b backEnd) *site {
	t.Helper()
	return siteOf(t, b, func(env nf.Env) (func(*nf.Packet) nf.Action, error) {
		n, err := nat.New(env, natConfig(t))
		return n.Process, err
	})
}

// siteOf is a site with any NAT.
func siteOf(t *testing.T, b backEnd, start func(nf.Env) (func(*nf.Packet) nf.Action, error)) *site {
	t.Helper()
	s := newSite(t)
	env, err := dataplane.NewEnv(2)
	if err != nil {
		t.Fatal(err)
	}
	process, err := start(env)
	if err != nil {
		t.Fatal(err)
	}
	s.open(t, b, env, []neighbour.Device{
		{Address: neighbour.Address{IP: ip(t, insideOurs), Bits: 24}},
		{Address: neighbour.Address{IP: ip(t, outsideOurs), Bits: 24}, Gateway: ip(t, outsideHost)},
	})
	s.natHosts(t)
	s.run(t, s.layers[0], process)
	return s
}

// open opens the devices, with a layer for those that have an address.
func (s *site) open(t *testing.T, b backEnd, env nf.Env, devices []neighbour.Device) {
	t.Helper()
	s.attach(t, b, func(b backEnd) {
		io, err := b.open(s.Devices())
		if err != nil {
			t.Fatal(err)
		}
		for i := range devices {
			devices[i].MAC = s.station(t, b, i)
		}
		layer, err := neighbour.New(io, env, neighbour.Config{Devices: devices})
		if err != nil {
			t.Fatal(err)
		}
		s.layers = append(s.layers, layer)
	})
}

// attach has f open the devices, and sees to it that the hosts are at their other ends.
func (s *site) attach(t *testing.T, b backEnd, f func(b backEnd)) {
	t.Helper()
	if b.tap { // it brings devices of the same names
		for _, host := range s.Hosts {
			host.Run(t, "ip", "link", "delete", netns.HostDevice)
		}
	}
	s.Own.Do(t, func() { f(b) })
	if b.tap {
		for i, host := range s.Hosts {
			s.Own.Run(t, "ip", "link", "set", s.Devices()[i], "netns", host.Path(), "name", netns.HostDevice)
			host.Run(t, "ip", "link", "set", netns.HostDevice, "up", "address", fmt.Sprintf("02:00:00:00:02:%02d", i))
		}
	}
}

// station is our Ethernet address on a device.
func (s *site) station(t *testing.T, b backEnd, i int) packet.MAC {
	t.Helper()
	l, err := link.Read(s.Devices()[i])
	if err = errors.Join(err, l.Ready()); err != nil {
		t.Fatal(err)
	}
	mac := l.MAC
	if b.tap {
		mac = l.Peer()
	}
	s.macs = append(s.macs, mac)
	return mac
}

// configuredSite is the NAT in shards, opened by a configuration.
func configuredSite(t *testing.T, driver config.Driver, shards int) *site {
	t.Helper()
	s := newSite(t)
	env, err := dataplane.NewEnv(2)
	if err != nil {
		t.Fatal(err)
	}
	configs, err := shard.Configs(natConfig(t), shards)
	if err != nil {
		t.Fatal(err)
	}
	section := &config.Dataplane{
		Driver: driver, Burst: dataplane.BurstSize, Shards: shards,
		Devices: []config.Device{
			{Interface: s.interfaceOf(driver, 0), Address: config.Address{IP: ip(t, insideOurs), Bits: 24}},
			{Interface: s.interfaceOf(driver, 1), Address: config.Address{IP: ip(t, outsideOurs), Bits: 24}, Gateway: ip(t, outsideHost)},
		},
	}
	var list []*backend.Backend
	s.attach(t, backEnd{tap: driver == config.TAP}, func(b backEnd) {
		if list, err = backend.Open(section, env, shard.Steerings(natConfig(t), 2)); err != nil {
			t.Fatal(err)
		}
		for i := range s.Hosts {
			s.station(t, b, i)
		}
	})
	s.natHosts(t)
	for k, b := range list {
		n, err := nat.New(env, configs[k])
		if err != nil {
			t.Fatal(err)
		}
		s.layers = append(s.layers, b.Neighbours)
		s.run(t, b, n.Process)
	}
	return s
}

// interfaceOf is the name of a device in a configuration.
func (s *site) interfaceOf(driver config.Driver, i int) string {
	if driver == config.DPDK {
		return packetDevice(i, s.Devices()[i])
	}
	return s.Devices()[i]
}

// packetDevice names a device of DPDK's driver for packet sockets on an interface: no card, but all of DPDK's
// own path.
func packetDevice(i int, name string) string { return fmt.Sprintf("net_af_packet%d,iface=%s", i, name) }

// wireSite is the function that passes everything, on devices without addresses, between two hosts of one
// network.
func wireSite(t *testing.T, b backEnd) *site {
	t.Helper()
	s := newSite(t)
	w, err := nop.New(nf.Env{Devices: 2}, nop.Config{Left: 0, Right: 1})
	if err != nil {
		t.Fatal(err)
	}
	s.open(t, b, nf.Env{Devices: 2}, nil)
	s.inside.Address(t, netns.HostDevice, "192.0.2.2"+networkBits)
	s.outside.Address(t, netns.HostDevice, "192.0.2.3"+networkBits)
	s.run(t, s.layers[0], w.Process)
	return s
}

// look calls f for each shard, between two steps of its loop.
func (s *site) look(t *testing.T, f func(layer *neighbour.Layer, c *dataplane.Counters)) {
	t.Helper()
	for k, loop := range s.loops {
		if err := loop.Do(t.Context(), func() { f(s.layers[k], &loop.Counters) }); err != nil {
			t.Fatal(err)
		}
	}
}

// dropped is the number of packets that a device received and that were dropped for a reason.
func (s *site) dropped(t *testing.T, d nf.Device, why nf.Reason) (n uint64) {
	t.Helper()
	s.look(t, func(_ *neighbour.Layer, c *dataplane.Counters) { n += c.Dropped[d][why] })
	return n
}

// program runs a program in a namespace, with a limit.
func program(t *testing.T, n *netns.Namespace, name string, args ...string) (string, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), deadline)
	defer cancel()
	var stderr bytes.Buffer
	cmd := n.Command(ctx, name, args...)
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		err = fmt.Errorf("%s %s: %w: %s", name, strings.Join(args, " "), err, stderr.String())
	}
	return string(out), err
}

// page is the content that the server gives out, and its hash.
func page() ([]byte, string) {
	text := bytes.Repeat([]byte("network functions are proved, and run. "), 30000)
	sum := sha256.Sum256(text)
	return text, hex.EncodeToString(sum[:])
}

// serve runs an HTTP server in a namespace, until the test ends: GET gives the page, POST the hash of what
// is sent.
func serve(t *testing.T, n *netns.Namespace, address string) {
	t.Helper()
	var listener net.Listener
	var err error
	n.Do(t, func() { listener, err = net.Listen("tcp", address) })
	if err != nil {
		t.Fatal(err)
	}
	text, _ := page()
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet {
			w.Write(text)
			return
		}
		hash := sha256.New()
		io.Copy(hash, r.Body)
		fmt.Fprintf(w, "%x", hash.Sum(nil))
	})}
	go server.Serve(listener)
	t.Cleanup(func() { server.Close() })
}
