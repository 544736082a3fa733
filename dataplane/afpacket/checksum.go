package afpacket

import (
	"encoding/binary"
	"hash/crc32"
	"math/bits"
)

// castagnoli is the polynomial of SCTP's checksum (RFC 9260, Appendix A).
var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// sctpOffset is where SCTP keeps its checksum; no other protocol has one there.
const sctpOffset = 8

// complete computes the checksum that a sender has left to the device: it covers frame from start on, and
// belongs at an offset from there, where the sum of the pseudo-header stands (struct virtio_net_hdr,
// csum_start and csum_offset). It returns false if that is not within the frame.
func complete(frame []byte, start, offset int) bool {
	if start > len(frame) {
		return false
	}
	covered := frame[start:]
	if offset == sctpOffset {
		return completeSCTP(covered)
	}
	if offset+2 > len(covered) {
		return false
	}
	sum := ^fold(covered)
	if sum == 0 {
		sum = 0xFFFF // in UDP zero means that there is no checksum; elsewhere both are the same
	}
	binary.BigEndian.PutUint16(covered[offset:], sum)
	return true
}

// completeSCTP writes SCTP's checksum, in whose place there is zero so far.
func completeSCTP(covered []byte) bool {
	if len(covered) < sctpOffset+4 {
		return false
	}
	binary.LittleEndian.PutUint32(covered[sctpOffset:], 0)
	binary.LittleEndian.PutUint32(covered[sctpOffset:], crc32.Checksum(covered, castagnoli))
	return true
}

// fold is the one's complement sum of big-endian 16-bit words; an odd byte at the end is the upper half of
// one (RFC 1071).
func fold(b []byte) uint16 {
	var sum, carry uint64
	for ; len(b) >= 8; b = b[8:] {
		sum, carry = bits.Add64(sum, binary.BigEndian.Uint64(b), carry)
	}
	var rest [8]byte
	copy(rest[:], b)
	sum, carry = bits.Add64(sum, binary.BigEndian.Uint64(rest[:]), carry)
	sum, carry = bits.Add64(sum, 0, carry)
	sum += carry
	sum = sum>>32 + sum&0xFFFFFFFF
	sum = sum>>16 + sum&0xFFFF
	sum = sum>>16 + sum&0xFFFF
	sum = sum>>16 + sum&0xFFFF
	return uint16(sum)
}
