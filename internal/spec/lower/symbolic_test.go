package lower

import (
	"context"
	"math/big"
	"slices"
	"strings"
	"testing"
	"time"

	"vigor/internal/smt"
	"vigor/internal/solver"
	"vigor/internal/solver/embedded"
	"vigor/internal/spec/resolve"
	"vigor/internal/symbex"
)

// explore runs a spec on every path of the executor, on a frame, a device and a configuration that
// may be anything; nf is what the NF does. It gives the claims that fail.
func explore(t *testing.T, spec *resolve.Spec, nf func(p Path, w *World) Out) (failed []string) {
	t.Helper()
	b := smt.NewBuilder()
	s := embedded.New(b)
	e := &symbex.Explorer{Builder: b, Solver: s, MaxPaths: 200}
	paths, problem := e.Explore(t.Context(), nil, func(p *symbex.Path) {
		w := symbolicWorld(p)
		if nf != nil {
			w.Out = nf(p, w)
		}
		for _, c := range Run(p, spec, w).Outcome.Checks {
			p.Prove(c.Holds, c.Claim)
		}
	})
	if problem != nil {
		t.Fatal(problem.Message)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	for _, p := range paths {
		for _, o := range p.Obligations {
			switch s.Check(ctx, append(slices.Clone(o.Condition), b.Not(o.Goal))...) {
			case solver.Sat:
				failed = append(failed, o.Claim.Code.String()+" "+o.Claim.Say(s.Model().Eval))
			case solver.Unknown:
				failed = append(failed, "unknown: "+o.Claim.Say(func(*smt.Term) *big.Int { return new(big.Int) }))
			}
		}
	}
	return failed
}

func symbolicWorld(p Path) *World {
	b := p.Builder()
	v := func(name string, w int) []*smt.Term { return []*smt.Term{b.Var(name, w)} }
	w := &World{
		Packet: Packet{smt.NewArray(b.Func("pkt", []int{16}, 8)), b.Var("length", 16)},
		Device: b.Var("device", 16), Now: b.ZeroExtend(b.Var("now", 63), 64), DeviceCount: b.Var("count", 7),
		Config: map[string][]*smt.Term{"external_ip": v("external_ip", 32), "flow_timeout": v("flow_timeout", 64),
			"start_port": v("start_port", 16), "wan": v("wan", 16), "lan": v("lan", 16)},
		Objects: map[string]Object{},
	}
	p.Axiom(b.BVULt(w.Device, b.ZeroExtend(w.DeviceCount, 16)))
	p.Axiom(b.BVULt(w.Config["wan"][0], b.ZeroExtend(w.DeviceCount, 16)))
	return w
}

// rewriter is an NF that gives the packet another source, as package packet does it: TCP and UDP
// are not told apart by branches.
type rewriter struct {
	ipSteps, l4Steps int // words whose change the checksums follow
	noZeroRule       bool
	keepTTL          bool
	extra            int // a byte behind the transport header that is changed, if not 0
}

func (n rewriter) run(p Path, w *World) Out {
	b := p.Builder()
	r := &run{p: p, b: b, w: w, current: w.Packet, known: []map[*smt.Term]bool{{}}}
	if !p.Branch(r.hasHeader(w.Packet, "l4")) || !p.Branch(b.BVULt(b.Word(1, 8), r.bits(w.Packet, r.at(22), 0, 8))) {
		return Out{}
	}
	a := w.Packet.Bytes
	get := func(at *smt.Term) *smt.Term {
		return b.Concat(b.Select(a, at), b.Select(a, b.BVAdd(at, b.Word(1, 16))))
	}
	put := func(at, v *smt.Term) {
		a = a.Store(at, b.Extract(v, 15, 8)).Store(b.BVAdd(at, b.Word(1, 16)), b.Extract(v, 7, 0))
	}
	update := func(sum, was, is *smt.Term) *smt.Term {
		return b.BVNot(b.OCAdd(b.BVNot(sum), b.BVNot(was), is))
	}
	l4 := r.l4(w.Packet)
	isUDP := b.Eq(b.Select(a, b.Word(23, 16)), b.Word(17, 8))
	sumAt := b.BVAdd(l4, b.Ite(isUDP, b.Word(6, 16), b.Word(16, 16)))
	address, port := w.Config["external_ip"][0], w.Config["start_port"][0]
	changes := [][2]*smt.Term{{get(b.Word(26, 16)), b.Extract(address, 31, 16)}, {get(b.Word(28, 16)), b.Extract(address, 15, 0)},
		{get(l4), port}}
	put(b.Word(26, 16), changes[0][1])
	put(b.Word(28, 16), changes[1][1])
	put(l4, port)
	ip, before := get(b.Word(24, 16)), get(sumAt)
	after := before
	for i, c := range changes {
		if i < n.ipSteps {
			ip = update(ip, c[0], c[1])
		}
		if i < n.l4Steps {
			after = update(after, c[0], c[1])
		}
	}
	if !n.noZeroRule {
		zero := b.Word(0, 16)
		nonZero := b.Ite(b.Eq(after, zero), b.Word(0xFFFF, 16), after)
		after = b.Ite(isUDP, b.Ite(b.Eq(before, zero), zero, nonZero), after)
	}
	put(sumAt, after)
	put(b.Word(24, 16), ip)
	if !n.keepTTL {
		word := get(b.Word(22, 16))
		less := b.BVSub(word, b.Word(0x100, 16))
		put(b.Word(22, 16), less)
		put(b.Word(24, 16), update(get(b.Word(24, 16)), word, less))
	}
	if n.extra > 0 {
		at := b.BVAdd(l4, b.Word(uint64(n.extra), 16))
		a = a.Store(at, b.BVNot(b.Select(a, at)))
	}
	return Out{DeviceSet{One: w.Config["wan"][0]}, Packet{a, w.Packet.Length}}
}

const rewriteSpec = `
if not pkt.has(l4) or pkt.ipv4.ttl <= 1:
    return DROP
ip = pkt.ipv4
ip.ttl -= 1
ip.src, pkt.l4.src_port = external_ip, start_port
return wan, pkt
`

// TestChecksumRules: for every frame, checksums that follow each change are accepted, and nothing
// less.
func TestChecksumRules(t *testing.T) {
	for _, c := range []struct {
		name string
		nf   rewriter
		want string
	}{
		{"incremental", rewriter{ipSteps: 2, l4Steps: 3}, ""},
		{"IP checksum follows one word of two", rewriter{ipSteps: 1, l4Steps: 3}, "ipv4.checksum is neither valid"},
		{"transport checksum without the port", rewriter{ipSteps: 2, l4Steps: 2}, "tcp.checksum is neither valid"},
		{"no checksum updated", rewriter{}, "ipv4.checksum is neither valid"},
		{"UDP 0 made a sum", rewriter{ipSteps: 2, l4Steps: 3, noZeroRule: true}, "udp.checksum is neither valid"},
		{"TTL kept", rewriter{ipSteps: 2, l4Steps: 3, keepTTL: true}, "ipv4.ttl is"},
		{"a byte of the payload changed", rewriter{ipSteps: 2, l4Steps: 3, extra: 24}, "checksum is neither valid"},
	} {
		t.Run(c.name, func(t *testing.T) {
			failed := explore(t, compile(t, rewriteSpec), c.nf.run)
			got := strings.Join(failed, " | ")
			if c.want == "" && got != "" || !strings.Contains(got, c.want) {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

// TestChecksumOK: what a property says of checksums before and after holds for every frame, or is
// refused.
func TestChecksumOK(t *testing.T) {
	const header = "if out.sent and pkt.has(l4):\n    was, ip = old(pkt).ipv4.checksum_ok, out.pkt.ipv4.checksum_ok\n" +
		"    before, after = old(pkt).l4.checksum_ok, out.pkt.l4.checksum_ok\n    "
	for _, c := range []struct {
		name, text string
		nf         rewriter
		want       string
	}{
		{"IP kept", "assert was == ip", rewriter{ipSteps: 2, l4Steps: 3}, ""},
		{"transport kept", "assert before == after", rewriter{ipSteps: 2, l4Steps: 3}, ""},
		{"IP broken", "assert ip or not was, \"broken\"", rewriter{ipSteps: 1, l4Steps: 3}, "VIG3001 assertion fails: broken"},
		{"transport broken", "assert after or not before, \"broken\"", rewriter{ipSteps: 2, l4Steps: 2}, "VIG3001 assertion fails: broken"},
		{"always right", "assert ip", rewriter{ipSteps: 2, l4Steps: 3}, "VIG3001 assertion fails: ip"},
		{"no UDP checksum stays none", "if pkt.has(udp):\n        assert (old(pkt).udp.checksum == 0) == (out.pkt.udp.checksum == 0)",
			rewriter{ipSteps: 2, l4Steps: 3}, ""},
		{"UDP checksum invented", "if pkt.has(udp):\n        assert (old(pkt).udp.checksum == 0) == (out.pkt.udp.checksum == 0)",
			rewriter{ipSteps: 2, l4Steps: 3, noZeroRule: true}, "VIG3001 assertion fails"},
	} {
		t.Run(c.name, func(t *testing.T) {
			failed := explore(t, compile(t, header+c.text), c.nf.run)
			got := strings.Join(failed, " | ")
			if c.want == "" && got != "" || !strings.Contains(got, c.want) {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

// TestSymbolic proves and refuses obligations for every frame, device and configuration.
func TestSymbolic(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"TTL may be 0", "if pkt.has(ipv4):\n    pkt.ipv4.ttl -= 1", "VIG3104 pkt.ipv4.ttl -= 1 may be -1 (pkt.ipv4.ttl 0); ipv4.ttl has 8 bits"},
		{"TTL above 0", "if pkt.has(ipv4) and pkt.ipv4.ttl > 0:\n    pkt.ipv4.ttl -= 1", ""},
		{"port may overflow", "if pkt.has(l4):\n    pkt.l4.src_port = start_port + device", "VIG3104 start_port + device may be"},
		{"port cut", "if pkt.has(l4):\n    pkt.l4.src_port = (start_port + device) % 65536", ""},
		{"no guard", "x = pkt.ipv4.ttl", "VIG3105 pkt.ipv4 is read"},
		{"guard of another header", "if pkt.has(ipv4):\n    x = pkt.tcp.seq", "VIG3105 pkt.tcp is read"},
		{"guard that implies it", "if pkt.has(tcp):\n    x = pkt.ipv4.ttl + pkt.l4.src_port + pkt.ether.type", ""},
		{"guard by reasoning", "if pkt.has(l4) and not pkt.has(udp):\n    x = pkt.tcp.seq", ""},
		{"left of the guard", "if pkt.ipv4.ttl > 3 and pkt.has(ipv4):\n    x = 1", "VIG3105 pkt.ipv4 is read"},
		{"device of this NF", "return device, pkt", ""},
		{"device of the configuration", "return lan, pkt", "VIG3006 device may be"},
		{"every frame has a length", "if pkt.has(icmp):\n    assert pkt.length >= 42 and pkt.ipv4.header_length >= 20", ""},
		{"length is not bounded", "assert pkt.length < 1500", "VIG3001 assertion fails: pkt.length < 1500"},
		{"divisor", "x = 100 // device", "VIG3106 divisor may be 0: device"},
		{"divisor above 0", "if device > 0:\n    assert 100 // device * device <= 100", ""},
		{"nothing left", "x = out.device", "VIG3107 out.device: the packet left by 0 devices"},
		{"inner", "if pkt.has(inner):\n    x = pkt.inner.ipv4.ttl\n    assert pkt.length >= 70", ""},
		{"inner ports need a protocol", "if pkt.has(inner):\n    x = pkt.inner.l4.src_port", "VIG3105 pkt.inner.l4 is read"},
		{"arp", "if pkt.has(arp):\n    assert not pkt.has(ipv4) and not pkt.has(vlan) and pkt.arp.operation >= 0", ""},
		{"TCP and UDP exclude each other", "assert not (pkt.has(tcp) and pkt.has(udp))", ""},
		{"l4 is one of them", "assert pkt.has(l4) == (pkt.has(tcp) or pkt.has(udp))", ""},
		{"a write moves nothing else", "if pkt.has(udp):\n    was = pkt.udp.dst_port\n    pkt.udp.src_port = 7\n    assert pkt.udp.dst_port == was and pkt.l4.src_port == 7", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			failed := explore(t, compile(t, c.text), nil)
			got := strings.Join(failed, " | ")
			if c.want == "" && got != "" || !strings.Contains(got, c.want) {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}
