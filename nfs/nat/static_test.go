package nat_test

import (
	"strings"
	"testing"

	"vigor/dataplane/config"
	"vigor/nf"
	"vigor/nfs/nat"
	"vigor/packet"
)

const web packet.IPv4 = 0x0A000050 // 10.0.0.80

// forward is a static mapping of an endpoint of the web server, behind the device other.
func forward(outer, inner uint16, protocol packet.Protocol) nat.Forward {
	return nat.Forward{
		Key:   nat.Outside{Port: outer, Protocol: uint16(protocol)},
		Value: nat.Inside{Address: web, Port: inner, Device: other, Protocol: uint64(protocol)},
	}
}

// forwarding is a NAT with room for one mapping, and static ones.
func forwarding(t testing.TB, list ...nat.Forward) *nat.NAT {
	t.Helper()
	cfg := configOf(1)
	cfg.Static = list
	return newNAT(t, cfg)
}

// TestStatic: a static port leads to its endpoint, which leaves by it, whatever the table holds and whenever (N27).
func TestStatic(t *testing.T) {
	for _, protocol := range []packet.Protocol{packet.TCP, packet.UDP} {
		n := forwarding(t, forward(443, 8443, protocol))
		open(t, n, endpoints{host, 5000, server, 53, packet.UDP, 0, 0}, 1) // no room is left
		expect(t, "another device", process(n, endpoints{web, 8443, server, 53, protocol, 0, 0}.frame(), inside, 1), nf.Drop(nf.TableFull))
		call := endpoints{server, 4000, our, 443, protocol, 0, 5}
		for _, now := range []nf.Time{1, 100 * nf.Hour} {
			frame := call.frame()
			expect(t, "call", process(n, frame, outside, now), nf.Forward(other))
			if got := read(t, frame); got != (endpoints{server, 4000, web, 8443, protocol, 0, 0}) {
				t.Errorf("translated to %+v", got)
			}
			frame = endpoints{web, 8443, server, 4000, protocol, 0, 5}.frame()
			expect(t, "answer", process(n, frame, other, now), nf.Forward(outside))
			if got := read(t, frame); got != (endpoints{our, 443, server, 4000, protocol, 0, 0}) {
				t.Errorf("answer translated to %+v", got)
			}
			frame = endpoints{web, 8443, server + 1, 53, protocol, 0, 5}.frame()
			expect(t, "call of the server", process(n, frame, other, now), nf.Forward(outside))
			if got := read(t, frame); got.srcPort != 443 {
				t.Errorf("another port, %d, for another peer (N1)", got.srcPort)
			}
		}
		wrong := call
		wrong.protocol = packet.TCP + packet.UDP - protocol
		expect(t, "another protocol", process(n, wrong.frame(), outside, 100*nf.Hour), nf.Drop(nf.NoMapping))
	}
}

// TestStaticHairpin: inside hosts call a static port, and are called by who has one (N9).
func TestStaticHairpin(t *testing.T) {
	n := forwarding(t, forward(443, 8443, packet.TCP), forward(80, 8080, packet.TCP))
	frame := endpoints{host, 5000, our, 443, packet.TCP, 0, 0}.frame()
	expect(t, "call", process(n, frame, inside, 1), nf.Forward(other))
	if got := read(t, frame); got != (endpoints{our, 2000, web, 8443, packet.TCP, 0, 0}) {
		t.Errorf("translated to %+v", got)
	}
	frame = endpoints{web, 8443, our, 2000, packet.TCP, 0, 0}.frame()
	expect(t, "answer", process(n, frame, other, 1), nf.Forward(inside))
	if got := read(t, frame); got != (endpoints{our, 443, host, 5000, packet.TCP, 0, 0}) {
		t.Errorf("answer translated to %+v", got)
	}
	frame = endpoints{web, 8443, our, 80, packet.TCP, 0, 0}.frame()
	expect(t, "from one to the other", process(n, frame, other, 1), nf.Forward(other))
	if got := read(t, frame); got != (endpoints{our, 443, web, 8080, packet.TCP, 0, 0}) {
		t.Errorf("translated to %+v", got)
	}
}

// TestStaticErrors: what goes wrong with a static mapping's packets is told to its endpoint, and by it (N13).
func TestStaticErrors(t *testing.T) {
	n := forwarding(t, forward(443, 8443, packet.UDP))
	sent := endpoints{web, 8443, server, 4000, packet.UDP, 0, 5}.frame()
	process(n, sent, other, 1)
	frame := errorAbout(sent, server+9, our, 3, 8)
	expect(t, "error from outside", process(n, frame, outside, 1), nf.Forward(other))
	ip, _ := packet.ParseIPv4(frame[14:])
	m, _ := packet.ParseICMP(ip.Payload())
	if q, ok := packet.ParseQuote(m); !ok || ip.Destination() != web || q.Source() != web || q.SourcePort() != 8443 {
		t.Errorf("error translated to % x", frame)
	}
	call := endpoints{server, 4000, our, 443, packet.UDP, 0, 5}.frame()
	process(n, call, outside, 1)
	frame = errorAbout(call, web, server, 3, 8)
	expect(t, "error from inside", process(n, frame, other, 1), nf.Forward(outside))
	ip, _ = packet.ParseIPv4(frame[14:])
	m, _ = packet.ParseICMP(ip.Payload())
	if q, ok := packet.ParseQuote(m); !ok || ip.Source() != our || q.Destination() != our || q.DestinationPort() != 443 {
		t.Errorf("error translated to % x", frame)
	}
}

// TestStaticTwice: of static mappings that contradict each other only the last counts, so that no port has two
// endpoints (N2). A file with such ones is refused.
func TestStaticTwice(t *testing.T) {
	n := forwarding(t, forward(443, 1, packet.TCP), forward(443, 2, packet.TCP), forward(444, 3, packet.TCP), forward(445, 3, packet.TCP))
	for port, want := range map[uint16]nf.Action{1: nf.Drop(nf.NoMapping), 2: nf.Forward(outside), 3: nf.Forward(outside)} {
		frame := endpoints{web, port, server, 53, packet.TCP, 0, 0}.frame()
		expect(t, "from inside", process(n, frame, other, 1), want)
	}
	for port, want := range map[uint16]nf.Action{443: nf.Forward(other), 444: nf.Drop(nf.NoMapping), 445: nf.Forward(other)} {
		frame := endpoints{server, 53, our, port, packet.TCP, 0, 0}.frame()
		expect(t, "from outside", process(n, frame, outside, 1), want)
	}
}

// TestStaticIsChecked: what a file says of static mappings, and what it must not say.
func TestStaticIsChecked(t *testing.T) {
	const good = "tcp 443 to 10.0.0.80 port 8443 device 2"
	for line, want := range map[string]string{
		good:                                       "",
		"udp 65535 to 10.0.0.80 port 1 device 0":   "",
		"tcp 443 to 10.0.0.80":                     "a static mapping is a line such as `tcp 443",
		"tcp 443 to 10.0.0.80 port 8443 dev 2":     "a static mapping is a line such as",
		"icmp 443 to 10.0.0.80 port 8443 device 2": `there is no protocol "icmp": there are tcp and udp`,
		"tcp 70000 to 10.0.0.80 port 1 device 2":   `"70000" is no port`,
		"tcp 443 to 10.0.0.800 port 1 device 2":    "10.0.0.800",
		"tcp 443 to 10.0.0.80 port -1 device 2":    `"-1" is no port`,
		"tcp 443 to 10.0.0.80 port 1 device lan":   `"lan" is no device`,
		"tcp 0 to 10.0.0.80 port 1 device 2":       "port 0 is no port",
		"tcp 443 to 10.0.0.80 port 0 device 2":     "port 0 is no port",
		"tcp 2000 to 10.0.0.80 port 1 device 2":    "outside port 2000 is one of those from start_port on, which others get: take one outside 2000 to 2003",
		"tcp 2003 to 10.0.0.80 port 1 device 2":    "take one outside 2000 to 2003",
		"tcp 443 to 0.0.0.0 port 1 device 2":       "the address is 0.0.0.0: name a host inside",
		"tcp 443 to 203.0.113.1 port 1 device 2":   "the address is 203.0.113.1",
		"tcp 443 to 10.0.0.80 port 1 device 1":     "device 1 is the outside",
		"tcp 443 to 10.0.0.80 port 1 device 3":     "device is 3, but devices are numbered 0 to 2",
	} {
		list := make(nat.Forwards, 1)
		err := list.UnmarshalElement(0, []byte(line))
		if err == nil {
			cfg := testConfig()
			cfg.Static = list
			_, err = nat.New(nf.Env{Devices: 3}, cfg)
		}
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %q", line, err, want)
		}
	}
	for line, want := range map[string]string{
		"tcp 443 to 10.0.0.81 port 8443 device 2": "outside port 443 is that of static mapping 0 already",
		"tcp 444 to 10.0.0.80 port 8443 device 2": "the endpoint is that of static mapping 0 already",
		"udp 443 to 10.0.0.80 port 8443 device 2": "",
	} {
		list := make(nat.Forwards, 2)
		if err := list.UnmarshalElement(0, []byte(good)); err != nil {
			t.Fatal(err)
		}
		err := list.UnmarshalElement(1, []byte(line))
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %q", line, err, want)
		}
	}
	for _, f := range []nat.Forward{{}, {Key: nat.Outside{Port: 1, Protocol: 6}, Value: nat.Inside{Address: web, Port: 1, Protocol: 17}}} {
		cfg := testConfig()
		cfg.Static = nat.Forwards{f}
		if err := cfg.Validate(); err == nil || !strings.Contains(err.Error(), "static: ") {
			t.Errorf("%v: got %v", f, err)
		}
	}
}

// TestStaticFile reads static mappings as an operator writes them; a mistake is reported with its line.
func TestStaticFile(t *testing.T) {
	const file = "wan: 1\nexternal_ip: 203.0.113.1\nstart_port: 1024\ncapacity: 1000\nudp_timeout: 300s\nicmp_timeout: 60s\n" +
		"tcp_opening: 4m\ntcp_established: 2h4m\ntcp_closing: 4m\nstatic:\n  - tcp 443 to 10.0.0.80 port 8443 device 0\n"
	var cfg nat.Config
	if _, err := config.Read("nat.yaml", []byte(file), &cfg); err != nil || len(cfg.Static) != 1 || cfg.Static[0].Value.Address != web {
		t.Errorf("read %v, %v", cfg.Static, err)
	}
	_, err := config.Read("nat.yaml", []byte(file+"  - udp 1500 to 10.0.0.80 port 1 device 0\n"), &cfg)
	if err == nil || !strings.Contains(err.Error(), "nat.yaml:12:") {
		t.Errorf("a dynamic port: got %v, want an error in line 12", err)
	}
}
