package packet

// Checksum is the Internet checksum of b and of what initial already sums up (RFC 1071): the one's
// complement of the one's complement sum of the 16-bit words, an odd last byte padded with 0. Over
// bytes that contain their own right checksum it is 0. b may have any length up to 65,535 bytes, as frames have.
//
// @ requires len(b) <= 65535
// @ ensures r == ^ocsum(b, initial)
func Checksum(b []byte, initial uint32) (r uint16) {
	sum := uint64(initial)
	for len(b) >= 2 {
		sum += uint64(b[0])<<8 | uint64(b[1])
		b = b[2:]
	}
	if len(b) == 1 {
		sum += uint64(b[0]) << 8
	}
	sum = sum&0xFFFF + sum>>16
	sum = sum&0xFFFF + sum>>16
	sum = sum&0xFFFF + sum>>16
	return ^uint16(sum)
}

// UpdateChecksum is the checksum that follows from sum when one of the words below it changes from
// old to new (RFC 1624, equation 3). A sum that was wrong stays wrong by as much.
//
// @ ensures r == ^ocadd(^sum, ^old, new)
func UpdateChecksum(sum, old, new uint16) (r uint16) {
	wide := uint32(^sum) + uint32(^old) + uint32(new)
	wide = wide&0xFFFF + wide>>16
	wide = wide&0xFFFF + wide>>16
	return ^uint16(wide)
}

// UpdateChecksumOfTwo is UpdateChecksum for two words at once.
//
// @ ensures r == ^ocadd(^sum, ^old1, new1, ^old2, new2)
func UpdateChecksumOfTwo(sum, old1, new1, old2, new2 uint16) (r uint16) {
	wide := uint32(^sum) + uint32(^old1) + uint32(new1) + uint32(^old2) + uint32(new2)
	wide = wide&0xFFFF + wide>>16
	wide = wide&0xFFFF + wide>>16
	return ^uint16(wide)
}

// UpdateChecksumOfThree is UpdateChecksum for three words at once.
//
// @ ensures r == ^ocadd(^sum, ^old1, new1, ^old2, new2, ^old3, new3)
func UpdateChecksumOfThree(sum, old1, new1, old2, new2, old3, new3 uint16) (r uint16) {
	wide := uint32(^sum) + uint32(^old1) + uint32(new1) + uint32(^old2) + uint32(new2) + uint32(^old3) + uint32(new3)
	wide = wide&0xFFFF + wide>>16
	wide = wide&0xFFFF + wide>>16
	return ^uint16(wide)
}

// updateAddress is UpdateChecksum for the two words of an address.
func updateAddress(sum uint16, old, new IPv4) uint16 {
	return UpdateChecksumOfTwo(sum, uint16(old>>16), uint16(new>>16), uint16(old), uint16(new))
}

// HeaderChecksumOK reports whether the checksum of h is right.
func (h IPv4Header) HeaderChecksumOK() bool {
	return Checksum(h[:h.HeaderLength()], 0) == 0
}

// ComputeChecksum is the checksum that h should carry.
func (h IPv4Header) ComputeChecksum() uint16 {
	return Checksum(h[:h.HeaderLength()], uint32(^h.Checksum()))
}

// pseudoHeader sums the pseudo header that TCP and UDP checksums cover (RFC 9293, 3.1; RFC 768).
func (h IPv4Header) pseudoHeader() uint32 {
	src, dst := uint32(h.Source()), uint32(h.Destination())
	length := uint32(h.TotalLength()) - uint32(h.HeaderLength())
	return src>>16 + src&0xFFFF + dst>>16 + dst&0xFFFF + uint32(h.Protocol()) + length
}
