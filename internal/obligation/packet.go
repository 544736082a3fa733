package obligation

import (
	"fmt"
	"math/big"

	"vigor/internal/diag"
	"vigor/internal/smt"
	"vigor/internal/spec/lower"
	"vigor/internal/symbex"
)

// bytes states that every byte of the packet sent is what the spec says. Where neither NF nor spec wrote,
// both have the byte received, so the offsets that either wrote are enough.
func (w *world) bytes(p *symbex.Path, o *lower.Outcome) {
	b := p.Builder()
	var same []*smt.Term
	var at []*smt.Term
	for _, index := range writtenOffsets(w.run.Sent, o.Packet.Bytes) {
		got, want := b.Select(w.run.Sent, index), b.Select(o.Packet.Bytes, index)
		fixed := b.BVNot(o.FreeBits(b, index))
		if eq := b.Eq(b.BVAnd(got, fixed), b.BVAnd(want, fixed)); !eq.IsTrue() {
			same, at = append(same, eq), append(at, index)
		}
	}
	p.Prove(b.And(same...), diag.Claim{Code: diag.PacketDiffers, Span: o.Span, Say: func(value diag.Valuer) string {
		for i, eq := range same {
			if value(eq).Sign() == 0 {
				return w.byteMessage(b, value, at[i], o)
			}
		}
		return "the packet sent is not what the spec says"
	}})
}

// writtenOffsets lists the offsets that either array wrote, each once, in the order of the stores.
func writtenOffsets(arrays ...smt.Array) []*smt.Term {
	var list []*smt.Term
	seen := map[*smt.Term]bool{}
	for _, a := range arrays {
		for _, s := range a.Stores() {
			if !seen[s.Index] {
				seen[s.Index], list = true, append(list, s.Index)
			}
		}
	}
	return list
}

// byteMessage says what is wrong with the byte at the offset, by the field it belongs to.
func (w *world) byteMessage(b *smt.Builder, value diag.Valuer, at *smt.Term, o *lower.Outcome) string {
	read := func(a smt.Array) func(int) byte {
		return func(i int) byte {
			return byte(value(b.Select(a, b.Word(uint64(i), 16))).Uint64())
		}
	}
	offset := int(value(at).Int64())
	length := int(value(w.run.Inputs.Length).Int64())
	got, want, received := read(w.run.Sent), read(o.Packet.Bytes), read(w.World.Packet.Bytes)
	field, ok := fieldAt(received, length, offset)
	if !ok {
		return fmt.Sprintf("byte %d is %#02x, want %#02x", offset, got(offset), want(offset))
	}
	return fmt.Sprintf("%s is %s, want %s", field.name, field.format(got), field.format(want))
}

// headerField is a field of the frame that one message is about.
type headerField struct {
	name   string
	offset int // in bytes
	size   int // in bytes
	form   func([]byte) string
}

func (f headerField) format(at func(int) byte) string {
	data := make([]byte, f.size)
	for i := range data {
		data[i] = at(f.offset + i)
	}
	return f.form(data)
}

func number(data []byte) string { return new(big.Int).SetBytes(data).String() }

func address(data []byte) string {
	return fmt.Sprintf("%d.%d.%d.%d", data[0], data[1], data[2], data[3])
}

func hardware(data []byte) string {
	return fmt.Sprintf("%02x:%02x:%02x:%02x:%02x:%02x", data[0], data[1], data[2], data[3], data[4], data[5])
}

// Fields of whole bytes by offset in their header (IEEE 802.3; RFC 791, 3.1; RFC 9293, 3.1; RFC 768).
var (
	etherFields = []headerField{{"ether.dst", 0, 6, hardware}, {"ether.src", 6, 6, hardware}, {"ether.type", 12, 2, number}}
	ipv4Fields  = []headerField{{"ipv4 byte 0 (version, ihl)", 0, 1, number}, {"ipv4.dscp and ecn", 1, 1, number},
		{"ipv4.total_length", 2, 2, number}, {"ipv4.id", 4, 2, number}, {"ipv4.flags and fragment_offset", 6, 2, number},
		{"ipv4.ttl", 8, 1, number}, {"ipv4.protocol", 9, 1, number}, {"ipv4.checksum", 10, 2, number},
		{"ipv4.src", 12, 4, address}, {"ipv4.dst", 16, 4, address}}
	tcpFields = []headerField{{"tcp.src_port", 0, 2, number}, {"tcp.dst_port", 2, 2, number}, {"tcp.seq", 4, 4, number},
		{"tcp.ack_number", 8, 4, number}, {"tcp.data_offset and flags", 12, 2, number}, {"tcp.window", 14, 2, number},
		{"tcp.checksum", 16, 2, number}, {"tcp.urgent", 18, 2, number}}
	udpFields = []headerField{{"udp.src_port", 0, 2, number}, {"udp.dst_port", 2, 2, number},
		{"udp.length", 4, 2, number}, {"udp.checksum", 6, 2, number}}
)

// fieldAt finds the field that the byte at offset of a frame belongs to.
func fieldAt(frame func(int) byte, length, offset int) (headerField, bool) {
	if f, ok := fieldIn(etherFields, 0, offset); ok {
		return f, true
	}
	if length < 34 || frame(12) != 8 || frame(13) != 0 {
		return headerField{}, false
	}
	if f, ok := fieldIn(ipv4Fields, 14, offset); ok {
		return f, true
	}
	start := 14 + 4*int(frame(14)&15)
	switch frame(23) {
	case 6:
		return fieldIn(tcpFields, start, offset)
	case 17:
		return fieldIn(udpFields, start, offset)
	}
	return headerField{}, false
}

func fieldIn(fields []headerField, start, offset int) (headerField, bool) {
	for _, f := range fields {
		if f.offset += start; f.offset <= offset && offset < f.offset+f.size {
			return f, true
		}
	}
	return headerField{}, false
}
