package model

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"vigor/driver/bus"
	"vigor/driver/ixgbe"
	"vigor/driver/ixgbe/ring"
	"vigor/driver/world"
)

// bench is a device with its driver, whose accesses a test changes on their way. It is the world, too, in
// which nothing happens but that rules are broken.
type bench struct {
	*Device
	driver ixgbe.Device
	broken []world.Rule
	stores map[uint32]func(value uint32) (uint32, bool) // by offset: what is stored instead, if anything
	delay  uint32                                       // microseconds that waits are cut to
}

func (b *bench) Choose(n int) int        { return 0 }
func (b *bench) Fail(r world.Rule)       { b.broken = append(b.broken, r) }
func (b *bench) Arrive(space []byte) int { return -1 }
func (b *bench) Leave(frame []byte)      {}

// Store32 is an access of the driver.
func (b *bench) Store32(offset, value uint32) {
	if change := b.stores[offset]; change != nil {
		changed, keep := change(value)
		if !keep {
			return
		}
		value = changed
	}
	b.Device.Store32(offset, value)
}

// Delay is a wait of the driver.
func (b *bench) Delay(microseconds uint32) { b.Device.Delay(min(microseconds, b.delay)) }

const rings, frames = 0x1_0000_0010, 0x2_0000_0000

func newBench() *bench {
	b := &bench{stores: make(map[uint32]func(uint32) (uint32, bool)), delay: 1 << 30}
	b.Device = New(Config{
		World: b, Memory: &ring.Memory{}, Address: rings,
		Pool: &bus.Pool{Buffers: make([]bus.Buffer, 8), Address: frames},
	})
	return b
}

// open has the driver start the device.
func (b *bench) open() *bench {
	b.driver.Open(&ixgbe.Resources{
		Registers: b, Memory: b.Memory, Address: rings, Pool: b.Pool, Timer: b, Size: 8,
	})
	return b
}

// drop loses stores to a register; set and clear change bits of what is stored.
func (b *bench) drop(offset uint32) *bench {
	b.stores[offset] = func(uint32) (uint32, bool) { return 0, false }
	return b
}

func (b *bench) set(offset, bits uint32) *bench {
	b.stores[offset] = func(v uint32) (uint32, bool) { return v | bits, true }
	return b
}

func (b *bench) clear(offset, bits uint32) *bench {
	b.stores[offset] = func(v uint32) (uint32, bool) { return v &^ bits, true }
	return b
}

// first does something before a register is written.
func (b *bench) first(offset uint32, do func()) *bench {
	b.stores[offset] = func(v uint32) (uint32, bool) { do(); return v, true }
	return b
}

// offer gives the device the first descriptor of a queue.
func (b *bench) offer(q *queue, tail uint32, address, word uint64) {
	q.ring[0].Address = address
	q.ring[0].Word.Store(word)
	b.Device.Store32(tail, 1)
}

// again stores what a register has.
func (b *bench) again(offset uint32) { b.Device.Store32(offset, b.Device.Load32(offset)) }

// posted has the driver give the device a buffer to receive, and one to send.
func (b *bench) posted() *bench {
	b.open()
	b.driver.Post(0)
	b.driver.Send(1, 60)
	b.driver.Flush()
	return b
}

const frame0 = frames + bus.Headroom

// TestRules breaks each rule.
func TestRules(t *testing.T) {
	breaks := map[rule]func(b *bench){
		unknownRegister:   func(b *bench) { b.open().Device.Load32(2) },
		readOnlyRegister:  func(b *bench) { b.open().again(status) },
		writeOnlyRegister: func(b *bench) { b.open().Device.Load32(rdt) },
		resetFirst:        func(b *bench) { b.again(fctrl) },
		queuesStopped: func(b *bench) {
			b.Device.Store32(ctrl, b.Device.Load32(ctrl)|masterDisable)
			b.Device.Load32(status)
			b.Device.Store32(ctrl, b.Device.Load32(ctrl)|resetBit)
		},
		masterStopped:    func(b *bench) { b.Device.Store32(ctrl, b.Device.Load32(ctrl)|resetBit) },
		resetMillisecond: func(b *bench) { b.delay = 999; b.open() },
		resetPause:       func(b *bench) { b.delay = 9_999; b.open() },
		interruptsOff:    func(b *bench) { b.clear(eimc2, 1).open() },
		eepromRead:       func(b *bench) { b.first(rxctrl, func() { b.readROM = false }).open() },
		dmaReady:         func(b *bench) { b.first(rxctrl, func() { b.readDMA = false }).open() },
		filterTables:     func(b *bench) { b.drop(mta + 4*127).open() },
		filterRunning:    func(b *bench) { b.open().again(fctrl) },
		badFrames:        func(b *bench) { b.set(fctrl, 1<<1).open() },
		crcAgrees:        func(b *bench) { b.clear(rdrxctl, 1<<1).open() },
		coalescing:       func(b *bench) { b.set(rdrxctl, 1<<17).open() },
		receiveControl:   func(b *bench) { b.clear(rdrxctl, 1<<25).open() },
		receiveBuffers:   func(b *bench) { b.drop(rxpbsize + 4*7).open() },
		highThreshold:    func(b *bench) { b.drop(fcrth).open() },
		macBits:          func(b *bench) { b.set(hlreg0, 1<<15).open() },
		arbiterOff:       func(b *bench) { b.drop(rttdcs).open() },
		arbiterOn: func(b *bench) {
			b.stores[rttdcs] = func(v uint32) (uint32, bool) { return v, v&arbiterBit != 0 }
			b.open()
		},
		transmitBuffers: func(b *bench) { b.clear(dtxmxszrq, 1).open() },
		ringAlignment:   func(b *bench) { b.set(rdbal, 16).open() },
		ringLength:      func(b *bench) { b.set(rdlen, 16).open() },
		ringPlace:       func(b *bench) { b.set(tdbal, 1<<20).open() },
		ringRunning:     func(b *bench) { b.open().again(tdlen) },
		bufferUnits:     func(b *bench) { b.clear(srrctl, 0x1f).open() },
		descriptorType:  func(b *bench) { b.set(srrctl, 1<<25).open() },
		tagsStripped:    func(b *bench) { b.set(rxdctl, tags).open() },
		tailEarly:       func(b *bench) { b.first(srrctl, func() { b.Device.Store32(rdt, 0) }).open() },
		tailRange:       func(b *bench) { b.open().Device.Store32(tdt, 8) },
		tailBeyond:      func(b *bench) { b.posted().Device.Store32(rdt, 0) },
		receiveHalted:   func(b *bench) { b.first(rxctrl, func() { b.readRDY = false }).open() },
		noSnoop:         func(b *bench) { b.drop(ctrlExt).posted().Settle() },
		transmitFirst:   func(b *bench) { b.drop(dmatxctl).open() },
		hostThreshold:   func(b *bench) { b.clear(txdctl, 0x7f<<8).open() },
		writeBack:       func(b *bench) { b.set(txdctl, 1<<16).open() },
		descriptorDone:  func(b *bench) { b.open().offer(&b.receive, rdt, frame0, doneBit) },
		descriptorPlace: func(b *bench) { b.open().offer(&b.receive, rdt, frame0+1, 0) },
		bufferOwned:     func(b *bench) { b.posted(); b.driver.Send(0, 60); b.driver.Flush() },
		sendLength:      func(b *bench) { b.open().offer(&b.transmit, tdt, frame0, wantCommand) },
		sendCommand:     func(b *bench) { b.open().offer(&b.transmit, tdt, frame0, 60|1<<24|1<<25) },
		sendFields:      func(b *bench) { b.open().offer(&b.transmit, tdt, frame0, 60|wantCommand|1<<40) },
		bufferChanged:   func(b *bench) { b.posted().Pool.Buffers[1][2000]++; b.Settle() },
		descriptorChanged: func(b *bench) {
			b.posted().transmit.ring[0].Address++
			b.Settle()
		},
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

// TestReserved changes a bit of every register that is not the driver's.
func TestReserved(t *testing.T) {
	for _, r := range table {
		reserved := ^r.writable & -^r.writable // the lowest
		if r.access == readable || reserved == 0 {
			continue
		}
		b := newBench().open()
		if r.access == writable {
			b.Device.Store32(r.offset, reserved)
		} else {
			b.Device.Store32(r.offset, b.Device.values.at(r.offset)^reserved)
		}
		if len(b.broken) == 0 || b.broken[0] != Reserved(r.section) {
			t.Errorf("%s: got %v, want %v", r.section, b.broken, Reserved(r.section))
		}
	}
}

// TestNoRule breaks no rule, and opens the device twice.
func TestNoRule(t *testing.T) {
	b := newBench().posted()
	b.Settle()
	if buffer, ok := b.driver.Sent(); !ok || buffer != 1 {
		t.Errorf("got buffer %d, %t; want 1", buffer, ok)
	}
	if fault := b.driver.Close(); fault != ixgbe.None || b.Running() {
		t.Errorf("closing: got %v", fault)
	}
	if b.posted().Settle(); len(b.broken) > 0 {
		t.Errorf("got %v, want none", b.broken)
	}
}

// TestStuck opens devices of which one thing never happens.
func TestStuck(t *testing.T) {
	for offset, want := range map[uint32]ixgbe.Fault{
		0x1:             ixgbe.None, // there is no such register
		rxdctl + 0x40*5: ixgbe.Busy, status: ixgbe.Busy, ctrl: ixgbe.NoReset, eec: ixgbe.NoEEPROM,
		rdrxctl: ixgbe.NoReset, rxdctl: ixgbe.NoQueue, secrxstat: ixgbe.NoQueue, txdctl: ixgbe.NoQueue,
	} {
		b := newBench()
		b.Stuck = offset + 1
		if b.open(); b.driver.Fault() != want || len(b.broken) > 0 {
			t.Errorf("%#x: got %v, %v; want %v", offset, b.driver.Fault(), b.broken, want)
		}
		if want != ixgbe.None && (b.Running() || b.driver.Post(0)) {
			t.Errorf("%#x: the device runs", offset)
		}
	}
	b := newBench()
	b.NoEEPROM = true
	if b.open(); b.driver.Fault() != ixgbe.NoEEPROM {
		t.Errorf("without EEPROM: got %v", b.driver.Fault())
	}
}

// TestNumberOfRules compares the number of rules with the one in the documentation.
func TestNumberOfRules(t *testing.T) {
	text, err := os.ReadFile("../../../docs/full-stack.md")
	if err != nil {
		t.Fatal(err)
	}
	if row := fmt.Sprintf(" | %d, each broken by a test, and one more for each register |", len(Rules)); !strings.Contains(string(text), row) {
		t.Errorf("docs/full-stack.md does not say %q", row)
	}
}
