package lower

import (
	"fmt"

	"vigor/internal/diag"
	"vigor/internal/smt"
	"vigor/internal/source"
	"vigor/internal/spec/resolve"
	"vigor/internal/spec/syntax"
)

// etherLength is the length of an Ethernet header in bytes; what follows starts there.
const etherLength = 14

// packet gives the frame of a view.
func (r *run) packet(v resolve.View) Packet {
	switch {
	case v == resolve.Arrival:
		return r.w.Packet
	case v == resolve.Left && r.w.Out.Packet.Length != nil:
		return r.w.Out.Packet
	case v == resolve.Left:
		return r.w.Packet // nothing was sent: the read is an obligation that has failed
	}
	return r.current
}

// octet is the byte k bytes after base.
func (r *run) octet(pk Packet, base *smt.Term, k int) *smt.Term {
	return r.b.Select(pk.Bytes, r.b.BVAdd(base, r.b.Word(uint64(k), 16)))
}

// bits reads width bits that start bit bits after base.
func (r *run) bits(pk Packet, base *smt.Term, bit, width int) *smt.Term {
	first, last := bit/8, (bit+width-1)/8
	whole := r.octet(pk, base, first)
	for k := first + 1; k <= last; k++ {
		whole = r.b.Concat(whole, r.octet(pk, base, k))
	}
	low := (last+1)*8 - bit - width
	return r.b.Extract(whole, low+width-1, low)
}

// number reads bits as an exact integer.
func (r *run) number(pk Packet, base *smt.Term, bit, width int) smt.Int {
	return r.b.IntUnsigned(r.bits(pk, base, bit, width))
}

func (r *run) at(offset uint64) *smt.Term { return r.b.Word(offset, 16) }

func (r *run) int(v uint64) smt.Int { return r.b.IntUnsigned(r.b.Word(v, 64)) }

// ihl is the length in bytes of the IPv4 header at base.
func (r *run) ihl(pk Packet, base *smt.Term) smt.Int {
	return r.b.IntMul(r.number(pk, base, 4, 4), r.int(4))
}

// l4 is the offset of what follows the IPv4 header.
func (r *run) l4(pk Packet) *smt.Term {
	return r.b.IntWrap(r.b.IntAdd(r.int(etherLength), r.ihl(pk, r.at(etherLength))), 16)
}

// base is the offset of a header's first byte, 16 bits.
func (r *run) base(pk Packet, name string) *smt.Term {
	switch name {
	case "ether":
		return r.at(0)
	case "vlan", "arp", "ipv4":
		return r.at(etherLength)
	case "inner", "inner.ipv4":
		return r.b.BVAdd(r.l4(pk), r.at(8))
	case "inner.l4", "inner.icmp":
		quoted := r.base(pk, "inner.ipv4")
		return r.b.BVAdd(quoted, r.b.IntWrap(r.ihl(pk, quoted), 16))
	}
	return r.l4(pk)
}

// hasHeader is the condition that a frame has a header; see the table of headers in the language's
// documentation. It is a conjunction that contains what it builds on: has(l4) contains has(ipv4).
func (r *run) hasHeader(pk Packet, name string) *smt.Term {
	b := r.b
	switch name {
	case "ether":
		return r.longer(pk, etherLength)
	case "vlan":
		return b.And(r.longer(pk, 18), r.etherType(pk, 0x8100))
	case "arp":
		form := r.bits(pk, r.at(etherLength), 0, 48)
		return b.And(r.longer(pk, 42), r.etherType(pk, 0x0806), b.Eq(form, b.Word(0x000108000604, 48)))
	case "ipv4":
		return r.hasIPv4(pk)
	case "tcp":
		return r.hasTransport(pk, 6, 20)
	case "udp":
		return r.hasTransport(pk, 17, 8)
	case "icmp":
		return r.hasTransport(pk, 1, 8)
	case "l4":
		either := b.Or(b.And(r.protocol(pk, 6), r.room(pk, 20)), b.And(r.protocol(pk, 17), r.room(pk, 8)))
		return b.And(r.hasIPv4(pk), r.firstFragment(pk), either)
	case "inner.l4":
		quoted := r.base(pk, "inner.ipv4")
		p := r.bits(pk, quoted, 72, 8)
		first := b.Eq(r.bits(pk, quoted, 51, 13), b.Word(0, 13))
		return b.And(r.hasInner(pk), first, b.Or(b.Eq(p, b.Word(6, 8)), b.Eq(p, b.Word(17, 8))))
	case "inner.icmp":
		quoted := r.base(pk, "inner.ipv4")
		first := b.Eq(r.bits(pk, quoted, 51, 13), b.Word(0, 13))
		return b.And(r.hasInner(pk), first, b.Eq(r.bits(pk, quoted, 72, 8), b.Word(1, 8)))
	}
	return r.hasInner(pk)
}

// longer is the condition that the frame has n bytes.
func (r *run) longer(pk Packet, n uint64) *smt.Term {
	return r.b.IntLessEq(r.int(n), r.b.IntUnsigned(pk.Length))
}

func (r *run) etherType(pk Packet, t uint64) *smt.Term {
	return r.b.And(r.longer(pk, etherLength), r.b.Eq(r.bits(pk, r.at(0), 96, 16), r.b.Word(t, 16)))
}

// hasIPv4 follows RFC 791, 3.1 and RFC 1812, 5.2.2.
func (r *run) hasIPv4(pk Packet) *smt.Term {
	enough := r.b.And(r.longer(pk, etherLength+20), r.etherType(pk, 0x0800))
	if enough.IsFalse() {
		return enough
	}
	ip := r.at(etherLength)
	total := r.number(pk, ip, 16, 16)
	there := r.b.IntSub(r.b.IntUnsigned(pk.Length), r.int(etherLength))
	return r.b.And(enough,
		r.b.Eq(r.bits(pk, ip, 0, 4), r.b.Word(4, 4)),
		r.b.IntLessEq(r.int(5), r.number(pk, ip, 4, 4)),
		r.b.IntLessEq(r.ihl(pk, ip), total), r.b.IntLessEq(total, there))
}

func (r *run) protocol(pk Packet, p uint64) *smt.Term {
	return r.b.Eq(r.bits(pk, r.at(etherLength), 72, 8), r.b.Word(p, 8))
}

func (r *run) firstFragment(pk Packet) *smt.Term {
	return r.b.Eq(r.bits(pk, r.at(etherLength), 51, 13), r.b.Word(0, 13))
}

// room is the condition that n bytes of transport are within the total length.
func (r *run) room(pk Packet, n uint64) *smt.Term {
	ip := r.at(etherLength)
	return r.b.IntLessEq(r.b.IntAdd(r.ihl(pk, ip), r.int(n)), r.number(pk, ip, 16, 16))
}

func (r *run) hasTransport(pk Packet, protocol, length uint64) *smt.Term {
	ip := r.hasIPv4(pk)
	if ip.IsFalse() {
		return ip
	}
	return r.b.And(ip, r.firstFragment(pk), r.protocol(pk, protocol), r.room(pk, length))
}

// hasInner: an ICMP error (RFC 792) that quotes a valid IPv4 header and 8 bytes behind it.
func (r *run) hasInner(pk Packet) *smt.Term {
	b := r.b
	icmp := r.hasHeader(pk, "icmp")
	if icmp.IsFalse() {
		return icmp
	}
	kind := r.bits(pk, r.l4(pk), 0, 8)
	quoted := r.base(pk, "inner.ipv4")
	length := r.ihl(pk, quoted)
	ip := r.at(etherLength)
	need := b.IntAdd(b.IntAdd(r.ihl(pk, ip), r.int(8)), b.IntAdd(length, r.int(8)))
	return b.And(icmp, r.room(pk, 8+20),
		b.Or(b.Eq(kind, b.Word(3, 8)), b.Eq(kind, b.Word(11, 8)), b.Eq(kind, b.Word(12, 8))),
		b.Eq(r.bits(pk, quoted, 0, 4), b.Word(4, 4)), b.IntLessEq(r.int(5), r.number(pk, quoted, 4, 4)),
		b.IntLessEq(length, r.number(pk, quoted, 16, 16)),
		b.IntLessEq(need, r.number(pk, ip, 16, 16)))
}

func (r *run) packetAttribute(on packet, x *syntax.Attribute) value {
	view := resolve.View(on)
	if x.Name == "length" {
		return r.b.IntUnsigned(r.packet(view).Length)
	}
	if r.frame.scope.Script {
		ether, _ := resolve.HeaderNamed("ether")
		switch x.Name {
		case "src_mac", "dst_mac":
			return r.readNamed(header{ether, view}, x.Name[:3], x)
		case "flow":
			return flow{view}
		}
	}
	return r.headerOf(x, view)
}

func (r *run) headerOf(x *syntax.Attribute, view resolve.View) header {
	name := x.Name
	if r.frame.scope.Script && name == "ip" {
		name = "ipv4"
	}
	h, _ := resolve.HeaderNamed(name)
	return header{h, view}
}

func (r *run) headerAttribute(on header, x *syntax.Attribute) value {
	if on.of.Name == "inner" {
		h, _ := resolve.HeaderNamed("inner." + x.Name)
		return header{h, on.view}
	}
	if x.Name == "flags" && on.of.Name == "tcp" {
		return flags{on.view}
	}
	return r.readNamed(on, x.Name, x)
}

// present proves that a header is there to be read or written.
func (r *run) present(on header, x syntax.Expr, done string) {
	name := on.of.Name
	guard := name
	if len(name) > 6 && name[:6] == "inner." {
		guard = "inner"
	}
	pkt := map[resolve.View]string{resolve.Current: "pkt", resolve.Arrival: "old(pkt)", resolve.Left: "out.pkt"}[on.view]
	hint := fmt.Sprintf("guard with `%s.has(%s)`", pkt, guard)
	if name == "inner.l4" || name == "inner.icmp" {
		hint += " and the quoted protocol"
	}
	r.prove(r.hasHeader(r.packet(on.view), name), r.claim(diag.HeaderAbsent, x.Span(),
		diag.Text("%s.%s is %s, but the frame may have no %s header", pkt, name, done, name), hint))
}

// readNamed reads a header's field and proves that the header is there.
func (r *run) readNamed(on header, name string, x syntax.Expr) value {
	r.present(on, x, "read")
	r.closed(on, name, x)
	pk := r.packet(on.view)
	base := r.base(pk, on.of.Name)
	switch name {
	case "is_fragment":
		return boolean{r.b.Not(r.b.Eq(r.bits(pk, base, 50, 14), r.b.Word(0, 14)))}
	case "header_length":
		return r.ihl(pk, base)
	case "checksum_ok":
		return boolean{r.checksumOK(on)}
	}
	f, _ := on.of.Field(name)
	if on.of.Name == "l4" && name == "checksum" {
		tcp := r.b.IntUnsigned(r.bits(pk, base, tcpChecksum, 16))
		udp := r.b.IntUnsigned(r.bits(pk, base, udpChecksum, 16))
		return r.b.IntIte(r.protocol(pk, 6), tcp, udp)
	}
	return r.fieldValue(f, r.bits(pk, base, f.Bit, f.Width))
}

// fieldValue turns the bits of a field into its value.
func (r *run) fieldValue(f resolve.HeaderField, bits *smt.Term) value {
	switch f.Type.Kind {
	case resolve.Bool:
		return boolean{r.b.Eq(bits, r.b.Word(1, 1))}
	case resolve.MAC, resolve.IP4:
		return address{bits}
	}
	return r.b.IntUnsigned(bits)
}

// fieldBits turns a value into the bits of a field; an int must fit.
func (r *run) fieldBits(on header, f resolve.HeaderField, v value, x syntax.Expr) *smt.Term {
	switch v := v.(type) {
	case boolean:
		return r.b.Ite(v.term, r.b.Word(1, 1), r.b.Word(0, 1))
	case address:
		return v.term
	}
	return r.fit(f.Type, v.(smt.Int), x, on.of.Name+"."+f.Name)
}

// place finds a field's bits in the packet to be sent. The checksum of l4 is decided here.
func (r *run) place(on header, name string) (resolve.HeaderField, *smt.Term) {
	f, _ := on.of.Field(name)
	if on.of.Name == "l4" && name == "checksum" && !r.branch(r.hasHeader(r.current, "tcp")) {
		f.Bit = udpChecksum
	}
	return f, r.base(r.current, on.of.Name)
}

// writeField is pkt.header.field = v.
func (r *run) writeField(on header, t *syntax.Attribute, v value, x syntax.Expr, at source.Span) {
	r.present(on, t, "assigned")
	f, base := r.place(on, t.Name)
	bits := r.fieldBits(on, f, v, x)
	first, last := f.Bit/8, (f.Bit+f.Width-1)/8
	low := (last+1)*8 - f.Bit - f.Width
	if high := f.Bit - first*8; high > 0 {
		bits = r.b.Concat(r.bits(r.current, base, first*8, high), bits)
	}
	if low > 0 {
		bits = r.b.Concat(bits, r.bits(r.current, base, (last+1)*8-low, low))
	}
	for k := first; k <= last; k++ {
		shift := (last - k) * 8
		index := r.b.BVAdd(base, r.b.Word(uint64(k), 16))
		r.current.Bytes = r.current.Bytes.Store(index, r.b.Extract(bits, shift+7, shift))
	}
	r.note(on, f, base, at)
}
