package bus_test

import (
	"testing"

	"vigor/driver/bus"
)

// last is a bus that keeps where the last access was.
type last struct{ offset, value uint32 }

func (l *last) at(offset, value uint32) uint32 { l.offset, l.value = offset, value; return 7 }

func (l *last) Load8(offset uint32) uint8           { return uint8(l.at(offset, 8)) }
func (l *last) Load16(offset uint32) uint16         { return uint16(l.at(offset, 16)) }
func (l *last) Load32(offset uint32) uint32         { return l.at(offset, 32) }
func (l *last) Store8(offset uint32, value uint8)   { l.at(offset, uint32(value)) }
func (l *last) Store16(offset uint32, value uint16) { l.at(offset, uint32(value)) }
func (l *last) Store32(offset, value uint32)        { l.at(offset, value) }

func TestWindow(t *testing.T) {
	l := &last{}
	w := &bus.Window{Of: l, Base: 0x1000}
	for i, access := range []func(offset uint32){
		func(o uint32) { w.Load8(o) }, func(o uint32) { w.Load16(o) }, func(o uint32) { w.Load32(o) },
		func(o uint32) { w.Store8(o, 8) }, func(o uint32) { w.Store16(o, 16) }, func(o uint32) { w.Store32(o, 32) },
	} {
		if access(0x24); l.offset != 0x1024 || l.value != 8<<(i%3) {
			t.Errorf("access %d: at %#x, %d", i, l.offset, l.value)
		}
	}
	if w.Load8(0) != 7 || w.Load16(0) != 7 || w.Load32(0) != 7 {
		t.Error("the value is lost")
	}
}

func TestPool(t *testing.T) {
	p := &bus.Pool{Buffers: make([]bus.Buffer, 3), Address: 1 << 40}
	if got, want := p.At(2)-p.At(1), uint64(bus.BufferSize); got != want || p.At(0) != 1<<40+bus.Headroom {
		t.Errorf("frames are %d bytes apart, want %d; the first is at %#x", got, want, p.At(0))
	}
	for length, want := range map[uint32]int{0: 0, 60: 60, bus.MaxFrame: bus.MaxFrame, 1 << 31: bus.MaxFrame} {
		f := p.Frame(1, length)
		if len(f) != want || cap(f) != want {
			t.Errorf("a frame of %d bytes has %d, and room for %d", length, len(f), cap(f))
		}
	}
	p.Frame(1, 1)[0] = 5
	if p.Buffers[1][bus.Headroom] != 5 {
		t.Error("a frame is not in its buffer")
	}
}
