package kernel

import (
	"math/bits"

	"vigor/nf"
	"vigor/nfos/boot"
)

// Ports, commands and numbers of channel 0 of the interval timer (Intel 8254 datasheet, "programming").
const (
	timerData    = 0x40
	timerControl = 0x43
	rateMode     = 0x34 // low then high byte, mode 2: it counts down from 65536 for ever
	latchCount   = 0x00
	readStatus   = 0xe2 // of channel 0
	told         = 0x3f // in the status: what it was told
	timerHz      = 1193182
	timerCount   = 11932   // 10 ms
	patience     = 1 << 20 // times the count is read
)

// Clock turns the time stamp counter into nanoseconds since the start.
type Clock struct {
	start uint64 // stamp
	scale uint64 // nanoseconds per tick, times 2^32
	now   nf.Time
}

// open finds out how fast the counter runs.
func (c *Clock) open() {
	hz := frequency()
	if hz < 1_000_000 || hz >= 1<<36 {
		boot.Fail("the machine has no clock: neither CPUID nor an interval timer tells how fast the time stamp counter runs")
	}
	c.scale, _ = bits.Div64(uint64(nf.Second)>>32, uint64(nf.Second)<<32, hz)
	c.start = boot.Stamp()
}

// read is the time now; it never decreases.
func (c *Clock) read() nf.Time {
	high, low := bits.Mul64(boot.Stamp()-c.start, c.scale)
	if now := nf.Time((high<<32 | low>>32) &^ (1 << 63)); now > c.now {
		c.now = now
	}
	return c.now
}

// Delay returns after a number of microseconds, or later.
func (c *Clock) Delay(microseconds uint32) {
	for end := c.read() + 1000*nf.Time(microseconds); c.read() < end; {
	}
}

// Leaves of CPUID.
const (
	features    = 1 // Intel SDM volume 2
	frequencies = 0x15
	hypervisor  = 0x40000000 // convention of hypervisors
	timing      = 0x40000010
	underOne    = 1 << 31 // in c of features: there is a hypervisor
	hasRandom   = 1 << 30 // in c of features: there is RDRAND
)

// frequency is that of the time stamp counter in Hz, or 0.
func frequency() uint64 {
	if most, _, _, _ := boot.Identify(0); most >= frequencies {
		if divisor, multiplier, crystal, _ := boot.Identify(frequencies); divisor != 0 && multiplier != 0 && crystal != 0 {
			return uint64(crystal) * uint64(multiplier) / uint64(divisor)
		}
	}
	if _, _, c, _ := boot.Identify(features); c&underOne != 0 {
		if most, _, _, _ := boot.Identify(hypervisor); most >= timing && most < hypervisor+1<<16 {
			if kHz, _, _, _ := boot.Identify(timing); kHz != 0 {
				return uint64(kHz) * 1000
			}
		}
	}
	return measure()
}

// measure is the frequency of the counter by the interval timer, or 0 if there is no timer. An emulated
// processor that does not run for so long that the timer starts anew seems too fast: the least of several
// is right.
func measure() uint64 {
	boot.Out8(timerControl, rateMode)
	boot.Out8(timerData, 0)
	boot.Out8(timerData, 0)
	boot.Out8(timerControl, readStatus)
	if boot.In8(timerData)&told != rateMode {
		return 0
	}
	least := ^uint64(0)
	for range 3 {
		hz := compare()
		if hz == 0 {
			return 0
		}
		least = min(least, hz)
	}
	return least
}

// compare is the frequency of the counter in some 10 ms, or 0 if the timer stands still.
func compare() uint64 {
	count, stamp := moment()
	for range patience {
		boot.Out8(timerControl, latchCount)
		now := uint16(boot.In8(timerData)) | uint16(boot.In8(timerData))<<8
		if count-now < timerCount {
			continue
		}
		end, last := moment()
		return (last - stamp) * timerHz / uint64(max(count-end, 1))
	}
	return 0
}

// moment is the timer's count and the stamp at one time: of several readings, the quickest one.
func moment() (count uint16, stamp uint64) {
	shortest := ^uint64(0)
	for range 8 {
		before := boot.Stamp()
		boot.Out8(timerControl, latchCount)
		after := boot.Stamp()
		now := uint16(boot.In8(timerData)) | uint16(boot.In8(timerData))<<8
		if took := after - before; took < shortest {
			shortest, count, stamp = took, now, before+took/2
		}
	}
	return count, stamp
}

// secret draws the key of hash functions. It reports whether the numbers are random; else they depend on
// how long the machine took for what it did so far.
func secret() (key [5]uint64, random bool) {
	_, _, c, _ := boot.Identify(features)
	random = c&hasRandom != 0
	mixed := boot.Stamp()
	for i := range key {
		number, ok := uint64(0), false
		for try := 0; random && !ok && try < 100; try++ {
			number, ok = boot.Random()
		}
		random = random && ok
		mixed = (mixed ^ boot.Stamp()) * 0x9e3779b97f4a7c15
		mixed ^= mixed >> 29
		key[i] = number ^ mixed
	}
	return key, random
}
