package packet

import (
	"errors"
	"strconv"
	"strings"
)

// Prefix is an IPv4 network: the addresses that begin with the first Length bits of Address (RFC 4632,
// 3.1). The zero Prefix is 0.0.0.0/0, all addresses.
type Prefix struct {
	Address IPv4  // the first address of the network: bits beyond Length are 0
	Length  uint8 // in bits, 0 to 32
}

// prefixBits is the largest length of a prefix.
const prefixBits = 32

// Validate refuses a length above 32, and an address with bits beyond it.
func (p Prefix) Validate() error {
	if p.Length > prefixBits {
		return errors.New("the length of a prefix is 0 to 32 bits")
	}
	if p.Address&p.hosts() != 0 {
		return errors.New("the address of a prefix has bits beyond its length: write the first address of the network")
	}
	return nil
}

// hosts has the bits set in which addresses of the network differ.
func (p Prefix) hosts() IPv4 { return ^IPv4(0) >> p.Length }

// First is the lowest address of the network; Last is the highest.
func (p Prefix) First() IPv4 { return p.Address &^ p.hosts() }

// Last is the highest address of the network.
func (p Prefix) Last() IPv4 { return p.Address | p.hosts() }

// Contains reports whether a belongs to the network.
func (p Prefix) Contains(a IPv4) bool { return (a^p.Address)&^p.hosts() == 0 }

// String gives the form 10.0.0.0/8.
func (p Prefix) String() string { return p.Address.String() + "/" + strconv.Itoa(int(p.Length)) }

// MarshalText gives the form that UnmarshalText reads.
func (p Prefix) MarshalText() ([]byte, error) { return []byte(p.String()), nil }

// UnmarshalText reads an address, a slash and a length. An address with bits beyond the length is refused:
// it may be a host's, or the length may be wrong.
func (p *Prefix) UnmarshalText(text []byte) error {
	s := string(text)
	address, length, ok := strings.Cut(s, "/")
	n, err := strconv.ParseUint(length, 10, 8)
	if !ok || err != nil || n > prefixBits || strconv.FormatUint(n, 10) != length {
		return errors.New(strconv.Quote(s) + " is not a prefix: an address and a length of 0 to 32, as in 10.0.0.0/8")
	}
	read := Prefix{Length: uint8(n)}
	if err := read.Address.UnmarshalText([]byte(address)); err != nil {
		return err
	}
	if read.Address&read.hosts() != 0 {
		return errors.New(strconv.Quote(s) + " is not a prefix: the first address of the network is " +
			Prefix{read.First(), read.Length}.String())
	}
	*p = read
	return nil
}
