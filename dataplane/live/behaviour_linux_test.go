package live

import (
	"net"
	"net/netip"
	"testing"
	"time"

	"vigor/dataplane/netns"
	"vigor/nf"
	independent "vigor/nfs/nat"
	classic "vigor/nfs/natclassic"
)

// TestNATBehaviour asks both NATs what a client of RFC 5780 asks (4.3 mapping, 4.4 filtering; 3.4
// hairpinning), by real sockets: nfs/nat maps and filters whatever the peer is, nfs/natclassic by peer.
func TestNATBehaviour(t *testing.T) {
	netns.Need(t, "ip", "ping")
	t.Run("nat", func(t *testing.T) {
		s := siteOf(t, backEnds[0], func(env nf.Env) (func(*nf.Packet) nf.Action, error) {
			n, err := independent.New(env, independent.Config{
				WAN: 1, ExternalIP: ip(t, outsideOurs), StartPort: 1024, Capacity: 1000, UDPTimeout: 5 * nf.Minute, ICMPTimeout: nf.Minute,
				TCPOpening: 4 * nf.Minute, TCPEstablished: 124 * nf.Minute, TCPClosing: 4 * nf.Minute,
			})
			return n.Process, err
		})
		s.behaviour(t, true)
		s.hairpin(t)
		s.pings(t)
	})
	t.Run("natclassic", func(t *testing.T) {
		s := siteOf(t, backEnds[0], func(env nf.Env) (func(*nf.Packet) nf.Action, error) {
			n, err := classic.New(env, natConfig(t))
			return n.Process, err
		})
		s.behaviour(t, false)
	})
}

// behaviour compares the addresses under which an inside endpoint is seen by three peers; another endpoint
// speaks with one of them only, and hears from the others or not.
func (s *site) behaviour(t *testing.T, independent bool) {
	peers := []*net.UDPConn{
		listen(t, s.outside, outsideHost+":3478"), listen(t, s.outside, outsideHost+":3479"), listen(t, s.outside, distantHost+":3479"),
	}
	client := listen(t, s.inside, insideHost+":5000")
	seen := make(map[netip.AddrPort]bool)
	for _, peer := range peers {
		seen[reach(t, client, address(peer), peer)] = true
	}
	if want := map[bool]int{true: 1, false: 3}[independent]; len(seen) != want {
		t.Errorf("three peers see %v, want %d endpoints", seen, want)
	}
	quiet := listen(t, s.inside, insideHost+":5001")
	outer := reach(t, quiet, address(peers[0]), peers[0])
	if got := reach(t, peers[0], outer, quiet); got != address(peers[0]) {
		t.Errorf("the peer's answer comes from %v", got)
	}
	for i, peer := range peers[1:] {
		if independent {
			if got := reach(t, peer, outer, quiet); got != address(peer) {
				t.Errorf("what peer %d sends comes from %v", i+1, got)
			}
			continue
		}
		before := s.dropped(t, 1, nf.WrongPeer)
		write(t, peer, outer)
		for end := time.Now().Add(5 * time.Second); s.dropped(t, 1, nf.WrongPeer) == before; time.Sleep(time.Millisecond) {
			if time.Now().After(end) {
				t.Fatalf("what peer %d sent was not dropped for %v", i+1, nf.WrongPeer)
			}
		}
	}
}

// hairpin: two inside endpoints speak with each other at their outside ports.
func (s *site) hairpin(t *testing.T) {
	peer := listen(t, s.outside, outsideHost+":3480")
	a, b := listen(t, s.inside, insideHost+":6000"), listen(t, s.inside, insideHost+":6001")
	outerA, outerB := reach(t, a, address(peer), peer), reach(t, b, address(peer), peer)
	if got := reach(t, a, outerB, b); got != outerA {
		t.Errorf("hairpinned from %v, want %v", got, outerA)
	}
	if got := reach(t, b, outerA, a); got != outerB {
		t.Errorf("hairpinned back from %v, want %v", got, outerB)
	}
}

// pings: echo requests from inside are answered, at an outside identifier; those from outside are not (RFC 5508 REQ-1).
func (s *site) pings(t *testing.T) {
	for _, size := range []string{"0", "56", "1000"} {
		if out, err := program(t, s.inside, "ping", "-c", "3", "-i", "0.05", "-W", "5", "-s", size, outsideHost); err != nil {
			t.Errorf("ping with %s bytes: %v\n%s", size, err, out)
		}
	}
	before := s.dropped(t, 1, nf.NoMapping)
	if out, err := program(t, s.outside, "ping", "-c", "2", "-i", "0.05", "-W", "0.2", outsideOurs); err == nil {
		t.Errorf("somebody outside has an answer: %s", out)
	}
	if got := s.dropped(t, 1, nf.NoMapping) - before; got != 2 {
		t.Errorf("%d packets dropped for %v, want 2", got, nf.NoMapping)
	}
}

// listen opens a socket in a namespace until the test ends.
func listen(t *testing.T, where *netns.Namespace, at string) (c *net.UDPConn) {
	t.Helper()
	where.Do(t, func() {
		var err error
		if c, err = net.ListenUDP("udp4", net.UDPAddrFromAddrPort(netip.MustParseAddrPort(at))); err != nil {
			t.Fatal(err)
		}
	})
	t.Cleanup(func() { c.Close() })
	return c
}

// address is that of a socket, where it is.
func address(c *net.UDPConn) netip.AddrPort { return c.LocalAddr().(*net.UDPAddr).AddrPort() }

// write sends one datagram, which says between whom.
func write(t *testing.T, from *net.UDPConn, to netip.AddrPort) (text string) {
	t.Helper()
	text = address(from).String() + " to " + to.String()
	if _, err := from.WriteToUDPAddrPort([]byte(text), to); err != nil {
		t.Fatal(err)
	}
	return text
}

// reach sends datagrams from one socket to an address until another socket hears one, and returns whom that
// believes to be the sender. It fails if nothing arrives.
func reach(t *testing.T, from *net.UDPConn, to netip.AddrPort, at *net.UDPConn) netip.AddrPort {
	t.Helper()
	for range 5 {
		text := write(t, from, to)
		if err := at.SetReadDeadline(time.Now().Add(time.Second)); err != nil {
			t.Fatal(err)
		}
		buffer := make([]byte, 100)
		n, sender, err := at.ReadFromUDPAddrPort(buffer)
		for ; err == nil; n, sender, err = at.ReadFromUDPAddrPort(buffer) {
			if string(buffer[:n]) == text { // and no late one of another pair
				return sender
			}
		}
	}
	t.Fatalf("nothing from %v to %v arrives at %v", address(from), to, address(at))
	return netip.AddrPort{}
}
