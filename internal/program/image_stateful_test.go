package program_test

import (
	"os"
	"path/filepath"
	"testing"

	"vigor/internal/program"
	"vigor/internal/qemu"
	"vigor/libvig"
	"vigor/nf"
	"vigor/nfs/firewall"
	"vigor/nfs/loadbalancer"
	"vigor/packet"
)

// TestFirewallBoots: hosts inside open flows, answers to them come in, and what nobody asked for does not.
func TestFirewallBoots(t *testing.T) {
	needQEMU(t)
	file, _ := makeImage(t, "firewall", 2)
	const flows = 500
	var first, then []arrival
	for i := range frames {
		flow := uint16(i / 2 % flows)
		from := uint32(0x0a000100) + uint32(flow)
		switch {
		case i%2 == 0 && i < 2*flows:
			first = append(first, arrival{0, datagram(from, 0x08080808, 4000+flow, 53, i%1400)})
		case i%2 == 0:
			then = append(then, arrival{0, datagram(from, 0x08080808, 4000+flow, 53, i%1400)})
		case i%5 == 0: // of another peer
			then = append(then, arrival{1, datagram(0x08080809, from, 53, 4000+flow, i%1400)})
		default:
			then = append(then, arrival{1, datagram(0x08080808, from, 53, 4000+flow, i%1400)})
		}
	}
	for _, kind := range kinds {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			function, err := firewall.New(nf.Env{Devices: 2}, firewall.Config{
				Inside: 0, Outside: 1, OutboundDefault: firewall.Allow, Capacity: 60000, OpeningTimer: 240 * nf.Second,
				EstablishedTimer: 7440 * nf.Second, ClosingTimer: 240 * nf.Second, ExchangeTimer: 300 * nf.Second,
			})
			if err != nil {
				t.Fatal(err)
			}
			m := start(t, qemu.Config{Kind: kind, Image: file, Devices: 2})
			forward(t, m, 2, function.Process, first)
			forward(t, m, 2, function.Process, then)
		})
	}
}

// TestBalancerBoots: backends send heartbeats, and what clients send goes to them as by a balancer in this process
// that has the same shared key.
func TestBalancerBoots(t *testing.T) {
	needQEMU(t)
	const vip, listener = 0xcb007150, 0x0a0100fe
	text := "vip: 203.0.113.80\nport: 53\nprotocol: 17\nclients: 0\nrewrite_destination: false\nown_mac: 02:00:00:00:00:02\n" +
		"backends: [{key: 10.1.0.1, value: 1}, {key: 10.1.0.2, value: 1}, {key: 10.1.0.3, value: 2}]\nslots: 65537\n" +
		"shared_key: [1, 2, 3, 4, 5]\nheartbeat_to: 10.1.0.254\nheartbeat_port: 4242\n" +
		"networks: [{backends: false, prefix: 0.0.0.0/0}, {backends: true, prefix: 10.1.0.0/24}]\n" +
		"backend_timeout: 1h\ncapacity: 65536\nflow_timeout: 5m\n"
	settings := loadbalancer.Config{
		VIP: vip, Port: 53, Protocol: packet.UDP, Clients: 0, OwnMAC: packet.MAC{2, 0, 0, 0, 0, 2},
		Backends: []libvig.Entry[packet.IPv4, uint16]{{Key: 0x0a010001, Value: 1}, {Key: 0x0a010002, Value: 1}, {Key: 0x0a010003, Value: 2}},
		Slots:    65537, SharedKey: [5]uint64{1, 2, 3, 4, 5}, HeartbeatTo: listener, HeartbeatPort: 4242,
		Networks:       []loadbalancer.Network{{}, {Backends: true, Prefix: packet.Prefix{Address: 0x0a010000, Length: 24}}},
		BackendTimeout: nf.Hour, Capacity: 65536, FlowTimeout: 300 * nf.Second,
	}
	file := makeImageWith(t, "loadbalancer", text)
	beats := []arrival{
		{1, datagram(0x0a010001, listener, 4242, 4242, 0)}, {1, datagram(0x0a010002, listener, 4242, 4242, 0)},
		{1, datagram(0x0a010003, listener, 4242, 4242, 0)},
	}
	requests := make([]arrival, frames)
	for i := range requests {
		requests[i] = arrival{0, datagram(0x08080000+uint32(i%700), vip, uint16(4000+i%11), 53, i%1400)}
	}
	for _, kind := range kinds {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			function, err := loadbalancer.New(nf.Env{Devices: 2}, settings)
			if err != nil {
				t.Fatal(err)
			}
			m := start(t, qemu.Config{Kind: kind, Image: file, Devices: 2})
			forward(t, m, 2, function.Process, beats)
			forward(t, m, 2, function.Process, requests)
		})
	}
}

// makeImageWith makes the image of a network function of the tree with a configuration of the test's own.
func makeImageWith(t *testing.T, name, text string) (file string) {
	t.Helper()
	dir := t.TempDir()
	config := filepath.Join(dir, name+".yaml")
	file = filepath.Join(dir, name+".img")
	if err := os.WriteFile(config, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	in := program.Image{Dir: "../..", Package: "./nfs/" + name, Config: config, Devices: 2, File: file}
	if _, _, err := in.Install(t.Context()); err != nil {
		t.Fatal(err)
	}
	return file
}
