//go:build amd64

package kernel

import (
	"math/rand/v2"
	"slices"
	"testing"

	"vigor/driver/bus"
	"vigor/nf"
)

// fake is a device that does what devices may: it takes buffers or not, and gives them back when it likes.
type fake struct {
	t        *testing.T
	random   *rand.Rand
	pool     *bus.Pool
	owner    []int // by buffer, the number of devices that have it, or -1 for one that receives
	posted   []uint32
	sending  []uint32
	received int
	sent     [][]byte // contents when sent
	problem  string
}

func (f *fake) Post(b uint32) bool {
	if f.problem != "" || len(f.posted) == 100 || f.random.IntN(20) == 0 {
		return false
	}
	if f.owner[b] != 0 {
		f.t.Fatalf("buffer %d is posted, and %d devices have it", b, f.owner[b])
	}
	f.owner[b] = -1
	f.posted = append(f.posted, b)
	return true
}

func (f *fake) Received() (buffer, length uint32, ok bool) {
	if f.problem != "" || len(f.posted) == 0 || f.random.IntN(3) == 0 {
		return 0, 0, false
	}
	i := f.random.IntN(len(f.posted))
	buffer = f.posted[i]
	f.posted = slices.Delete(f.posted, i, i+1)
	f.owner[buffer] = 0
	f.received++
	length = 14 + uint32(f.random.IntN(1500))
	for i, frame := 0, f.pool.Frame(buffer, length); i < len(frame); i++ {
		frame[i] = byte(f.random.Uint32())
	}
	return buffer, length, true
}

func (f *fake) Send(b, length uint32) bool {
	if f.problem != "" || len(f.sending) == 50 || f.random.IntN(20) == 0 {
		return false
	}
	if f.owner[b] < 0 || slices.Contains(f.sending, b) {
		f.t.Fatalf("buffer %d is sent: %d, %v", b, f.owner[b], f.sending)
	}
	f.owner[b]++
	f.sending = append(f.sending, b)
	f.sent = append(f.sent, slices.Clone(f.pool.Frame(b, length)))
	return true
}

func (f *fake) Sent() (uint32, bool) {
	if f.problem != "" || len(f.sending) == 0 || f.random.IntN(2) == 0 {
		return 0, false
	}
	i := f.random.IntN(len(f.sending))
	b := f.sending[i]
	f.sending = slices.Delete(f.sending, i, i+1)
	f.owner[b]--
	return b, true
}

func (f *fake) Flush() {}

func (f *fake) Problem() string { return f.problem }

// TestBuffersGoRound: whatever devices and function do, a buffer belongs to one of them, or is free once;
// packets are on existing devices, with times that do not decrease and nothing behind their bytes; and each
// goes where the action says.
func TestBuffersGoRound(t *testing.T) {
	for seed := range uint64(20) {
		random := rand.New(rand.NewPCG(seed, 0))
		devices := 1 + int(seed%5)
		m := &Machine{ports: make([]port, devices), began: true}
		m.clock.scale = 1 << 32
		m.reserve(devices)
		owner := make([]int, len(m.uses))
		fakes := make([]*fake, devices)
		for i := range fakes {
			fakes[i] = &fake{t: t, random: random, pool: &m.pool, owner: owner}
			m.ports[i].device = fakes[i]
		}
		run(t, m, fakes, random)
		checkOwners(t, m, owner)
	}
}

// run has devices and a random function exchange packets.
func run(t *testing.T, m *Machine, fakes []*fake, random *rand.Rand) {
	t.Helper()
	var p nf.Packet
	last, packets := nf.Time(0), 0
	for step := range 20000 {
		if step == 15000 { // one device fails; that it says so was reported already
			fakes[0].problem, m.ports[0].stopped = "broken", true
		}
		if !m.Receive(&p) {
			continue
		}
		packets++
		if int(p.Device()) >= len(fakes) || p.Time() < last || cap(p.Bytes()) != len(p.Bytes()) {
			t.Fatalf("device %d, time %d after %d, %d bytes of %d", p.Device(), p.Time(), last, len(p.Bytes()), cap(p.Bytes()))
		}
		last = p.Time()
		p.Bytes()[random.IntN(len(p.Bytes()))] ^= 1
		action := []nf.Action{
			nf.Drop(nf.Malformed), nf.Flood(), nf.ForwardAll(nf.Devices(random.Uint64N(1 << len(fakes)))),
			nf.Forward(nf.Device(random.IntN(len(fakes)))),
		}[random.IntN(4)]
		before := make([]int, len(fakes))
		for i, f := range fakes {
			before[i] = len(f.sent)
		}
		frame := slices.Clone(p.Bytes())
		m.Act(action)
		for i, f := range fakes {
			for _, sent := range f.sent[before[i]:] {
				if !allowed(action, int(p.Device()), i) || !slices.Equal(sent, frame) {
					t.Fatalf("%v from %d: device %d sends %x, the frame is %x", action, p.Device(), i, sent, frame)
				}
			}
		}
	}
	if packets < 1000 {
		t.Errorf("only %d packets were processed", packets)
	}
}

// allowed reports whether a device may send what has come in by another.
func allowed(a nf.Action, from, to int) bool {
	switch a.Kind {
	case nf.Forwarded:
		return int(a.Device) == to
	case nf.ForwardedAll:
		return to != from && a.Devices.Has(nf.Device(to))
	}
	return a.Kind == nf.Flooded && to != from
}

// checkOwners fails if a buffer is lost, or free and with a device.
func checkOwners(t *testing.T, m *Machine, owner []int) {
	t.Helper()
	free := make([]int, len(owner))
	for _, b := range m.free {
		free[b]++
	}
	for b, o := range owner {
		if (o == 0) != (free[b] == 1) || free[b] > 1 || o > 0 && int(m.uses[b]) != o {
			t.Errorf("buffer %d: %d devices have it, it is free %d times, uses %d", b, o, free[b], m.uses[b])
		}
	}
}

// TestClockNeverGoesBack: not even if the counter does.
func TestClockNeverGoesBack(t *testing.T) {
	c := Clock{scale: 1 << 31}
	first := c.read()
	c.start += 1 << 33
	if second := c.read(); first <= 0 || second < first {
		t.Errorf("%d, then %d", first, second)
	}
}
