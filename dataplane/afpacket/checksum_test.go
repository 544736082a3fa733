package afpacket

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"math/rand/v2"
	"testing"
)

// slowly is the one's complement sum, word by word.
func slowly(b []byte) uint16 {
	sum := 0
	for i, v := range b {
		sum += int(v) << (8 * (1 - i%2))
	}
	for sum > 0xFFFF {
		sum = sum>>16 + sum&0xFFFF
	}
	return uint16(sum)
}

func TestFold(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for n := range 200 {
		b := make([]byte, n)
		for round := range 50 {
			for i := range b {
				b[i] = byte(r.Uint32())
				if round < 2 {
					b[i] = 0xFF * byte(round)
				}
			}
			if got, want := fold(b), slowly(b); got%0xFFFF != want%0xFFFF || (got == 0) != (want == 0) {
				t.Fatalf("% x: got %#x, want %#x", b, got, want)
			}
		}
	}
}

// TestComplete compares with slow sums; what lies outside of the frame is refused.
func TestComplete(t *testing.T) {
	for _, test := range []struct {
		length, start, offset int
		want                  bool
	}{
		{60, 34, 6, true}, {61, 34, 16, true}, {60, 34, 24, true}, {60, 34, 25, false}, {60, 34, 65535, false},
		{60, 60, 0, false}, {60, 61, 0, false}, {60, 65535, 65535, false}, {0, 0, 0, false}, {2, 0, 0, true},
		{60, 34, 8, true}, {46, 34, 8, true}, {45, 34, 8, false},
	} {
		frame := make([]byte, test.length)
		for i := range frame {
			frame[i] = byte(3 * i)
		}
		before := bytes.Clone(frame)
		got := complete(frame, test.start, test.offset)
		if got != test.want {
			t.Errorf("%+v: got %v", test, got)
			continue
		}
		if !got {
			continue
		}
		covered := before[test.start:]
		if test.offset != sctpOffset {
			want := ^slowly(covered)
			if want == 0 {
				want = 0xFFFF
			}
			if sum := binary.BigEndian.Uint16(frame[test.start+test.offset:]); sum != want {
				t.Errorf("%+v: the checksum is %#x, want %#x", test, sum, want)
			}
			continue
		}
		binary.LittleEndian.PutUint32(covered[8:], 0)
		want := crc32.Checksum(covered, crc32.MakeTable(crc32.Castagnoli))
		if sum := binary.LittleEndian.Uint32(frame[test.start+8:]); sum != want {
			t.Errorf("%+v: the checksum is %#x, want %#x", test, sum, want)
		}
	}
}

// TestCompleteSum: a sum of nothing but ones becomes all ones, since in UDP zero means no checksum.
func TestCompleteSum(t *testing.T) {
	frame := []byte{0xFF, 0xFF, 0xFF, 0xFF, 0, 0}
	if !complete(frame, 0, 4) || frame[4] != 0xFF || frame[5] != 0xFF {
		t.Errorf("got % x", frame)
	}
}
