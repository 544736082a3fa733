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
	oneShot      = 0x30    // low then high byte, mode 0: the output is low until the count is 0
	readStatus   = 0xe2    // of channel 0: the output, whether the count is still to be loaded, and what it was told
	output       = 1 << 7  // in the status
	told         = 0x3f    // in the status
	timerHz      = 1193182 //
	timerCount   = 11932   // 10 ms
	patience     = 1 << 24 // times the status is read
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

// measure counts ticks while the interval timer counts down; it is 0 if there is no timer. An emulated
// processor that does not run for a while only counts too many, so the least of several is right.
func measure() uint64 {
	least := ^uint64(0)
	for range 3 {
		ticks := countdown()
		if ticks == 0 {
			return 0
		}
		least = min(least, ticks)
	}
	return least * timerHz / timerCount
}

// countdown is the number of ticks in 10 ms, or more.
func countdown() uint64 {
	boot.Out8(timerControl, oneShot)
	boot.Out8(timerData, timerCount&0xff)
	start := boot.Stamp()
	boot.Out8(timerData, timerCount>>8)
	for range patience {
		boot.Out8(timerControl, readStatus)
		status := boot.In8(timerData)
		if status&told != oneShot {
			return 0
		}
		if status&output != 0 {
			return boot.Stamp() - start
		}
	}
	return 0
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
