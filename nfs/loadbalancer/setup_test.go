package loadbalancer_test

import (
	"testing"

	"vigor/dataplane/config"
	"vigor/nf"
	"vigor/nfs/loadbalancer"
	"vigor/packet"
)

// Addresses of loadbalancer.yaml, and of others.
var (
	router   = packet.MAC{2, 0, 0, 0, 0, 9}
	ours     = packet.MAC{2, 0, 0, 0, 0, 1}
	vip      = ip(203, 0, 113, 80)
	heart    = ip(10, 1, 0, 1)
	backends = []packet.IPv4{ip(10, 1, 0, 11), ip(10, 1, 0, 12), ip(10, 1, 0, 13)}
)

func ip(a, b, c, d byte) packet.IPv4 {
	return packet.IPv4(a)<<24 | packet.IPv4(b)<<16 | packet.IPv4(c)<<8 | packet.IPv4(d)
}

// station is the Ethernet address of a backend.
func station(backend packet.IPv4) packet.MAC { return packet.MAC{2, 0, 0, 1, 0, byte(backend)} }

// configuration reads loadbalancer.yaml, and changes it.
func configuration(t testing.TB, change func(*loadbalancer.Config)) loadbalancer.Config {
	t.Helper()
	var cfg loadbalancer.Config
	if _, err := config.ReadFile("loadbalancer.yaml", &cfg); err != nil {
		t.Fatal(err)
	}
	if change != nil {
		change(&cfg)
	}
	return cfg
}

// balancer is a balancer under test, at a time.
type balancer struct {
	*loadbalancer.Balancer
	now nf.Time
}

// newBalancer makes a balancer of four devices; those with different keys hash their own tables differently.
func newBalancer(t testing.TB, key uint64, change func(*loadbalancer.Config)) *balancer {
	t.Helper()
	env := nf.Env{Devices: 4, HashKey: [5]uint64{key, 0x13198a2e03707344, 0xa4093822299f31d0, 0x082efa98ec4e6c89, 9}}
	b, err := loadbalancer.New(env, configuration(t, change))
	if err != nil {
		t.Fatal(err)
	}
	return &balancer{b, 0}
}

// end is one end of a connection.
type end struct {
	address packet.IPv4
	port    uint16
}

// frame is a datagram in a frame of minimum size, its checksums right.
func frame(to, by packet.MAC, protocol packet.Protocol, from, dst end) []byte {
	f := make([]byte, 60)
	copy(f, to[:])
	copy(f[6:], by[:])
	h := f[14:]
	put := func(at int, v uint32) {
		h[at], h[at+1], h[at+2], h[at+3] = byte(v>>24), byte(v>>16), byte(v>>8), byte(v)
	}
	f[12], h[0], h[8], h[9] = 8, 0x45, 64, byte(protocol)
	put(12, uint32(from.address))
	put(16, uint32(dst.address))
	put(20, uint32(from.port)<<16|uint32(dst.port))
	h[3] = 40
	if protocol == packet.UDP {
		h[3], h[25] = 28, 8
	} else {
		h[32], h[33] = 5<<4, 2 // five words, SYN
	}
	header, _ := packet.ParseIPv4(h)
	header.SetChecksum(header.ComputeChecksum())
	l4, _ := packet.ParseL4(header)
	sum := l4.ComputeChecksum(header)
	at := 20 + 16
	if protocol == packet.UDP {
		at = 20 + 6
	}
	h[at], h[at+1] = byte(sum>>8), byte(sum)
	return f
}

// request is what a client sends to the service.
func request(client packet.IPv4, port uint16) []byte {
	return frame(ours, router, packet.TCP, end{client, port}, end{vip, 80})
}

// heartbeat is what a backend sends.
func heartbeat(backend packet.IPv4) []byte {
	return frame(ours, station(backend), packet.UDP, end{backend, 999}, end{heart, 4242})
}

// process gives a frame to the balancer.
func (b *balancer) process(f []byte, d nf.Device) nf.Action {
	p := nf.NewPacket(f, d, b.now)
	return b.Process(&p)
}

// beat has backends send heartbeats.
func (b *balancer) beat(t testing.TB, list ...packet.IPv4) {
	t.Helper()
	for _, backend := range list {
		if got := b.process(heartbeat(backend), 1); got != nf.Drop(nf.Heartbeat) {
			t.Fatalf("a heartbeat of %v: got %v %v", backend, got.Kind, got.Reason)
		}
	}
}

// choose sends a request, and returns who gets it; 0 if it is dropped because nobody is alive. The balancer must
// be one that rewrites Ethernet addresses.
func (b *balancer) choose(t testing.TB, client packet.IPv4, port uint16) packet.IPv4 {
	t.Helper()
	f := request(client, port)
	got := b.process(f, 0)
	if got == nf.Drop(nf.NoBackend) {
		return 0
	}
	eth, _ := packet.ParseEthernet(f)
	backend := ip(10, 1, 0, eth.Destination()[5])
	if got != nf.Forward(1) || eth.Destination() != station(backend) || eth.Source() != ours {
		t.Fatalf("a request: got %v %v by device %d to %v", got.Kind, got.Reason, got.Device, eth.Destination())
	}
	return backend
}
