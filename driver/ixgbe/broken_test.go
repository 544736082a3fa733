package ixgbe

import (
	"testing"

	"vigor/driver/bus"
	"vigor/driver/check"
	"vigor/driver/ixgbe/ring"
	"vigor/driver/pci"
	"vigor/driver/world"
)

// still is a world in which nothing happens.
type still struct{ t *testing.T }

func (s still) Choose(n int) int   { return 0 }
func (s still) Fail(r world.Rule)  { s.t.Errorf("the driver breaks a rule: %v", r) }
func (s still) Arrive([]byte) int  { return -1 }
func (s still) Leave(frame []byte) {}

// opened opens a driver in a world in which nothing happens.
func opened(t *testing.T) *Device {
	t.Helper()
	rig, err := rig(still{t}, check.Options{Size: 8})
	if err != nil {
		t.Fatal(err)
	}
	return rig.Driver.(*Device)
}

// TestBreach has a device write back what cannot be.
func TestBreach(t *testing.T) {
	for word, want := range map[uint64]Fault{
		60 | done | end:                 None,
		bus.MaxFrame | done | end:       None,
		60 | done | end | 0xff<<40:      None, // errors of checksums, which the driver does not look at
		0 | done | end:                  BadReceive,
		(bus.MaxFrame + 1) | done | end: BadReceive,
		60 | done:                       BadReceive, // the frame goes on
	} {
		d := opened(t)
		d.Post(3)
		d.Flush()
		d.receive.at(0).Word.Store(word)
		buffer, length, ok := d.Received()
		if d.Fault() != want || ok != (want == None) || ok && (buffer != 3 || length != uint32(word&0xffff)) {
			t.Errorf("%#x: got buffer %d, %d bytes, %t, %v; want %v", word, buffer, length, ok, d.Fault(), want)
		}
	}
}

// TestRefused gives the driver memory, buffers and frames that do not do.
func TestRefused(t *testing.T) {
	d := opened(t)
	many := uint32(len(d.pool.Buffers))
	if d.Post(many) || d.Send(many, 60) || d.Send(0, bus.MaxFrame+1) || d.Send(0, 0) {
		t.Error("a buffer or frame that does not exist is taken")
	}
	for i := range uint32(8) {
		if got, want := d.Post(i), i < 7; got != want {
			t.Errorf("posting %d: got %t, want %t", i, got, want)
		}
	}
	for _, r := range []Resources{{Size: 8, Address: 8}, {Size: 4}, {Size: 12}, {Size: 2 * ring.Size}} {
		var d Device
		if fault := d.Open(&r); fault != Misaligned && fault != BadSize {
			t.Errorf("%+v: got %v", r, fault)
		}
		if d.Post(0) || d.Send(0, 60) || d.OpenGigabit(&r) == None || d.Problem() == "" {
			t.Errorf("%+v: the device works", r)
		}
	}
	if Fault(200).Error() == "" || None.Error() == "" {
		t.Error("a fault has no text")
	}
}

// words is a bus of constant words.
type words map[uint32]uint32

func (w words) Load32(offset uint32) uint32  { return w[offset] }
func (w words) Store32(offset, value uint32) {}

// TestIdentity looks at PCI functions.
func TestIdentity(t *testing.T) {
	for id, want := range map[uint32][2]bool{0x10fb8086: {true, false}, 0x100e8086: {false, true}, 0x10fb1af4: {}, 0x15638086: {}} {
		f := &pci.Function{Config: words{0: id}}
		if got := [2]bool{Is82599(f), IsGigabit(f)}; got != want {
			t.Errorf("%#x: got %v, want %v", id, got, want)
		}
	}
}
