package lower

import "vigor/internal/smt"

// sum is the one's complement sum of all that a checksum covers, the checksum itself included:
// 0xFFFF if it is right (RFC 1071). In every sum but ICMP's one word is known not to be 0: the
// version, or the protocol. The bytes behind the fixed headers are summed as a whole. So are all, if the NF has asked
// for their sum: then the two are one term.
func (r *run) sum(pk Packet, name string) *smt.Term {
	if whole := r.asked(pk, name); whole != nil {
		if r.covers(pk, name) && r.nonzero(r.fixed(pk, name)) {
			r.p.Axiom(r.guarded(r.b.Not(r.b.Eq(whole, r.b.Word(0, 16))))) // a header may be there under a guard only
		}
		return whole
	}
	base := r.base(pk, name)
	if name == "tcp" || name == "udp" {
		return r.transportSum(pk, name, base)
	}
	words := r.fixed(pk, name)
	part, lo, hi := r.lastRest(pk, name)
	last, arrived := r.rest(pk, part, lo, hi)
	if arrived {
		last = r.byWhole(name, words, last)
	}
	return r.b.OCAdd(append(words, last)...)
}

// transportSum is the sum for TCP or UDP at base, with its pseudo-header.
func (r *run) transportSum(pk Packet, name string, base *smt.Term) *smt.Term {
	protocol, fixed := uint64(6), 20
	ip := r.at(etherLength)
	length := r.b.IntWrap(r.b.IntSub(r.number(pk, ip, 16, 16), r.ihl(pk, ip)), 16)
	if name == "udp" {
		protocol, fixed, length = 17, 8, r.udpLength(pk, base)
	}
	words := append(r.words(pk, ip, 12, 4), r.b.Word(protocol, 16), length)
	words = append(words, r.words(pk, base, 0, fixed/2)...)
	last, _ := r.rest(pk, name, r.after(base, fixed), r.end(pk, name))
	return r.b.OCAdd(append(words, last)...)
}

// fixed are the words that the checksum of IPv4 or ICMP covers, but for those behind, in lastRest. A quoted packet is taken
// word by word where the spec changes it.
func (r *run) fixed(pk Packet, name string) []*smt.Term {
	base := r.base(pk, name)
	if name != "icmp" {
		return r.ipv4Words(pk, base)
	}
	words := r.words(pk, base, 0, 4)
	if !r.requoted() {
		return words
	}
	quoted, inner := r.base(pk, "inner.ipv4"), r.base(pk, "inner.l4")
	words = append(append(words, r.ipv4Words(pk, quoted)...), r.words(pk, inner, 0, 4)...)
	options, _ := r.rest(pk, "inner.ipv4", r.after(quoted, 20), inner)
	return append(words, options)
}

// lastRest is the range behind what fixed lists, and what it is a part of.
func (r *run) lastRest(pk Packet, name string) (part string, lo, hi *smt.Term) {
	base := r.base(pk, name)
	switch {
	case name != "icmp":
		return name, r.after(base, 20), r.b.BVAdd(base, r.b.IntWrap(r.ihl(pk, base), 16))
	case r.requoted():
		return "inner.l4", r.after(r.base(pk, "inner.l4"), 8), r.endOfIP(pk)
	}
	return name, r.after(base, 8), r.endOfIP(pk)
}

// requoted tells whether the spec changes what an ICMP error quotes.
func (r *run) requoted() bool {
	ip, _ := r.touched("inner.ipv4", 0, 160)
	l4, _ := r.touched("inner.l4", 0, 64)
	return ip || l4
}

// whole is the range of all that a checksum covers; false if it is more than one range.
func (r *run) whole(pk Packet, name string) (smt.Range, bool) {
	lo := r.base(pk, name)
	switch name {
	case "ipv4", "inner.ipv4":
		return r.between(pk, lo, r.b.BVAdd(lo, r.b.IntWrap(r.ihl(pk, lo), 16))), true
	case "icmp":
		return r.between(pk, lo, r.endOfIP(pk)), true
	}
	return smt.Range{}, false
}

// between is the range of the bytes from lo up to hi.
func (r *run) between(pk Packet, lo, hi *smt.Term) smt.Range {
	return smt.Range{Of: pk.Bytes, Lo: r.p.Simplify(lo), Length: r.p.Simplify(r.b.BVSub(hi, lo))}
}

// maxOptions is the largest number of bytes of options in an IPv4 header.
const maxOptions = 40

// total is the sum of the bytes from lo up to hi: made of them if they are at known places, or few. A UDP datagram may
// say that it ends before it begins, and has none.
func (r *run) total(pk Packet, lo, hi *smt.Term) *smt.Term {
	part := r.between(pk, lo, hi)
	from, fixed := part.Lo.Word()
	n, ok := part.Length.Word()
	switch {
	case ok && fixed && from+n > 0xFFFF:
		return r.b.Word(0, 16)
	case ok && (fixed || n <= maxOptions):
		return r.b.SumBytes(part, r.p.Simplify)
	}
	return r.b.Sum(part, r.p.Simplify)
}

// asked is the sum of all that a checksum covers, if the NF has asked for it; else nil. It decides on the path what the
// NF has asked for.
func (r *run) asked(pk Packet, name string) *smt.Term {
	if len(r.w.Sums) == 0 {
		return nil
	}
	whole, ok := r.whole(pk, name)
	if !ok {
		return nil
	}
	for _, s := range r.w.Sums {
		if same := r.p.Simplify(r.b.SameRange(s.Range, whole)); !same.IsFalse() && r.branch(r.guarded(same)) {
			return s.Term
		}
	}
	return nil
}

// byWhole gives the sum of the range behind words, which is that of the frame that arrived, from the sum of the whole
// if the NF has asked for that: the whole less the words that arrived. The two are congruent modulo 65535, which makes
// them one in a sum with words that are not all 0 (see [smt.Builder.OCAdd]).
func (r *run) byWhole(name string, words []*smt.Term, last *smt.Term) *smt.Term {
	whole := r.asked(r.w.Packet, name)
	if whole == nil || !r.covers(r.w.Packet, name) || !r.nonzero(words) {
		return last
	}
	parts := []*smt.Term{r.p.Simplify(whole)}
	for _, w := range r.fixed(r.w.Packet, name) {
		parts = append(parts, r.b.BVNot(w))
	}
	return r.b.OCAdd(parts...)
}

// covers decides whether a frame has all that fixed lists, so that the sum of the whole is that of its parts.
func (r *run) covers(pk Packet, name string) bool {
	if name == "icmp" && r.requoted() {
		name = "inner"
	}
	return r.branch(r.hasHeader(pk, name))
}

// nonzero decides whether one of words is known not to be 0: any, or the first.
func (r *run) nonzero(words []*smt.Term) bool {
	for _, w := range words {
		if lo, _ := w.Range(); lo.Sign() > 0 {
			return true
		}
	}
	return r.branch(r.b.Not(r.b.Eq(words[0], r.b.Word(0, 16))))
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

// rest is the sum of the bytes of a part from lo up to hi, and whether these are the ones that arrived there.
func (r *run) rest(pk Packet, part string, lo, hi *smt.Term) (sum *smt.Term, arrived bool) {
	first, last := r.arrived(part)
	if r.branch(r.unwritten(pk, lo, hi, first, last)) {
		return r.total(r.w.Packet, first, last), true
	}
	return r.total(pk, lo, hi), false
}

// arrived is the range of the frame that arrived in which the rest of a part lies.
func (r *run) arrived(part string) (first, last *smt.Term) {
	base := r.base(r.w.Packet, part)
	first, last = r.after(base, restStart[part]), r.end(r.w.Packet, part)
	switch part {
	case "ipv4":
		last = r.b.BVAdd(base, r.b.IntWrap(r.ihl(r.w.Packet, base), 16))
	case "inner.ipv4":
		last = r.base(r.w.Packet, "inner.l4")
	}
	return first, last
}

// restStart is where the rest of a part begins, in bytes from its start.
var restStart = map[string]int{"ipv4": 20, "inner.ipv4": 20, "tcp": 20, "udp": 8, "icmp": 8, "inner.l4": 8}

// unwritten is the condition that the bytes from lo up to hi are those of the received frame from first up to last.
func (r *run) unwritten(pk Packet, lo, hi, first, last *smt.Term) *smt.Term {
	same := r.b.And(r.b.Eq(lo, first), r.b.Eq(hi, last))
	before := len(r.w.Packet.Bytes.Stores())
	for _, s := range pk.Bytes.Stores()[before:] {
		same = r.b.And(same, r.b.Or(r.b.BVULt(s.Index, lo), r.b.BVULe(hi, s.Index)))
	}
	return same
}
