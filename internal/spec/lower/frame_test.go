package lower

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"strconv"
	"strings"

	"vigor/internal/smt"
)

// sumOf is the Internet checksum of data (RFC 1071).
func sumOf(data []byte, start uint32) uint16 {
	sum := start
	for i := 0; i < len(data); i += 2 {
		word := uint32(data[i]) << 8
		if i+1 < len(data) {
			word |= uint32(data[i+1])
		}
		sum += word
	}
	for sum > 0xFFFF {
		sum = sum&0xFFFF + sum>>16
	}
	return ^uint16(sum)
}

// ports describes a TCP or UDP packet of a test.
type ports struct {
	protocol         byte
	src, dst         uint32
	srcPort, dstPort uint16
	ttl              byte
	options          int // bytes of IPv4 options
	noChecksum       bool
}

// frameOf builds an Ethernet frame with right checksums and five bytes of payload.
func frameOf(p ports) []byte {
	header := 20 + p.options
	l4 := map[byte]int{6: 20, 17: 8, 1: 8}[p.protocol]
	f := make([]byte, 14+header+l4+5)
	copy(f, []byte{2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 8, 0})
	ip, transport := f[14:14+header], f[14+header:]
	ip[0] = 0x40 | byte(header/4)
	binary.BigEndian.PutUint16(ip[2:], uint16(len(f)-14))
	ip[8], ip[9] = p.ttl, p.protocol
	binary.BigEndian.PutUint32(ip[12:], p.src)
	binary.BigEndian.PutUint32(ip[16:], p.dst)
	for i := range p.options {
		ip[20+i] = 1
	}
	copy(transport[l4:], "hello")
	binary.BigEndian.PutUint16(transport[0:], p.srcPort)
	binary.BigEndian.PutUint16(transport[2:], p.dstPort)
	if p.protocol == 17 {
		binary.BigEndian.PutUint16(transport[4:], uint16(len(transport)))
	}
	repair(f, p.noChecksum)
	return f
}

// repair writes the right checksums of a frame that has IPv4.
func repair(f []byte, none bool) {
	header := int(f[14]&15) * 4
	ip, transport := f[14:14+header], f[14+header:]
	ip[10], ip[11] = 0, 0
	binary.BigEndian.PutUint16(ip[10:], sumOf(ip, 0))
	at, ok := map[byte]int{6: 16, 17: 6}[ip[9]]
	if !ok {
		return
	}
	transport[at], transport[at+1] = 0, 0
	if none {
		return
	}
	pseudo := uint32(^sumOf(ip[12:20], 0)) + uint32(ip[9]) + uint32(len(transport))
	sum := sumOf(transport, pseudo)
	if sum == 0 && ip[9] == 17 {
		sum = 0xFFFF
	}
	binary.BigEndian.PutUint16(transport[at:], sum)
}

// constants makes a packet of constant bytes.
func constants(b *smt.Builder, data []byte) Packet {
	a := smt.NewArray(b.Func("frame", []int{16}, 8))
	for i, octet := range data {
		a = a.Store(b.Word(uint64(i), 16), b.Word(uint64(octet), 8))
	}
	return Packet{a, b.Word(uint64(len(data)), 16)}
}

// bytes reads a packet of constants.
func bytesOf(b *smt.Builder, p Packet) []byte {
	n, _ := p.Length.Word()
	data := make([]byte, n)
	for i := range data {
		v, _ := b.Select(p.Bytes, b.Word(uint64(i), 16)).Word()
		data[i] = byte(v)
	}
	return data
}

// bitsOf reads "6:ffff 12-13:ff": masks from an offset on, or one byte for a range of offsets.
func bitsOf(text string, n int) []byte {
	out := make([]byte, n)
	for _, part := range strings.Fields(text) {
		at, mask, _ := strings.Cut(part, ":")
		octets, _ := hex.DecodeString(mask)
		first, last, isRange := strings.Cut(at, "-")
		from, _ := strconv.Atoi(first)
		if to, _ := strconv.Atoi(last); isRange {
			octets = bytes.Repeat(octets, to-from+1)
		}
		copy(out[from:], octets)
	}
	return out
}
