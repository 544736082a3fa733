package packet

import (
	"errors"
	"strconv"
	"strings"
)

// MAC is an IEEE 802 48-bit address, first byte on the wire first.
type MAC [6]byte

// IsGroup reports whether a is a multicast or broadcast address (IEEE 802, 8.2.2: I/G bit).
func (a MAC) IsGroup() bool { return a[0]&1 != 0 }

// IsZero reports whether a is 00:00:00:00:00:00, which no station has.
func (a MAC) IsZero() bool { return a == MAC{} }

// IsBroadcast reports whether a is ff:ff:ff:ff:ff:ff.
func (a MAC) IsBroadcast() bool { return a == MAC{0xff, 0xff, 0xff, 0xff, 0xff, 0xff} }

// String gives the form 02:00:00:00:00:01.
func (a MAC) String() string {
	const digit = "0123456789abcdef"
	text := make([]byte, 0, 17)
	for i, b := range a {
		if i > 0 {
			text = append(text, ':')
		}
		text = append(text, digit[b>>4], digit[b&15])
	}
	return string(text)
}

// MarshalText gives the form that UnmarshalText reads.
func (a MAC) MarshalText() ([]byte, error) { return []byte(a.String()), nil }

// UnmarshalText reads six bytes of two hexadecimal digits, all separated by ':' or all by '-'.
func (a *MAC) UnmarshalText(text []byte) error {
	s := string(text)
	separator := ":"
	if strings.Contains(s, "-") {
		separator = "-"
	}
	parts := strings.Split(s, separator)
	if len(parts) != len(a) {
		return addressError(s, "a MAC address has six bytes, as in 02:00:00:00:00:01")
	}
	var read MAC
	for i, part := range parts {
		b, err := strconv.ParseUint(part, 16, 8)
		if err != nil || len(part) != 2 {
			return addressError(s, "byte "+strconv.Itoa(i+1)+" is not two hexadecimal digits")
		}
		read[i] = byte(b)
	}
	*a = read
	return nil
}

// IPv4 is an IPv4 address as a number: 10.0.0.1 is 0x0A000001.
type IPv4 uint32

// String gives the form 10.0.0.1.
func (a IPv4) String() string {
	text := make([]byte, 0, 15)
	for shift := 24; shift >= 0; shift -= 8 {
		if shift < 24 {
			text = append(text, '.')
		}
		text = strconv.AppendUint(text, uint64(a>>shift&0xff), 10)
	}
	return string(text)
}

// MarshalText gives the form that UnmarshalText reads.
func (a IPv4) MarshalText() ([]byte, error) { return []byte(a.String()), nil }

// UnmarshalText reads four decimal numbers of 0 to 255 separated by dots. Leading zeros are
// refused, as some programs read them as octal (RFC 6943, 3.1.1).
func (a *IPv4) UnmarshalText(text []byte) error {
	s := string(text)
	parts := strings.Split(s, ".")
	if len(parts) != 4 {
		return addressError(s, "an IPv4 address has four numbers, as in 10.0.0.1")
	}
	var read IPv4
	for i, part := range parts {
		n, err := strconv.ParseUint(part, 10, 8)
		if err != nil || len(part) > 1 && part[0] == '0' || part[0] == '+' {
			return addressError(s, "number "+strconv.Itoa(i+1)+" is not 0 to 255 without leading zeros")
		}
		read = read<<8 | IPv4(n)
	}
	*a = read
	return nil
}

// addressError says why text is not an address.
func addressError(text, why string) error {
	return errors.New(strconv.Quote(text) + " is not an address: " + why)
}
