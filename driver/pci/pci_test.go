package pci_test

import (
	"testing"

	"vigor/driver/pci"
)

// space is configuration space: the registers that exist, by offset. Where a function has none at 0, all of its
// registers read as ones.
type space map[uint32]uint32

func (s space) Load32(offset uint32) uint32 {
	if _, ok := s[offset&^0xff]; !ok {
		return 1<<32 - 1
	}
	return s[offset]
}

// Store32 stores all bits, but those of the status are cleared by ones, as hardware has it.
func (s space) Store32(offset, value uint32) {
	if offset&0xff == 4 {
		value = value&0xffff | s[offset]&0xffff0000&^value
	}
	s[offset] = value
}

// at is the offset of a register of a function.
func at(device, function, register uint32) uint32 { return device<<11 | function<<8 | register }

func TestNext(t *testing.T) {
	s := space{
		at(0, 0, 0): 0x1237_8086,
		at(0, 1, 0): 0x1111_8086, // a ghost: function 0 is the only one
		at(1, 0, 0): 0x7000_8086, at(1, 0, 0xc): 1 << 23,
		at(1, 3, 0):  0x7113_8086,
		at(2, 1, 0):  0x2222_8086, // without function 0
		at(31, 0, 0): 0x1041_1af4,
	}
	var got []uint32
	for f, ok := pci.Next(s, 0); ok; f, ok = pci.Next(s, f.Place+1) {
		got = append(got, f.Place)
	}
	want := []uint32{0, 8, 11, 248}
	if len(got) != len(want) {
		t.Fatalf("got functions %v, want %v", got, want)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("got functions %v, want %v", got, want)
		}
	}
}

func TestBAR(t *testing.T) {
	tests := []struct {
		name      string
		header    uint32
		low, high uint32
		number    uint32
		want      uint32 // 0 if there is none
	}{
		{"32 bits", 0, 0xfebc0000, 0, 0, 0xfebc0000},
		{"64 bits, prefetchable", 0, 0xfe00000c, 0, 0, 0xfe000000},
		{"64 bits, above 4 GiB", 0, 0xfe00000c, 1, 0, 0},
		{"64 bits in the last", 0, 0xfe000004, 0, 5, 0},
		{"ports", 0, 0xc001, 0, 0, 0},
		{"no address", 0, 0, 0, 0, 0},
		{"below 1 MiB", 0, 0xd0002, 0, 0, 0},
		{"multi-function", 0x80, 0xfebc0000, 0, 0, 0xfebc0000},
		{"a bridge", 1, 0xfebc0000, 0, 0, 0},
		{"no such register", 0, 0xfebc0000, 0, 6, 0},
	}
	for _, tt := range tests {
		s := space{0: 0x8086, 0xc: tt.header << 16, 0x10 + 4*tt.number: tt.low, 0x14 + 4*tt.number: tt.high}
		f := pci.Function{Config: s}
		if got, ok := f.BAR(tt.number); ok != (tt.want != 0) || ok && got != tt.want {
			t.Errorf("%s: got %#x, %t; want %#x", tt.name, got, ok, tt.want)
		}
	}
}

func TestEnable(t *testing.T) {
	s := space{0: 0x8086, 4: 0xa910_0001}
	f := pci.Function{Config: s}
	if f.Enable(); s[4] != 0xa910_0407 {
		t.Errorf("got %#x, want 0xa9100407", s[4])
	}
	if f.Disable(); s[4] != 0xa910_0403 {
		t.Errorf("got %#x, want 0xa9100403", s[4])
	}
}

func TestCapability(t *testing.T) {
	s := space{0: 0x8086, 4: 1 << 20, 0x34: 0x53, 0x50: 0x60_09, 0x60: 0x70_11, 0x70: 0x50_09} // and round again
	f := pci.Function{Config: s}
	first, ok := f.Capability(9, 0)
	if !ok || first != 0x50 {
		t.Errorf("got %#x, %t; want 0x50", first, ok)
	}
	if second, ok := f.Capability(9, first); !ok || second != 0x70 {
		t.Errorf("got %#x, %t; want 0x70", second, ok)
	}
	if _, ok := f.Capability(5, 0); ok {
		t.Error("a capability is found that does not exist")
	}
	s[0x60] = 0x3c_11 // points into the header
	if _, ok := f.Capability(9, first); ok {
		t.Error("a capability is found behind the end")
	}
	s[4] = 0
	if _, ok := f.Capability(9, 0); ok {
		t.Error("a capability is found where there is no list")
	}
}
