package inspect

import (
	"crypto/sha256"
	"encoding/binary"
	"hash"
	"reflect"
)

// Content stands for all that is in a structure: two structures of one type have equal contents
// exactly if their capacities are equal, the numbers that they hand out start equally, if they hand out any,
// and the same indices hold equal keys, values and times.
type Content struct {
	entries int
	digest  [sha256.Size]byte
}

// contentStep is how many indices are read at a time.
const contentStep = 4096

// ContentOf reads the whole structure, which must not change meanwhile.
func ContentOf(s Structure) Content {
	h := sha256.New()
	number(h, s.Cap())
	if c, ok := s.View.(interface{ Classes() int }); ok { // nor the number of classes
		number(h, c.Classes())
	}
	if r, ok := s.View.(interface{ First() int }); ok { // a PortRange, whose first number nothing changes later
		number(h, r.First())
	}
	for from := 0; from < s.Cap() && s.Len() > 0; {
		e, next := s.Entries(from, contentStep, contentStep)
		number(h, len(e.Index))
		for _, list := range []any{e.Index, e.Time, e.Keys, e.Values} {
			if list != nil {
				h.Write(memory(reflect.ValueOf(list)))
			}
		}
		from = next
	}
	c := Content{entries: s.Len()}
	h.Sum(c.digest[:0])
	return c
}

// Is reports whether a structure has this content. It takes time only if the number of entries is the
// same and not 0.
func (c Content) Is(s Structure) bool {
	return c.entries == s.Len() && c == ContentOf(s)
}

func number(h hash.Hash, n int) {
	var b [8]byte
	binary.LittleEndian.PutUint64(b[:], uint64(n))
	h.Write(b[:])
}
