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

// TestNoAllocation has buffers go round.
func TestNoAllocation(t *testing.T) {
	d := opened(t)
	d.registers = words{}
	round := func() {
		ok := d.Post(0) && d.Send(1, 60)
		d.Flush()
		d.receive.at(d.receive.taken).Word.Store(60 | done | end)
		d.transmit.at(d.transmit.taken).Word.Store(done)
		_, _, received := d.Received()
		if _, sent := d.Sent(); !ok || !received || !sent {
			t.Fatalf("a buffer does not go round: %s", d.Problem())
		}
	}
	if n := testing.AllocsPerRun(100, round); n != 0 {
		t.Errorf("%v allocations for each frame", n)
	}
}

// TestGigabit opens an 8254x on registers that keep what is written, and looks at what the manual asks for.
func TestGigabit(t *testing.T) {
	r := registers{gigabitCtrl: 1<<3 | 1<<7 | 1<<30 | 1<<31 | 1}
	d, memory := &Device{}, &ring.Memory{}
	pool := &bus.Pool{Buffers: make([]bus.Buffer, 2), Address: poolAddress}
	if fault := d.OpenGigabit(&Resources{
		Registers: r, Memory: memory, Address: ringAddress, Pool: pool, Timer: r, Size: 8,
	}); fault != None {
		t.Fatal(fault)
	}
	for register, want := range map[uint32]uint32{
		0x0000: 1<<6 | 1<<5 | 1, 0x00d8: 1<<32 - 1, // CTRL, IMC
		0x0100: 1<<1 | 1<<3 | 1<<4 | 1<<15 | 1<<26,                          // RCTL
		0x0400: 1<<1 | 1<<3 | 0xf<<4 | 0x40<<12, 0x0410: 10 | 8<<10 | 6<<20, // TCTL, TIPG
		0x2800: 0x1234_5680, 0x2804: 7, 0x2808: 128, 0x2818: 0, // at a multiple of 128 bytes
		0x3808: 128, 0x3818: 0, 0x53fc: 0,
	} {
		if got := r[register]; got != want {
			t.Errorf("register %#x: got %#x, want %#x", register, got, want)
		}
	}
	if r[0x3800]%128 != 0 || r[0x3804] != 7 {
		t.Errorf("the transmit ring is at %#x", r[0x3800])
	}
	d.Post(1)
	if d.Flush(); r[0x2818] != 1 || d.Fault() != None {
		t.Errorf("the tail is %d, want 1; %v", r[0x2818], d.Fault())
	}
	if fault := d.Close(); fault != None || r[0x100] != 0 || r[0x400] != 0 {
		t.Errorf("closing: %v, RCTL %#x, TCTL %#x", fault, r[0x100], r[0x400])
	}
}

// registers keep what is written; the reset bit of an 8254x clears itself. They are a timer that does not wait.
type registers map[uint32]uint32

func (r registers) Load32(offset uint32) uint32 { return r[offset] }

func (r registers) Store32(offset, value uint32) {
	if offset == gigabitCtrl {
		value &^= gigabitReset
	}
	r[offset] = value
}

func (r registers) Delay(microseconds uint32) {}
