package virtio

import (
	"testing"

	"vigor/driver/bus"
	"vigor/driver/check"
	"vigor/driver/pci"
	"vigor/driver/virtio/model"
	"vigor/driver/virtio/ring"
	"vigor/driver/world"
)

// still is a world in which nothing happens.
type still struct{ t *testing.T }

func (s still) Choose(n int) int   { return 0 }
func (s still) Fail(r world.Rule)  { s.t.Errorf("the driver breaks a rule: %v", r) }
func (s still) Arrive([]byte) int  { return -1 }
func (s still) Leave(frame []byte) {}

// TestNoStart opens devices that do not work.
func TestNoStart(t *testing.T) {
	fits := model.Config{Features: model.VersionOne, Size: 4}
	tests := []struct {
		name    string
		config  model.Config
		address uint64
		want    Fault
	}{
		{"works", fits, ringAddress, None},
		{"misaligned", fits, ringAddress + 8, Misaligned},
		{"endless reset", model.Config{Features: model.VersionOne, Size: 4, Endless: true}, ringAddress, NoReset},
		{"legacy", model.Config{Features: 0xffff, Size: 4}, ringAddress, Legacy},
		{"features refused", model.Config{Features: model.VersionOne, Size: 4, Refuse: true}, ringAddress, FeaturesRefused},
		{"no queues", model.Config{Features: model.VersionOne}, ringAddress, NoQueue},
	}
	for _, tt := range tests {
		tt.config.World, tt.config.Address = still{t}, tt.address
		tt.config.Memory, tt.config.Pool = &ring.Memory{}, &bus.Pool{Buffers: make([]bus.Buffer, 2)}
		device, d := model.New(tt.config), &Device{}
		got := d.Open(&Resources{Registers: device, Memory: tt.config.Memory, Address: tt.address, Pool: tt.config.Pool})
		if got != tt.want || (d.Problem() == "") != (tt.want == None) {
			t.Errorf("%s: got %v (%s), want %v", tt.name, got, d.Problem(), tt.want)
		}
		if got != None && (device.Running() || d.Post(0) || d.Send(0, 60)) {
			t.Errorf("%s: the device still runs", tt.name)
		}
	}
}

// words is a bus of constant words; stores are lost.
type words map[uint32]uint32

func (w words) Load32(offset uint32) uint32  { return w[offset] }
func (w words) Store32(offset, value uint32) {}

// TestNotPresent looks at registers that are not those of a network device.
func TestNotPresent(t *testing.T) {
	for _, w := range []words{{}, {0: magic, 4: 1, 8: 1}, {0: magic, 4: 2, 8: 0}, {0: magic, 4: 2, 8: 2}, {4: 2, 8: 1}} {
		if got := (&Device{}).Open(&Resources{Registers: w, Memory: &ring.Memory{}, Pool: &bus.Pool{}}); got != NotPresent {
			t.Errorf("%v: got %v, want %v", w, got, NotPresent)
		}
	}
}

// TestNoStructure opens PCI functions that lack something.
func TestNoStructure(t *testing.T) {
	fits := words{0x04: 1 << 20, 0x10: 0xf0000000, 0x34: 0x40,
		0x40: 1<<24 | 16<<16 | 0x50<<8 | 9, 0x44: 0, 0x48: 0, 0x4c: 56,
		0x50: 2<<24 | 20<<16 | 9, 0x54: 0, 0x58: 0x1000, 0x5c: 2}
	tests := []struct {
		name         string
		offset, word uint32
		want         Fault
	}{
		{"works", 0x100, 0, None},
		{"no list", 0x04, 0, NoStructure},
		{"no BAR", 0x10, 0, NoStructure},
		{"ports", 0x10, 0xf001, NoStructure},
		{"above 4 GiB", 0x4c, 0x20000000, NoStructure},
		{"short", 0x4c, 55, NoStructure},
		{"no notifications", 0x50, 3<<24 | 9, NoStructure},
		{"notifications too short", 0x5c, 1, NoStructure},
		{"reserved BAR", 0x44, 6, NoStructure},
		{"endless list", 0x50, 3<<24 | 0x40<<8 | 9, NoStructure},
		{"a bridge", 0x0c, 1 << 16, NoStructure},
	}
	for _, tt := range tests {
		space := words{}
		for offset, word := range fits {
			space[offset] = word
		}
		space[tt.offset] = tt.word
		if got := (&PCI{}).Open(&pci.Function{Config: space}, nil); got != tt.want {
			t.Errorf("%s: got %v, want %v", tt.name, got, tt.want)
		}
	}
}

// TestBreach has devices return what they do not have.
func TestBreach(t *testing.T) {
	tests := []struct {
		name    string
		queue   int
		element ring.Element
		want    Fault
	}{
		{"received", 0, ring.Element{ID: 3, Length: 72}, None},
		{"no such descriptor", 0, ring.Element{ID: 4, Length: 72}, BadReceive},
		{"another descriptor", 0, ring.Element{ID: 2, Length: 72}, BadReceive},
		{"no header", 0, ring.Element{ID: 3, Length: 11}, BadReceive},
		{"the longest", 0, ring.Element{ID: 3, Length: 12 + bus.MaxFrame}, None},
		{"longer", 0, ring.Element{ID: 3, Length: 13 + bus.MaxFrame}, BadReceive},
		{"sent", 1, ring.Element{ID: 3}, None},
		{"not sent", 1, ring.Element{ID: 1}, BadSend},
		{"no such descriptor to send", 1, ring.Element{ID: 1 << 31}, BadSend},
	}
	for _, tt := range tests {
		rig, err := rig(still{t}, check.Options{Size: 4})
		if err != nil {
			t.Fatal(err)
		}
		d := rig.Driver.(*Device)
		if !d.Post(0) || !d.Send(1, 60) {
			t.Fatal("the device takes no buffers")
		}
		d.Flush()
		used := []*ring.Queue{d.receive.memory, d.transmit.memory}[tt.queue]
		used.Used.Elements[0] = tt.element
		used.Used.Shared.Store(1 << 16)
		_, length, received := d.Received()
		_, sent := d.Sent()
		if got := d.Fault(); got != tt.want || received != (tt.want == None && tt.queue == 0) || sent != (tt.want == None && tt.queue == 1) {
			t.Errorf("%s: got %v, %t, %t, want %v", tt.name, got, received, sent, tt.want)
		}
		if received && length != tt.element.Length-12 {
			t.Errorf("%s: a frame of %d bytes", tt.name, length)
		}
	}
}

// TestBreachOfNothing has a device return a descriptor that it was not shown yet.
func TestBreachOfNothing(t *testing.T) {
	rig, err := rig(still{t}, check.Options{Size: 4})
	if err != nil {
		t.Fatal(err)
	}
	d := rig.Driver.(*Device)
	d.Post(0) // and no Flush
	d.receive.memory.Used.Elements[0] = ring.Element{ID: 3, Length: 72}
	d.receive.memory.Used.Shared.Store(1 << 16)
	if _, _, ok := d.Received(); ok || d.Fault() != BadReceive {
		t.Errorf("got %t, %v; want %v", ok, d.Fault(), BadReceive)
	}
}

// TestRefused gives the driver buffers and frames that do not exist.
func TestRefused(t *testing.T) {
	rig, err := rig(still{t}, check.Options{Size: 4})
	if err != nil {
		t.Fatal(err)
	}
	d := rig.Driver.(*Device)
	many := uint32(len(rig.Pool.Buffers))
	if d.Post(many) || d.Send(many, 60) || d.Send(0, bus.MaxFrame+1) {
		t.Error("a buffer or frame that does not exist is taken")
	}
	for i := range uint32(5) {
		if got, want := d.Post(i), i < 4; got != want {
			t.Errorf("posting %d: got %t, want %t", i, got, want)
		}
	}
	if fault := d.Close(); fault != None || d.Post(0) || d.Problem() == "" {
		t.Errorf("closing: %v; the device works on", fault)
	}
	if Fault(200).Error() == "" || None.Error() == "" {
		t.Error("a fault has no text")
	}
}

// quiet is registers that nobody looks at.
type quiet struct{}

func (quiet) Load32(offset uint32) uint32  { return 0 }
func (quiet) Store32(offset, value uint32) {}

// TestNoAllocation has buffers go round.
func TestNoAllocation(t *testing.T) {
	rig, err := rig(still{t}, check.Options{Size: 4})
	if err != nil {
		t.Fatal(err)
	}
	d := rig.Driver.(*Device)
	d.registers = quiet{}
	idx := uint32(0)
	round := func() {
		ok := d.Post(0) && d.Send(1, 60)
		d.Flush()
		idx = (idx + 1) & 0xffff
		for _, q := range []*queue{&d.receive, &d.transmit} {
			id := uint32(q.memory.Available.Slots[(idx-1)%4])
			q.memory.Used.Elements[(idx-1)%4] = ring.Element{ID: id, Length: 72}
			q.memory.Used.Shared.Store(idx << 16)
		}
		_, _, received := d.Received()
		if _, sent := d.Sent(); !ok || !received || !sent {
			t.Fatalf("in round %d, a buffer does not go round: %s", idx, d.Problem())
		}
	}
	if n := testing.AllocsPerRun(100, round); n != 0 {
		t.Errorf("%v allocations for each frame", n)
	}
}
