package policer_test

import (
	"encoding/binary"
	"math/big"
	"math/rand/v2"
	"strings"
	"testing"

	"vigor/dataplane/config"
	"vigor/nf"
	"vigor/nfs/policer"
	"vigor/packet"
)

const inside, outside = nf.Device(0), nf.Device(1)

func testConfig() policer.Config {
	return policer.Config{Inside: inside, Outside: outside, Mask: 0xFFFFFFFF, Rate: 1000, Burst: 1500, Capacity: 4,
		IdleTimeout: 5 * nf.Second}
}

func newPolicer(t testing.TB, cfg policer.Config) *policer.Policer {
	t.Helper()
	p, err := policer.New(nf.Env{Devices: 3, HashKey: [5]uint64{1, 2, 3, 4, 5}}, cfg)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// datagram is a frame with an IP packet of so many bytes, and padding after it.
func datagram(src, dst packet.IPv4, size, padding int) []byte {
	f := make([]byte, 14+size+padding)
	f[12], f[14] = 8, 0x45
	binary.BigEndian.PutUint16(f[16:], uint16(size))
	binary.BigEndian.PutUint32(f[26:], uint32(src))
	binary.BigEndian.PutUint32(f[30:], uint32(dst))
	return f
}

func process(p *policer.Policer, f []byte, from nf.Device, now nf.Time) nf.Action {
	pkt := nf.NewPacket(f, from, now)
	return p.Process(&pkt)
}

func TestPolicer(t *testing.T) {
	p := newPolicer(t, testConfig())
	red, pass := nf.Drop(nf.RateExceeded), nf.Forward(inside)
	for i, s := range []struct {
		at       nf.Time
		dst      packet.IPv4
		size     int
		want     nf.Action
		question string
	}{
		{0, 1, 1500, pass, "a new bucket is full, and an exact fit conforms"},
		{0, 1, 20, red, "then it is empty"},
		{0, 2, 1500, pass, "that of another address is not"},
		{20*nf.Millisecond - 1, 1, 20, red, "a nanosecond before 20 bytes are earned"},
		{20 * nf.Millisecond, 1, 20, pass, "in time: what was dropped has cost nothing"},
		{30*nf.Millisecond + 1, 1, 20, red, "half"},
		{40 * nf.Millisecond, 1, 20, pass, "the other half: nothing is lost in between"},
		{40 * nf.Millisecond, 3, 100, pass, "a third"},
		{40 * nf.Millisecond, 4, 100, pass, "a fourth"},
		{40 * nf.Millisecond, 5, 100, nf.Drop(nf.TableFull), "a fifth has no room"},
		{6 * nf.Second, 5, 100, pass, "until others are forgotten"},
	} {
		if got := process(p, datagram(9, s.dst, s.size, i%7), outside, s.at); got != s.want {
			t.Errorf("step %d, %s: got %v %v, want %v %v", i, s.question, got.Kind, got.Reason, s.want.Kind, s.want.Reason)
		}
	}
	if got := process(p, datagram(1, 9, 60000, 0), inside, 7*nf.Second); got != nf.Forward(outside) {
		t.Errorf("from inside: got %v %v", got.Kind, got.Reason)
	}
	if got := process(p, datagram(1, 9, 20, 0), 2, 7*nf.Second); got != nf.Drop(nf.Unconnected) {
		t.Errorf("from a third device: got %v %v", got.Kind, got.Reason)
	}
}

// TestOptions: buckets of networks and sources, the excess burst, the policies.
func TestOptions(t *testing.T) {
	cfg := testConfig()
	cfg.BySource, cfg.Mask, cfg.Excess, cfg.Capacity = true, 0xFFFFFF00, 100, 1
	cfg.PassOther, cfg.PassWhenFull = true, true
	p := newPolicer(t, cfg)
	arp := make([]byte, 42)
	arp[12], arp[13] = 8, 6
	for i, s := range []struct {
		frame []byte
		want  nf.Action
	}{
		{datagram(0x0A000001, 1, 1450, 0), nf.Forward(inside)},
		{datagram(0x0A0000FF, 2, 100, 0), nf.Forward(inside)}, // of the excess burst
		{datagram(0x0A000001, 3, 50, 0), nf.Forward(inside)},  // an exact fit of what is left
		{datagram(0x0A000001, 3, 20, 0), nf.Drop(nf.RateExceeded)},
		{datagram(0x0A000101, 3, 20, 0), nf.Forward(inside)}, // no room
		{arp, nf.Forward(inside)},
		{arp[:13], nf.Drop(nf.Malformed)},
		{datagram(1, 1, 100, 0)[:60], nf.Drop(nf.Malformed)},
	} {
		if got := process(p, s.frame, outside, 0); got != s.want {
			t.Errorf("step %d: got %v %v, want %v %v", i, got.Kind, got.Reason, s.want.Kind, s.want.Reason)
		}
	}
}

// bucket is RFC 2697, 3 in numbers of any size: what committed and excess burst hold, in byte-nanoseconds.
type bucket struct {
	committed, excess *big.Int
	time              nf.Time
}

// model returns whether a packet passes.
func (b *bucket) model(cfg policer.Config, size int, now nf.Time) bool {
	unit := big.NewInt(int64(nf.Second))
	of := func(bytes uint64) *big.Int { return new(big.Int).Mul(new(big.Int).SetUint64(bytes), unit) }
	if b.committed == nil {
		b.committed, b.excess, b.time = of(cfg.Burst), of(cfg.Excess), now
	}
	earned := new(big.Int).Mul(new(big.Int).SetUint64(cfg.Rate), big.NewInt(now-b.time))
	b.time = now
	for _, part := range []struct{ level, size *big.Int }{{b.committed, of(cfg.Burst)}, {b.excess, of(cfg.Excess)}} {
		part.level.Add(part.level, earned)
		earned.SetInt64(0)
		if part.level.Cmp(part.size) > 0 {
			earned.Sub(part.level, part.size)
			part.level.Set(part.size)
		}
	}
	cost := of(uint64(size))
	for _, level := range []*big.Int{b.committed, b.excess} {
		if cost.Cmp(level) <= 0 {
			level.Sub(level, cost)
			return true
		}
	}
	return false
}

// passed is a packet that passed.
type passed struct {
	at   nf.Time
	size int64
}

// TestEveryWindow sends trains of packets, random and as greedy as can be. Each packet must fare as in
// the model, and in every window from one packet that passed to another no more than rate and bursts
// allow, all in numbers of any size.
func TestEveryWindow(t *testing.T) {
	for seed := range uint64(60) {
		r := rand.New(rand.NewPCG(seed, 3))
		cfg := testConfig()
		cfg.Rate = 1 + r.Uint64N([]uint64{10, 1e6, policer.MaxRate}[seed%3])
		cfg.Burst = 1 + r.Uint64N([]uint64{3000, 1e6, policer.MaxBurst}[seed/3%3])
		cfg.Excess = r.Uint64N(2) * r.Uint64N(cfg.Burst)
		cfg.IdleTimeout = min(nf.Time((cfg.Burst+cfg.Excess)/cfg.Rate+1)*nf.Second, policer.MaxIdleTimeout)
		if cfg.Validate() != nil {
			continue
		}
		p := newPolicer(t, cfg)
		var b bucket
		var train []passed
		now := nf.Time(r.Int64N(1 << 40))
		for i := range 400 {
			size := 20 + r.IntN([]int{1, 1481, 65516}[r.IntN(3)])
			// About as long as the packet takes, a nanosecond, nothing, or for ever.
			exact := nf.Time(uint64(size) * uint64(nf.Second) / cfg.Rate)
			pauses := []nf.Time{0, 1, exact, exact + 1, max(exact-1, 0), nf.Time(r.Int64N(int64(nf.Second)))}
			pause := pauses[r.IntN(len(pauses))]
			if r.IntN(200) == 0 {
				pause = cfg.IdleTimeout + 1 + nf.Time(r.Int64N(1<<45))
			}
			if now > 1<<61 {
				pause = 0
			}
			now += pause
			got := process(p, datagram(9, 1, size, 0), outside, now)
			if want := b.model(cfg, size, now); (got == nf.Forward(inside)) != want {
				t.Fatalf("seed %d, packet %d: %d bytes at %d: got %v %v, the model passes it: %v", seed, i, size, now, got.Kind, got.Reason, want)
			}
			if got.Kind == nf.Forwarded {
				train = append(train, passed{now, int64(size)})
			}
		}
		checkWindows(t, cfg, train)
	}
}

// checkWindows compares what passed from each packet to each later one with the bound.
func checkWindows(t *testing.T, cfg policer.Config, train []passed) {
	t.Helper()
	unit := big.NewInt(int64(nf.Second))
	burst := new(big.Int).SetUint64(cfg.Burst + cfg.Excess)
	burst.Mul(burst, unit)
	rate := new(big.Int).SetUint64(cfg.Rate)
	for i := range train {
		sum := new(big.Int)
		for j := i; j < len(train); j++ {
			sum.Add(sum, new(big.Int).Mul(big.NewInt(train[j].size), unit))
			bound := new(big.Int).Mul(rate, big.NewInt(train[j].at-train[i].at))
			if sum.Cmp(bound.Add(bound, burst)) > 0 {
				t.Fatalf("%+v: packets %d to %d have %v byte-nanoseconds, more than %v", cfg, i, j, sum, bound)
			}
		}
	}
}

func TestConfigurationIsChecked(t *testing.T) {
	env := nf.Env{Devices: 2}
	if _, err := policer.New(env, testConfig()); err != nil {
		t.Error(err)
	}
	for want, change := range map[string]func(*policer.Config){
		"inside and outside are the same device":     func(c *policer.Config) { c.Inside = outside },
		"outside 7, but devices are numbered 0 to 1": func(c *policer.Config) { c.Outside = 7 },
		"mask is 255.0.255.0: expected ones":         func(c *policer.Config) { c.Mask = 0xFF00FF00 },
		"rate is 0: bytes per second, 1 to":          func(c *policer.Config) { c.Rate = 0 },
		"rate is 12500000001":                        func(c *policer.Config) { c.Rate = policer.MaxRate + 1 },
		"burst is 4294967297: 4294967296 bytes":      func(c *policer.Config) { c.Burst = policer.MaxBurst + 1 },
		"excess is 4294967297: 4294967296 bytes":     func(c *policer.Config) { c.Excess = policer.MaxBurst + 1 },
		"burst and excess are 0":                     func(c *policer.Config) { c.Burst = 0 },
		"capacity is 0: 1 to 16777216":               func(c *policer.Config) { c.Capacity = 0 },
		"capacity is 16777217":                       func(c *policer.Config) { c.Capacity = policer.MaxCapacity + 1 },
		"idle_timeout is 0 ns":                       func(c *policer.Config) { c.IdleTimeout = 0 },
		"and a year, 8760h, the most":                func(c *policer.Config) { c.IdleTimeout = policer.MaxIdleTimeout + 1 },
		"a bucket of 1500 bytes that earns 1000":     func(c *policer.Config) { c.IdleTimeout = 1500*nf.Millisecond - 1 },
	} {
		c := testConfig()
		change(&c)
		if p, err := policer.New(env, c); p != nil || err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: got %v, want %q", c, err, want)
		}
	}
	var example policer.Config
	if _, err := config.ReadFile("policer.yaml", &example); err != nil {
		t.Error(err)
	}
}

func TestNothingAllocates(t *testing.T) {
	p := newPolicer(t, testConfig())
	f, now := datagram(9, 1, 100, 0), nf.Time(0)
	if got := testing.AllocsPerRun(1000, func() {
		now += nf.Second / 7
		f[33]++
		process(p, f, outside, now)
	}); got != 0 {
		t.Errorf("%v allocations per frame, want 0", got)
	}
}
