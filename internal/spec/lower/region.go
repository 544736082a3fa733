package lower

import (
	"vigor/internal/diag"
	"vigor/internal/smt"
	"vigor/internal/source"
	"vigor/internal/spec/resolve"
	"vigor/internal/spec/syntax"
)

// region is a header's bytes with the bits that the spec leaves open.
type region struct {
	group string // ether, vlan, arp, ipv4, l4, icmp, inner.ipv4, inner.l4
	base  *smt.Term
	mask  []byte
}

// assigned is a field that the spec gave a value.
type assigned struct {
	name  string // ipv4.src
	group string
	base  *smt.Term
	field resolve.HeaderField
	at    source.Span
}

// group names what a header's bytes belong to: tcp, udp and l4 lie at one place.
func group(name string) string {
	switch name {
	case "tcp", "udp":
		return "l4"
	case "inner.icmp":
		return "inner.l4"
	}
	return name
}

// note records that a field has a value.
func (r *run) note(on header, f resolve.HeaderField, base *smt.Term, at source.Span) {
	g := group(on.of.Name)
	r.mark(g, base, f.Bit, f.Width, false)
	r.forget(g, base, f.Bit, f.Width)
	r.assigned = append(r.assigned, assigned{on.of.Name + "." + f.Name, g, base, f, at})
}

// forget removes assigned fields that lie inside the given bits.
func (r *run) forget(group string, base *smt.Term, bit, width int) {
	kept := r.assigned[:0:0]
	for _, a := range r.assigned {
		inside := a.field.Bit >= bit && a.field.Bit+a.field.Width <= bit+width
		if a.group != group || a.base != base || !inside {
			kept = append(kept, a)
		}
	}
	r.assigned = kept
}

// mark opens or closes bits.
func (r *run) mark(group string, base *smt.Term, bit, width int, open bool) {
	var found *region
	for _, g := range r.opened {
		if g.group == group && g.base == base {
			found = g
		}
	}
	if found == nil {
		if !open {
			return
		}
		found = &region{group: group, base: base}
		r.opened = append(r.opened, found)
	}
	for i := bit; i < bit+width; i++ {
		for len(found.mask) <= i/8 {
			found.mask = append(found.mask, 0)
		}
		if set := byte(0x80) >> (i % 8); open {
			found.mask[i/8] |= set
		} else {
			found.mask[i/8] &^= set
		}
	}
}

// openField is pkt.header.field = ... .
func (r *run) openField(on header, t *syntax.Attribute, at source.Span) {
	r.present(on, t, "assigned")
	f, base := r.place(on, t.Name)
	g := group(on.of.Name)
	r.mark(g, base, f.Bit, f.Width, true)
	r.forget(g, base, f.Bit, f.Width)
	r.hole(at, on.of.Name+"."+f.Name+" open")
}

// openHeader is pkt.header = ... .
func (r *run) openHeader(on header, at source.Span, x syntax.Expr) {
	r.present(on, x, "assigned")
	base := r.base(r.current, on.of.Name)
	g := group(on.of.Name)
	r.mark(g, base, 0, on.of.Bytes*8, true)
	r.forget(g, base, 0, on.of.Bytes*8)
	r.hole(at, on.of.Name+" open")
}

// touched tells whether bits of a group were assigned or opened, and where last.
func (r *run) touched(group string, bit, width int) (bool, source.Span) {
	var at source.Span
	found := false
	for _, a := range r.assigned {
		if a.group == group && a.field.Bit < bit+width && bit < a.field.Bit+a.field.Width {
			found, at = true, a.at
		}
	}
	return found || r.openAt(group, bit, width), at
}

// closed refuses to read what was set to '...' on this path.
func (r *run) closed(on header, name string, x syntax.Expr) {
	bit, width := 0, on.of.Bytes*8
	switch f, _ := on.of.Field(name); {
	case name == "is_fragment":
		bit, width = 50, 14
	case name == "header_length":
		bit, width = 4, 4
	case f.Assign == "":
		bit, width = f.Bit, f.Width
		if on.of.Name == "l4" && name == "checksum" && !r.branch(r.hasHeader(r.packet(on.view), "tcp")) {
			bit = udpChecksum
		}
	}
	open := r.openAt(group(on.of.Name), bit, width)
	if on.of.Name == "icmp" && name == "checksum_ok" { // it covers what is quoted
		open = open || r.openAt("inner.ipv4", 0, 160) || r.openAt("inner.l4", 0, 64)
	}
	if on.view == resolve.Current && open {
		say := diag.Text("%s.%s was set to '...' and has no value to read", on.of.Name, name)
		r.prove(r.b.False(), r.claim(diag.OpenValue, x.Span(), say, ""))
	}
}

// openAt tells whether some of the bits of a group were left open.
func (r *run) openAt(group string, bit, width int) bool {
	for _, g := range r.opened {
		for i := bit; i < bit+width && g.group == group; i++ {
			if i/8 < len(g.mask) && g.mask[i/8]&(0x80>>(i%8)) != 0 {
				return true
			}
		}
	}
	return false
}

// packetOutcome completes an outcome whose content is pkt.
func (r *run) packetOutcome() {
	o := &r.result.Outcome
	sums := r.checksumRules()
	o.Packet = r.current
	for _, g := range r.opened {
		o.Free = append(o.Free, Free{g.base, g.mask})
	}
	for _, s := range sums {
		o.Free = append(o.Free, Free{s.at, []byte{0xFF, 0xFF}})
	}
	if r.w.Out.Packet.Length == nil {
		return
	}
	for _, a := range r.assigned {
		o.Checks = append(o.Checks, r.fieldCheck(a))
	}
	for _, s := range sums {
		o.Checks = append(o.Checks, s.check)
	}
}

// fieldCheck compares an assigned field with what was sent.
func (r *run) fieldCheck(a assigned) Check {
	want := r.bits(r.current, a.base, a.field.Bit, a.field.Width)
	got := r.bits(r.w.Out.Packet, a.base, a.field.Bit, a.field.Width)
	say := func(val diag.Valuer) string {
		return a.name + " is " + showField(a.field, val(got)) + ", want " + showField(a.field, val(want))
	}
	return Check{r.b.Eq(got, want), r.claim(diag.PacketDiffers, a.at, say, "")}
}
