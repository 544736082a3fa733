package reload_test

import (
	"encoding/binary"
	"strings"
	"testing"

	"vigor/dataplane"
	"vigor/libvig"
	"vigor/nf"
	"vigor/nfs/loadbalancer"
	"vigor/packet"
)

const service = 0xCB007150 // 203.0.113.80

func startBalancer(env nf.Env, cfg loadbalancer.Config) (any, dataplane.Burst, error) {
	b, err := loadbalancer.New(env, cfg)
	return b, func(packets []nf.Packet, actions []nf.Action) {
		for i := range packets {
			actions[i] = b.Process(&packets[i])
		}
	}, err
}

// testBalancer is a balancer of a UDP service, with these backends.
func testBalancer(backends ...packet.IPv4) loadbalancer.Config {
	cfg := loadbalancer.Config{VIP: service, Port: 53, Protocol: packet.UDP, RewriteDestination: true, Slots: 1009,
		SharedKey: [5]uint64{3, 5, 7, 11, 13}, HeartbeatTo: 0x0A010001, HeartbeatPort: 4242,
		Networks:       []loadbalancer.Network{{}, {Backends: true}},
		BackendTimeout: 3 * nf.Second, Capacity: 100, FlowTimeout: nf.Hour}
	for _, b := range backends {
		cfg.Backends = append(cfg.Backends, libvig.Entry[packet.IPv4, uint16]{Key: b, Value: 1})
	}
	return cfg
}

// TestBackendsComeAndGo changes the list of backends while flows live: once a backend is heard again, it has the flows
// that it had, in whatever place of the list it is, and only those of one that is gone move. Another
// number of backends needs a restart.
func TestBackendsComeAndGo(t *testing.T) {
	const a, b, c = packet.IPv4(0x0A01000B), packet.IPv4(0x0A01000C), packet.IPv4(0x0A01000D)
	r := run(t, startBalancer, testBalancer(a, b))
	now := nf.Second
	ask := func(client uint16) packet.IPv4 {
		out, ok := r.send(t, datagram(0, now, peer, service, client, 53))
		if !ok || out.Device != 1 {
			return 0
		}
		return packet.IPv4(binary.BigEndian.Uint32(out.Bytes[30:]))
	}
	beat := func(backends ...packet.IPv4) {
		for _, backend := range backends {
			r.send(t, datagram(1, now, uint32(backend), 0x0A010001, 1, 4242))
		}
	}
	beat(a, b)
	was := map[uint16]packet.IPv4{}
	for client := range uint16(20) {
		was[client] = ask(client)
	}
	change := func(backends ...packet.IPv4) {
		t.Helper()
		report, err := r.Apply(t.Context(), testBalancer(backends...))
		if err != nil || len(report.Kept) != 2 {
			t.Fatalf("%+v, %v", report, err)
		}
		if got := ask(0); got != 0 {
			t.Errorf("before any heartbeat a packet is sent to %v", got)
		}
		beat(backends...)
	}
	change(b, a)
	for client, backend := range was {
		if got := ask(client); got != backend {
			t.Errorf("client %d moves from %v to %v although that lives", client, backend, got)
		}
	}
	change(a, c)
	if _, err := r.Apply(t.Context(), testBalancer(a, b, c)); err == nil || !strings.Contains(err.Error(), "the capacity of stations would change from 2 to 3") {
		t.Errorf("a longer list: got %v", err)
	}
	moved := 0
	for client, backend := range was {
		got := ask(client)
		if backend == b {
			moved++
		} else if got != backend {
			t.Errorf("client %d moves from %v to %v although that lives", client, backend, got)
		}
		if got != a && got != c {
			t.Errorf("client %d is sent to %v", client, got)
		}
	}
	if moved == 0 || moved == len(was) {
		t.Errorf("%d of %d flows were with the backend that went: the test shows little", moved, len(was))
	}
}
