package lower

import (
	"slices"
	"strconv"

	"vigor/internal/diag"
	"vigor/internal/smt"
	"vigor/internal/source"
	"vigor/internal/spec/resolve"
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
	was := r.sum(r.w.Packet, name, "arrival")
	is := r.sum(r.w.Out.Packet, name, "left")
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
	view := map[resolve.View]string{resolve.Current: "current", resolve.Arrival: "arrival", resolve.Left: "left"}[on.view]
	good := func(name string) *smt.Term {
		if name == "udp" {
			none := r.b.Eq(r.bits(pk, r.base(pk, name), udpChecksum, 16), r.b.Word(0, 16))
			if r.branch(none) {
				return r.b.True()
			}
		}
		return r.b.Eq(r.sum(pk, name, view), r.b.Word(0xFFFF, 16))
	}
	if on.of.Name != "l4" {
		return good(on.of.Name)
	}
	if r.branch(r.hasHeader(pk, "tcp")) {
		return good("tcp")
	}
	return good("udp")
}

// sum is the one's complement sum of all that a checksum covers, the checksum itself included:
// 0xFFFF if it is right (RFC 1071). In every sum but ICMP's one word is known not to be 0: the
// version, or the protocol. What lies behind the fixed headers is one opaque word.
func (r *run) sum(pk Packet, name, view string) *smt.Term {
	base := r.base(pk, name)
	switch name {
	case "ipv4", "inner.ipv4":
		words := r.ipv4Words(pk, base)
		end := r.b.BVAdd(base, r.b.IntWrap(r.ihl(pk, base), 16))
		return r.b.OCAdd(append(words, r.rest(pk, name, view, r.after(base, 20), end))...)
	case "icmp":
		words := r.words(pk, base, 0, 4)
		return r.b.OCAdd(append(words, r.icmpRest(pk, base, view)...)...)
	}
	protocol, fixed := uint64(6), 20
	ip := r.at(etherLength)
	length := r.b.IntWrap(r.b.IntSub(r.number(pk, ip, 16, 16), r.ihl(pk, ip)), 16)
	if name == "udp" {
		protocol, fixed, length = 17, 8, r.udpLength(pk, base)
	}
	words := append(r.words(pk, ip, 12, 4), r.b.Word(protocol, 16), length)
	words = append(words, r.words(pk, base, 0, fixed/2)...)
	return r.b.OCAdd(append(words, r.rest(pk, name, view, r.after(base, fixed), r.end(pk, name)))...)
}

func (r *run) after(base *smt.Term, n int) *smt.Term { return r.b.BVAdd(base, r.b.Word(uint64(n), 16)) }

// udpLength is the length of the datagram at base. Behind it the IP packet may go on (RFC 768).
func (r *run) udpLength(pk Packet, base *smt.Term) *smt.Term { return r.bits(pk, base, 32, 16) }

// end is the offset behind the last byte that the checksum of a transport header covers.
func (r *run) end(pk Packet, name string) *smt.Term {
	if name == "udp" {
		base := r.base(pk, name)
		return r.b.BVAdd(base, r.udpLength(pk, base))
	}
	return r.endOfIP(pk)
}

// endOfIP is the offset behind the last byte of the IP packet.
func (r *run) endOfIP(pk Packet) *smt.Term {
	return r.b.BVAdd(r.at(etherLength), r.bits(pk, r.at(etherLength), 16, 16))
}

// words reads n words of 16 bits, the first one from bytes after base.
func (r *run) words(pk Packet, base *smt.Term, from, n int) []*smt.Term {
	var list []*smt.Term
	for k := range n {
		list = append(list, r.bits(pk, base, (from+2*k)*8, 16))
	}
	return list
}

// ipv4Words are the words of an IPv4 header without options; its version is known to be 4.
func (r *run) ipv4Words(pk Packet, base *smt.Term) []*smt.Term {
	first := r.b.Concat(r.b.Word(4, 4), r.bits(pk, base, 4, 12))
	return append([]*smt.Term{first}, r.words(pk, base, 2, 9)...)
}

// icmpRest is what an ICMP checksum covers behind the first 8 bytes: a quoted packet word by word
// where the spec changes it, else one opaque word.
func (r *run) icmpRest(pk Packet, base *smt.Term, view string) []*smt.Term {
	ip, _ := r.touched("inner.ipv4", 0, 160)
	l4, _ := r.touched("inner.l4", 0, 64)
	if !ip && !l4 {
		return []*smt.Term{r.rest(pk, "icmp", view, r.after(base, 8), r.endOfIP(pk))}
	}
	quoted, inner := r.base(pk, "inner.ipv4"), r.base(pk, "inner.l4")
	words := append(r.ipv4Words(pk, quoted), r.words(pk, inner, 0, 4)...)
	return append(words, r.rest(pk, "inner.ipv4", view, r.after(quoted, 20), inner),
		r.rest(pk, "inner.l4", view, r.after(inner, 8), r.endOfIP(pk)))
}

// rest is the sum of the bytes from lo up to hi: computed where both are constants, else one opaque
// word per frame and range. A frame that was written inside the range gets another one.
func (r *run) rest(pk Packet, name, view string, lo, hi *smt.Term) *smt.Term {
	from, fixed := lo.Word()
	to, alsoFixed := hi.Word()
	if fixed && alsoFixed {
		return r.sumBytes(pk, from, to)
	}
	opaque := r.b.Var(smt.Symbol(smt.Remainder, name), 16)
	if r.branch(r.unwritten(pk, name, lo, hi)) {
		return opaque
	}
	here := rest{lo, hi, len(pk.Bytes.Stores())}
	symbol := smt.Symbol(smt.Remainder, name, view)
	n := slices.Index(r.rests[symbol], here)
	if n < 0 {
		n = len(r.rests[symbol])
		r.rests[symbol] = append(r.rests[symbol], here)
	}
	return r.b.Var(smt.Within(symbol, strconv.Itoa(n)), 16)
}

// rest is a range of a frame after some writes.
type rest struct {
	lo, hi *smt.Term
	writes int
}

// unwritten is the condition that the range is the received frame's, byte for byte.
func (r *run) unwritten(pk Packet, name string, lo, hi *smt.Term) *smt.Term {
	base := r.base(r.w.Packet, name)
	first, last := r.after(base, restStart[name]), r.end(r.w.Packet, name)
	switch name {
	case "ipv4":
		last = r.b.BVAdd(base, r.b.IntWrap(r.ihl(r.w.Packet, base), 16))
	case "inner.ipv4":
		last = r.base(r.w.Packet, "inner.l4")
	}
	same := r.b.And(r.b.Eq(lo, first), r.b.Eq(hi, last))
	before := len(r.w.Packet.Bytes.Stores())
	for _, s := range pk.Bytes.Stores()[before:] {
		same = r.b.And(same, r.b.Or(r.b.BVULt(s.Index, lo), r.b.BVULe(hi, s.Index)))
	}
	return same
}

// restStart is where the opaque rest begins, in bytes from the header's start.
var restStart = map[string]int{"ipv4": 20, "inner.ipv4": 20, "tcp": 20, "udp": 8, "icmp": 8, "inner.l4": 8}

// sumBytes adds the bytes from one offset up to another, an odd last one padded with zeros.
func (r *run) sumBytes(pk Packet, from, to uint64) *smt.Term {
	var words []*smt.Term
	for i := from; i < to; i += 2 {
		second := r.b.Word(0, 8)
		if i+1 < to {
			second = r.b.Select(pk.Bytes, r.at(i+1))
		}
		words = append(words, r.b.Concat(r.b.Select(pk.Bytes, r.at(i)), second))
	}
	return r.b.OCAdd(words...)
}
