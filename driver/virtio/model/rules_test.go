package model

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"vigor/driver/bus"
	"vigor/driver/virtio/ring"
	"vigor/driver/world"
)

// witness is a world in which nothing happens but that rules are broken.
type witness struct {
	broken []world.Rule
}

func (w *witness) Choose(n int) int    { return 0 }
func (w *witness) Fail(r world.Rule)   { w.broken = append(w.broken, r) }
func (w *witness) Arrive(b []byte) int { return -1 }
func (w *witness) Leave(frame []byte)  {}

const (
	rings = 0x1_0000_0000
	pools = 0x2_0000_0000
)

// bench is a device with a driver that does what a test says.
type bench struct {
	*witness
	*Device
	memory *ring.Memory
	pool   *bus.Pool
	pci    *PCI
}

func newBench() *bench {
	b := &bench{witness: &witness{}, memory: &ring.Memory{}, pool: &bus.Pool{Buffers: make([]bus.Buffer, 4), Address: pools}}
	b.Device = New(Config{
		World: b.witness, Memory: b.memory, Address: rings, Pool: b.pool, Features: VersionOne | 1, Size: 4,
	})
	return b
}

// The stages of an initialization that breaks no rule.
func (b *bench) identify() *bench { b.Load32(0); b.Load32(4); b.Load32(8); return b }
func (b *bench) reset() *bench    { b.identify().Store32(0x70, 0); b.Load32(0x70); return b }
func (b *bench) driver() *bench   { b.reset().Store32(0x70, 1); b.Store32(0x70, 3); return b }

func (b *bench) features() *bench {
	b.driver().Store32(0x24, 1)
	b.Store32(0x20, 1)
	b.Store32(0x70, 11)
	b.Load32(0x70)
	return b
}

// queue sets up one queue at an address, but does not make it ready.
func (b *bench) queue(index uint32, address uint64) {
	b.Store32(0x30, index)
	b.Store32(0x38, 4)
	for i, part := range []uint64{0, ring.AvailableAt, ring.UsedAt} {
		b.Store32(0x80+uint32(i)*16, uint32(address+part))
		b.Store32(0x84+uint32(i)*16, uint32((address+part)>>32))
	}
}

func (b *bench) queues() *bench {
	for i := range uint32(2) {
		b.features2().queue(i, rings+uint64(i)*ring.QueueSize)
		b.Store32(0x44, 1)
	}
	return b
}

// features2 does what features does, once.
func (b *bench) features2() *bench {
	if b.status == 0 {
		b.features()
	}
	return b
}

func (b *bench) live() *bench { b.queues().Store32(0x70, 15); return b }

// offer publishes one descriptor in a queue.
func (b *bench) offer(q *ring.Queue, d ring.Descriptor) *bench {
	idx := q.Available.Shared.Load() >> 16
	q.Descriptors[idx%4] = d
	q.Available.Slots[idx%4] = uint16(idx % 4)
	q.Available.Shared.Store(1 | (idx+1)<<16)
	b.Step()
	return b
}

func receiveInto(buffer uint64) ring.Descriptor {
	return ring.Descriptor{Address: pools + buffer*bus.BufferSize, Length: 2000, Flags: ring.Write}
}

func sendFrom(buffer uint64) ring.Descriptor {
	return ring.Descriptor{Address: pools + buffer*bus.BufferSize, Length: 100}
}

// onPCI is a device on PCI whose memory is enabled.
func (b *bench) onPCI() *bench {
	b.pci = NewPCI(b.Device, 4)
	b.pci.Space().Store32(pciPlace<<8|4, memorySpace|busMaster)
	return b
}

const common, notify = barAddress + commonOffset, barAddress + notifyOffset

// TestRules breaks each rule.
func TestRules(t *testing.T) {
	breaks := map[rule]func(b *bench){
		unknownRegister:      func(b *bench) { b.identify().Load32(0x100) },
		readOnlyRegister:     func(b *bench) { b.reset().Store32(0x34, 1) },
		writeOnlyRegister:    func(b *bench) { b.reset().Load32(0x30) },
		identityFirst:        func(b *bench) { b.Load32(4) },
		resetFirst:           func(b *bench) { b.identify().Store32(0x70, 1) },
		resetComplete:        func(b *bench) { b.identify().Store32(0x70, 0); b.Store32(0x70, 1) },
		statusBits:           func(b *bench) { b.reset().Store32(0x70, 0x41) },
		statusCleared:        func(b *bench) { b.driver().Store32(0x70, 2) },
		statusOrder:          func(b *bench) { b.reset().Store32(0x70, 3) },
		givenUp:              func(b *bench) { b.driver().Store32(0x70, 131); b.Store32(0x70, 139) },
		selectDeviceFeatures: func(b *bench) { b.driver().Load32(0x10) },
		selectDriverFeatures: func(b *bench) { b.driver().Store32(0x20, 1) },
		featuresPhase:        func(b *bench) { b.features().Store32(0x20, 1) },
		featureNotOffered:    func(b *bench) { b.driver().Store32(0x24, 1); b.Store32(0x20, 3) },
		featureNeeded:        func(b *bench) { b.driver().Store32(0x70, 11) },
		featureUnknown:       func(b *bench) { b.driver().Store32(0x24, 0); b.Store32(0x20, 1) },
		featuresReread: func(b *bench) {
			b.driver().Store32(0x24, 1)
			b.Store32(0x20, 1)
			b.Store32(0x70, 11)
			b.Store32(0x38, 4)
		},
		queuePhase:     func(b *bench) { b.driver().Store32(0x38, 4) },
		noSuchQueue:    func(b *bench) { b.features().queue(2, rings) },
		queueSizeRange: func(b *bench) { b.features().Store32(0x38, 8) },
		queueSizePower: func(b *bench) { b.features().Store32(0x38, 3) },
		queueEnabled:   func(b *bench) { b.queues().Store32(0x38, 2) },
		readyValue:     func(b *bench) { b.queues().Store32(0x44, 0) },
		queueComplete:  func(b *bench) { b.features().Store32(0x44, 1) },
		queueAlignment: func(b *bench) { b.features().queue(0, rings+8); b.Store32(0x44, 1) },
		queuePlace:     func(b *bench) { b.features().queue(0, rings+16); b.Store32(0x44, 1) },
		queueFresh:     func(b *bench) { b.memory.Receive.Used.Shared.Store(1); b.queues() },
		queuesReady:    func(b *bench) { b.features().Store32(0x70, 15) },
		notifyPhase:    func(b *bench) { b.queues().Store32(0x50, 0) },
		notifyQueue:    func(b *bench) { b.live().Store32(0x50, 2) },
		availableFlags: func(b *bench) { b.live().memory.Receive.Available.Shared.Store(2); b.Step() },
		availableJump:  func(b *bench) { b.live().memory.Receive.Available.Shared.Store(5 << 16); b.Step() },
		slotRange: func(b *bench) {
			b.live().memory.Receive.Available.Slots[0] = 4
			b.offer(&b.memory.Transmit, sendFrom(0))
			b.memory.Receive.Available.Shared.Store(1 << 16)
			b.Step()
		},
		slotExposed: func(b *bench) {
			q := &b.live().memory.Receive
			b.offer(q, receiveInto(0))
			q.Available.Slots[1] = 0
			q.Available.Shared.Store(2 << 16)
			b.Step()
		},
		descriptorFlags: func(b *bench) {
			b.live().offer(&b.memory.Transmit, ring.Descriptor{Address: pools, Length: 100, Flags: 1})
		},
		descriptorDirection: func(b *bench) { b.live().offer(&b.memory.Receive, sendFrom(0)) },
		descriptorPlace:     func(b *bench) { b.live().offer(&b.memory.Transmit, sendFrom(4)) },
		bufferOwned: func(b *bench) {
			b.live().offer(&b.memory.Receive, receiveInto(0)).offer(&b.memory.Transmit, sendFrom(0))
		},
		receiveLength: func(b *bench) {
			b.live().offer(&b.memory.Receive, ring.Descriptor{Address: pools, Length: 1525, Flags: ring.Write})
		},
		sendHeader:         func(b *bench) { b.live().offer(&b.memory.Transmit, ring.Descriptor{Address: pools, Length: 11}) },
		headerFlags:        func(b *bench) { b.pool.Buffers[0][0] = 1; b.live().offer(&b.memory.Transmit, sendFrom(0)) },
		headerSegmentation: func(b *bench) { b.pool.Buffers[0][1] = 1; b.live().offer(&b.memory.Transmit, sendFrom(0)) },
		headerBuffers:      func(b *bench) { b.pool.Buffers[0][11] = 1; b.live().offer(&b.memory.Transmit, sendFrom(0)) },
		bufferChanged:      func(b *bench) { b.live().offer(&b.memory.Transmit, sendFrom(0)); b.pool.Buffers[0][2000]++; b.Settle() },
		descriptorChanged: func(b *bench) {
			b.live().offer(&b.memory.Transmit, sendFrom(0))
			b.memory.Transmit.Descriptors[0].Length++
			b.Settle()
		},
		accessSize:     func(b *bench) { b.onPCI().pci.Store32(common+20, 0) },
		commonReadOnly: func(b *bench) { b.onPCI().pci.Store16(common+18, 0) },
		commonUnknown:  func(b *bench) { b.onPCI().pci.Load32(common + 56) },
		enableZero:     func(b *bench) { b.onPCI().queues().pci.Store16(common+28, 0) },
		doorbellPlace:  func(b *bench) { b.onPCI().live().pci.Store16(notify+3*4, 1) },
		memoryOff:      func(b *bench) { NewPCI(b.Device, 4).Load8(common + 20) },
		masterOff: func(b *bench) {
			b.onPCI().queues().pci.Space().Store32(pciPlace<<8|4, memorySpace)
			b.pci.Store8(common+20, 15)
		},
		commandBits:    func(b *bench) { b.onPCI().pci.Space().Store32(pciPlace<<8|4, memorySpace|1) },
		configReadOnly: func(b *bench) { b.onPCI().pci.Space().Store32(pciPlace<<8|0x20, 0) },
	}
	for r := range rules {
		provoke, ok := breaks[r]
		if !ok {
			t.Errorf("nothing breaks the rule: %v", Rules[r])
			continue
		}
		b := newBench()
		provoke(b)
		if len(b.broken) == 0 || b.broken[0] != Rules[r] {
			t.Errorf("got %v, want %v", b.broken, Rules[r])
		}
	}
}

// TestNoRule breaks no rule: the stages that the other tests start from.
func TestNoRule(t *testing.T) {
	for name, b := range map[string]*bench{"registers": newBench().live(), "PCI": newBench().onPCI().live()} {
		b.offer(&b.memory.Receive, receiveInto(0)).offer(&b.memory.Transmit, sendFrom(1)).Store32(0x50, 1)
		if b.Settle(); len(b.broken) > 0 {
			t.Errorf("%s: got %v, want none", name, b.broken)
		}
		if got := b.memory.Transmit.Used.Shared.Load() >> 16; got != 1 {
			t.Errorf("%s: %d buffers were returned, want 1", name, got)
		}
	}
}

// TestNumberOfRules compares the number of rules with the one in the documentation.
func TestNumberOfRules(t *testing.T) {
	text, err := os.ReadFile("../../../docs/full-stack.md")
	if err != nil {
		t.Fatal(err)
	}
	if row := fmt.Sprintf("| rules | %d, each broken by a test |", len(Rules)); !strings.Contains(string(text), row) {
		t.Errorf("docs/full-stack.md does not say %q", row)
	}
}
