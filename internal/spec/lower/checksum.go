package lower

import (
	"vigor/internal/diag"
	"vigor/internal/smt"
	"vigor/internal/source"
)

// Bits from the start of a transport header to its checksum.
const (
	tcpChecksum  = 128
	udpChecksum  = 48
	icmpChecksum = 16
)

// rule is an implied checksum: where it is, and what it must satisfy.
type rule struct {
	at    *smt.Term
	check Check
}

// checksumRules gives the rules for the checksums of what the spec changed (RFC 1624). Which
// transport header there is, is decided on the path.
func (r *run) checksumRules() []rule {
	var rules []rule
	ownIP, _ := r.touched("ipv4", 80, 16)
	ip, at := r.touched("ipv4", 0, 80)
	if more, where := r.touched("ipv4", 96, 64); more {
		ip, at = true, latest(at, where)
	}
	if ip && !ownIP {
		rules = append(rules, r.rule("ipv4", r.base(r.current, "ipv4"), 80, at))
	}
	addresses, atAddress := r.touched("ipv4", 96, 64)
	if protocol, where := r.touched("ipv4", 72, 8); protocol {
		addresses, atAddress = true, latest(atAddress, where)
	}
	transport, atTransport := r.touched("l4", 0, 480)
	length, atLength := r.lengthTouched()
	if addresses || transport || length {
		rules = append(rules, r.transportRule(latest(latest(atAddress, atTransport), atLength))...)
	}
	icmp, at := r.touched("icmp", 0, 64)
	if length && !icmp && r.branch(r.hasHeader(r.current, "icmp")) {
		icmp, at = true, atLength
	}
	if icmp {
		if own, _ := r.touched("icmp", icmpChecksum, 16); !own {
			rules = append(rules, r.rule("icmp", r.base(r.current, "icmp"), icmpChecksum, at))
		}
	}
	return append(rules, r.innerRules()...)
}

// lengthTouched tells whether the length of what IPv4 carries was assigned or opened: a pseudo-header
// has it (RFC 9293, 3.1), and it decides how far an ICMP checksum reaches.
func (r *run) lengthTouched() (bool, source.Span) {
	total, at := r.touched("ipv4", 16, 16)
	ihl, where := r.touched("ipv4", 4, 4)
	return total || ihl, latest(at, where)
}

// innerRules: what an ICMP error quotes is covered by the ICMP checksum, and the quoted header by
// its own (RFC 792; RFC 5508, 4.2).
func (r *run) innerRules() []rule {
	var rules []rule
	ip, at := r.touched("inner.ipv4", 0, 160)
	l4, where := r.touched("inner.l4", 0, 64)
	if !ip && !l4 {
		return nil
	}
	if own, _ := r.touched("inner.ipv4", 80, 16); ip && !own {
		rules = append(rules, r.rule("inner.ipv4", r.base(r.current, "inner.ipv4"), 80, at))
	}
	own, _ := r.touched("icmp", icmpChecksum, 16)
	if icmp, _ := r.touched("icmp", 0, 64); !icmp && !own {
		rules = append(rules, r.rule("icmp", r.base(r.current, "icmp"), icmpChecksum, latest(at, where)))
	}
	return append(rules, r.quotedRules(latest(at, where))...)
}

// quotedRules: a checksum that UDP and ICMP have among the eight bytes that an error quotes of them at least, must be wrong
// by as much as it was. Of a message in pieces nobody can tell whether it is right.
func (r *run) quotedRules(at source.Span) []rule {
	if first, _ := r.touched("inner.l4", 0, 64); r.branch(r.quotes(r.current, 1)) {
		own := r.openAt("inner.l4", icmpChecksum, 16)
		if !first || own {
			return nil
		}
		return []rule{r.quotedRule("inner.icmp", nil, icmpChecksum, at)}
	}
	if !r.branch(r.quotes(r.current, 17)) {
		return nil
	}
	addresses := func(pk Packet) []*smt.Term { return r.words(pk, r.base(pk, "inner.ipv4"), 12, 4) }
	return []rule{r.quotedRule("inner.udp", addresses, udpChecksum, at)}
}

// quotes is the condition that a frame quotes the beginning of a datagram of a protocol.
func (r *run) quotes(pk Packet, protocol uint64) *smt.Term {
	quoted := r.base(pk, "inner.ipv4")
	return r.b.And(r.hasInner(pk), r.b.Eq(r.bits(pk, quoted, 51, 13), r.b.Word(0, 13)),
		r.b.Eq(r.bits(pk, quoted, 72, 8), r.b.Word(protocol, 8)))
}

// quotedRule: the words of eight quoted bytes, and of the addresses if they are covered, add up to what they did,
// modulo 65535.
func (r *run) quotedRule(name string, addresses func(Packet) []*smt.Term, bit int, at source.Span) rule {
	base := r.base(r.current, "inner.l4")
	out := rule{at: r.b.BVAdd(base, r.b.Word(uint64(bit/8), 16))}
	if r.w.Out.Packet.Length == nil {
		return out
	}
	sum := func(pk Packet) *smt.Term {
		words := append(r.words(pk, r.base(pk, "inner.l4"), 0, 4), r.b.Word(0xFFFF, 16))
		if addresses != nil {
			words = append(words, addresses(pk)...)
		}
		return r.b.OCAdd(words...)
	}
	holds := r.b.Eq(sum(r.w.Packet), sum(r.w.Out.Packet))
	if name == "inner.udp" { // 0 says that there is no checksum (RFC 768)
		none := r.b.Eq(r.bits(r.w.Out.Packet, base, bit, 16), r.b.Word(0, 16))
		if r.branch(r.b.Eq(r.bits(r.w.Packet, base, bit, 16), r.b.Word(0, 16))) {
			holds = none
		} else {
			holds = r.b.And(r.b.Not(none), holds)
		}
	}
	text := diag.Text("%s.checksum is not incrementally preserved", name)
	out.check = Check{holds, r.claim(diag.PacketDiffers, at, text, "")}
	return out
}

func latest(a, b source.Span) source.Span {
	if a.Start.Compare(b.Start) < 0 {
		return b
	}
	return a
}

// transportRule is the rule for TCP or UDP, if the packet has one of them.
func (r *run) transportRule(at source.Span) []rule {
	for _, t := range []struct {
		name string
		bit  int
	}{{"tcp", tcpChecksum}, {"udp", udpChecksum}} {
		if own, _ := r.touched("l4", t.bit, 16); !own && r.branch(r.hasHeader(r.current, t.name)) {
			return []rule{r.rule(t.name, r.base(r.current, t.name), t.bit, at)}
		}
	}
	return nil
}

// rule: the checksum of what is sent is valid, or wrong by as much as the one received, if one was.
func (r *run) rule(name string, base *smt.Term, bit int, at source.Span) rule {
	out := rule{at: r.b.BVAdd(base, r.b.Word(uint64(bit/8), 16))}
	if r.w.Out.Packet.Length == nil {
		return out
	}
	was, is := r.sum(r.w.Packet, name), r.sum(r.w.Out.Packet, name)
	valid := r.b.Eq(is, r.b.Word(0xFFFF, 16))
	if name == "tcp" || name == "udp" { // of a fragment there is only a part to sum
		valid = r.b.And(valid, r.b.Eq(r.bits(r.w.Out.Packet, r.at(etherLength), 50, 1), r.b.Word(0, 1)))
	}
	holds := valid
	came := r.branch(r.hasHeader(r.w.Packet, name))
	if came {
		holds = r.b.Or(valid, r.b.Eq(was, is))
	}
	if name == "udp" { // 0 says that there is no checksum (RFC 768)
		none := r.b.Eq(r.bits(r.w.Out.Packet, base, bit, 16), r.b.Word(0, 16))
		if came && r.branch(r.b.Eq(r.bits(r.w.Packet, base, bit, 16), r.b.Word(0, 16))) {
			holds = none
		} else {
			holds = r.b.And(r.b.Not(none), holds)
		}
	}
	if !at.Start.IsValid() { // what was left open has no place
		at = r.result.Outcome.Span
	}
	text := diag.Text("%s.checksum is neither valid nor incrementally preserved", name)
	out.check = Check{holds, r.claim(diag.PacketDiffers, at, text, "")}
	return out
}

// checksumOK is header.checksum_ok.
func (r *run) checksumOK(on header) *smt.Term {
	pk := r.packet(on.view)
	good := func(name string) *smt.Term {
		if name == "udp" {
			none := r.b.Eq(r.bits(pk, r.base(pk, name), udpChecksum, 16), r.b.Word(0, 16))
			if r.branch(none) {
				return r.b.True()
			}
		}
		return r.b.Eq(r.sum(pk, name), r.b.Word(0xFFFF, 16))
	}
	if on.of.Name != "l4" {
		return good(on.of.Name)
	}
	if r.branch(r.hasHeader(pk, "tcp")) {
		return good("tcp")
	}
	return good("udp")
}
