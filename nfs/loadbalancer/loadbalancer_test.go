package loadbalancer_test

import (
	"bytes"
	"strings"
	"testing"

	"vigor/libvig"
	"vigor/nf"
	"vigor/nfs/loadbalancer"
	"vigor/packet"
)

// TestLife follows a service from its first heartbeat to a drained and a dead backend.
func TestLife(t *testing.T) {
	b := newBalancer(t, 1, nil)
	clientOf := map[packet.IPv4]packet.IPv4{} // a client of each backend
	if got := b.choose(t, ip(192, 0, 2, 1), 1000); got != 0 {
		t.Errorf("sent to %v although nobody is alive", got)
	}
	b.beat(t, backends...)
	for i := range packet.IPv4(200) {
		address := ip(192, 0, 2, 0) + i
		clientOf[b.choose(t, address, 1000)] = address
	}
	if len(clientOf) != len(backends) {
		t.Fatalf("%d backends have clients", len(clientOf))
	}
	b.now += 2 * nf.Second // of three
	b.beat(t, backends[0], backends[1])
	b.now += 2 * nf.Second
	for _, backend := range backends {
		got := b.choose(t, clientOf[backend], 1000)
		if alive := backend != backends[2]; alive != (got == backend) || got == 0 || got == backends[2] {
			t.Errorf("the client of %v is sent to %v", backend, got)
		}
	}
	moved := b.choose(t, clientOf[backends[2]], 1000)
	b.beat(t, backends...)
	if got := b.choose(t, clientOf[backends[2]], 1000); got != moved {
		t.Errorf("when its first backend is back, a flow moves from %v to %v", moved, got)
	}
	b.now += 3 * nf.Second
	b.beat(t, backends[1])
	f := heartbeat(backends[1])
	f[11] = 77
	if b.process(f, 3); b.process(f, 0).Reason == nf.Heartbeat {
		t.Error("a heartbeat on the clients' device counts")
	}
	b.now += nf.Second
	if got := b.choose(t, clientOf[backends[0]], 1000); got != backends[1] {
		t.Errorf("one backend is alive, %v, and %v is sent the flow", backends[1], got)
	}
}

// TestDrain gives a backend the weight 0 while it has flows: they stay, and it gets no others (M7).
func TestDrain(t *testing.T) {
	drained := func(c *loadbalancer.Config) { c.Backends[0].Value = 0 }
	b := newBalancer(t, 1, drained)
	b.beat(t, backends...)
	for i := range packet.IPv4(1000) {
		if got := b.choose(t, ip(192, 0, 2, 0)+i, 1000); got == backends[0] || got == 0 {
			t.Fatalf("a new flow is sent to %v", got)
		}
	}
	all := newBalancer(t, 1, func(c *loadbalancer.Config) {
		drained(c)
		c.Backends[1].Value, c.Backends[2].Value = 0, 0
	})
	if all.beat(t, backends...); all.choose(t, ip(192, 0, 2, 1), 1) != 0 {
		t.Error("all backends are drained, and one gets a flow")
	}
}

// TestBackendMoves has a backend appear with another Ethernet address on another device.
func TestBackendMoves(t *testing.T) {
	b := newBalancer(t, 1, func(c *loadbalancer.Config) {
		c.Networks = append(c.Networks, c.Networks[1])
	})
	b.beat(t, backends[0])
	b.choose(t, ip(192, 0, 2, 1), 1)
	f := heartbeat(backends[0])
	f[11] = 99
	b.process(f, 2)
	r := request(ip(192, 0, 2, 1), 1)
	if got := b.process(r, 0); got != nf.Forward(2) || r[5] != 99 {
		t.Errorf("got %v by device %d, to % x", got.Kind, got.Device, r[:6])
	}
}

// TestRewrites sends a request to a backend by its address, and its reply back from the service's.
func TestRewrites(t *testing.T) {
	b := newBalancer(t, 1, func(c *loadbalancer.Config) { c.RewriteDestination = true })
	b.beat(t, backends[1])
	me := end{ip(192, 0, 2, 1), 1000}
	there, back := request(me.address, me.port), frame(ours, station(backends[1]), packet.TCP, end{backends[1], 80}, me)
	if got := b.process(there, 0); got != nf.Forward(1) {
		t.Fatalf("the request: got %v %v", got.Kind, got.Reason)
	}
	if got := b.process(back, 1); got != nf.Forward(0) {
		t.Fatalf("the reply: got %v %v", got.Kind, got.Reason)
	}
	for i, want := range [][]byte{
		frame(ours, router, packet.TCP, me, end{backends[1], 80}),
		frame(ours, station(backends[1]), packet.TCP, end{vip, 80}, me),
	} {
		h, _ := packet.ParseIPv4(want[14:])
		h.DecrementTTL()
		if got := [][]byte{there, back}[i]; !bytes.Equal(got, want) {
			t.Errorf("packet %d:\ngot  % x\nwant % x", i, got, want)
		}
	}
}

// TestDropped says why each of these is dropped.
func TestDropped(t *testing.T) {
	c := ip(192, 0, 2, 1)
	for _, test := range []struct {
		why    string
		want   nf.Reason
		device nf.Device
		frame  []byte
		change func(f []byte)
	}{
		{"another address", nf.NotOurAddress, 0, request(c, 1), func(f []byte) { f[33]++ }},
		{"another port", nf.NotOurAddress, 0, request(c, 1), func(f []byte) { f[37]++ }},
		{"from elsewhere", nf.NotOurAddress, 1, request(c, 1), nil},
		{"another station", nf.NotOurStation, 0, request(c, 1), func(f []byte) { f[5]++ }},
		{"a first fragment", nf.Fragment, 0, request(c, 1), func(f []byte) { f[20] = 0x20 }},
		{"a later fragment", nf.Fragment, 0, request(c, 1), func(f []byte) { f[21] = 1 }},
		{"ICMP", nf.UnsupportedProtocol, 0, request(c, 1), func(f []byte) { f[23] = 1 }},
		{"no IPv4", nf.UnsupportedEtherType, 0, request(c, 1), func(f []byte) { f[13] = 6 }},
		{"too long", nf.Malformed, 0, request(c, 1), func(f []byte) { f[17] = 47 }},
		{"a heartbeat of a stranger", nf.NotABackend, 1, heartbeat(backends[0] + 100), nil},
		{"a heartbeat from another network", nf.NotOurAddress, 1, heartbeat(backends[0]), func(f []byte) { f[27] = 2 }},
		{"a heartbeat by a device without backends", nf.NotOurAddress, 0, heartbeat(backends[0]), nil},
		{"a heartbeat by a device beyond the list", nf.NotOurAddress, 3, heartbeat(backends[0]), nil},
		{"a heartbeat to somebody else", nf.NotOurAddress, 1, heartbeat(backends[0]), func(f []byte) { f[33]++ }},
	} {
		b := newBalancer(t, 1, nil)
		b.beat(t, backends[1:]...)
		if test.change != nil {
			test.change(test.frame)
		}
		if got := b.process(test.frame, test.device); got != nf.Drop(test.want) {
			t.Errorf("%s: got %v %v, want %v", test.why, got.Kind, got.Reason, test.want)
		}
	}
	for size := range 54 {
		if got := newBalancer(t, 1, nil).process(request(c, 1)[:size], 0); got.Kind != nf.Dropped {
			t.Errorf("%d bytes: got %v", size, got.Kind)
		}
	}
}

func TestConfigurationIsChecked(t *testing.T) {
	for want, change := range map[string]func(*loadbalancer.Config){
		"vip is 0.0.0.0":                   func(c *loadbalancer.Config) { c.VIP = 0 },
		"port is 0":                        func(c *loadbalancer.Config) { c.Port = 0 },
		"protocol is 1: 6 is TCP":          func(c *loadbalancer.Config) { c.Protocol = packet.ICMP },
		"clients is device 4, but devices": func(c *loadbalancer.Config) { c.Clients = 4 },
		"own_mac is 03:00:00:00:00:00":     func(c *loadbalancer.Config) { c.OwnMAC = packet.MAC{3} },
		"backends is empty":                func(c *loadbalancer.Config) { c.Backends = nil },
		"slots is 299: 3 backends need":    func(c *loadbalancer.Config) { c.Slots = 299 },
		"slots is 16777217: 16777216 is":   func(c *loadbalancer.Config) { c.Slots = libvig.MaxSlots + 1 },
		"shared_key is all zero":           func(c *loadbalancer.Config) { c.SharedKey = [5]uint64{} },
		"heartbeat_to is 0.0.0.0":          func(c *loadbalancer.Config) { c.HeartbeatTo = 0 },
		"heartbeat_port is 0":              func(c *loadbalancer.Config) { c.HeartbeatPort = 0 },
		"networks: element 1: the length":  func(c *loadbalancer.Config) { c.Networks[1].Prefix.Length = 33 },
		"backend_timeout is 3 ns":          func(c *loadbalancer.Config) { c.BackendTimeout = 3 },
		"capacity is 0":                    func(c *loadbalancer.Config) { c.Capacity = 0 },
		"capacity is 16777217":             func(c *loadbalancer.Config) { c.Capacity = loadbalancer.MaxCapacity + 1 },
		"flow_timeout is 604800000000001":  func(c *loadbalancer.Config) { c.FlowTimeout = loadbalancer.MaxTimeout + 1 },
	} {
		b, err := loadbalancer.New(nf.Env{Devices: 4}, configuration(t, change))
		if b != nil || err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
}

// TestKeeps refuses to take flows over to another service, and nothing else.
func TestKeeps(t *testing.T) {
	old := configuration(t, nil)
	fewer := configuration(t, func(c *loadbalancer.Config) { c.Backends, c.FlowTimeout = c.Backends[1:], nf.Hour })
	if err := fewer.Keeps(old); err != nil {
		t.Error(err)
	}
	for want, change := range map[string]func(*loadbalancer.Config){
		"from 203.0.113.80, port 80, protocol 6": func(c *loadbalancer.Config) { c.Port = 81 },
		"rewrite_destination would change":       func(c *loadbalancer.Config) { c.RewriteDestination = true },
	} {
		if err := configuration(t, change).Keeps(old); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
}

func TestNothingAllocates(t *testing.T) {
	b := newBalancer(t, 1, func(c *loadbalancer.Config) { c.Capacity = 100 })
	b.beat(t, backends...)
	f, h, n := request(ip(192, 0, 2, 1), 0), heartbeat(backends[0]), 0
	sent := bytes.Clone(f)
	got := testing.AllocsPerRun(1000, func() { // new flows, with expiry and without room
		n++
		copy(f, sent)
		f[34], f[35] = byte(n>>8), byte(n)
		b.now += nf.Millisecond
		b.process(f, 0)
		b.process(h, 1)
	})
	if got != 0 {
		t.Errorf("%v allocations per frame, want 0", got)
	}
}
