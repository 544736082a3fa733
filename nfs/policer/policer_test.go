package policer_test

import (
	"encoding/binary"
	"math/big"
	"math/bits"
	"math/rand/v2"
	"strings"
	"testing"

	"vigor/dataplane/config"
	"vigor/libvig"
	"vigor/nf"
	"vigor/nfs/policer"
	"vigor/packet"
)

const inside, outside = nf.Device(0), nf.Device(1)

// testConfig polices what comes from outside, by destination, at 1000 bytes a second.
func testConfig() policer.Config {
	return policer.Config{Inside: inside, Outside: outside, Inward: true, Capacity: 4, IdleLog2: 2, Red: policer.Treatment{Drop: true},
		Prefixes: []libvig.Rule{{Length: 0, Value: 1}}, Limits: []policer.Limit{{Rate: 1000, Burst: 1500, Mask: 0xFFFFFFFF}}}
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

// step is a frame, and what is to become of it.
type step struct {
	frame []byte
	from  nf.Device
	want  nf.Action
}

// run sends frames through a new policer at one time.
func run(t *testing.T, cfg policer.Config, steps []step) {
	t.Helper()
	p := newPolicer(t, cfg)
	for i, s := range steps {
		if got := process(p, s.frame, s.from, 0); got != s.want {
			t.Errorf("step %d: got %v %v, want %v %v", i, got.Kind, got.Reason, s.want.Kind, s.want.Reason)
		}
	}
}

// TestOptions: buckets of networks and sources, the excess burst, the policies.
func TestOptions(t *testing.T) {
	cfg := testConfig()
	cfg.ByOutside, cfg.Limits[0].Mask, cfg.Limits[0].Excess, cfg.Capacity = true, 0xFFFFFF00, 100, 1
	cfg.PassOther, cfg.PassWhenFull = true, true
	arp := make([]byte, 42)
	arp[12], arp[13] = 8, 6
	run(t, cfg, []step{
		{datagram(0x0A000001, 1, 1450, 0), outside, nf.Forward(inside)},
		{datagram(0x0A0000FF, 2, 100, 0), outside, nf.Forward(inside)}, // of the excess burst
		{datagram(0x0A000001, 3, 50, 0), outside, nf.Forward(inside)},  // an exact fit of what is left
		{datagram(0x0A000001, 3, 20, 0), outside, nf.Drop(nf.RateExceeded)},
		{datagram(0x0A000101, 3, 20, 0), outside, nf.Forward(inside)}, // no room
		{arp, outside, nf.Forward(inside)},
		{arp[:13], outside, nf.Drop(nf.Malformed)},
		{datagram(1, 1, 100, 0)[:60], outside, nf.Drop(nf.Malformed)},
		{arp[:13], inside, nf.Forward(outside)}, // not policed
	})
}

// TestPrefixes: the longest prefix decides (P6), each class has its own buckets, and so has each direction.
func TestPrefixes(t *testing.T) {
	cfg := testConfig()
	cfg.Outward = true
	cfg.Prefixes = []libvig.Rule{{Prefix: 0x0A000000, Length: 8, Value: 1}, {Prefix: 0x0A010000, Length: 16, Value: 2}, {Prefix: 0x0A010200, Length: 24}}
	cfg.Limits = append(cfg.Limits, policer.Limit{Rate: 1000, Burst: 100, Mask: 0})
	pass, red := nf.Forward(inside), nf.Drop(nf.RateExceeded)
	run(t, cfg, []step{
		{datagram(9, 0x0A000001, 1500, 0), outside, pass},
		{datagram(9, 0x0A000001, 20, 0), outside, red},
		{datagram(9, 0x0A000002, 1500, 0), outside, pass},
		{datagram(9, 0x0A010001, 1500, 0), outside, red}, // class 2
		{datagram(9, 0x0A010001, 60, 0), outside, pass},
		{datagram(9, 0x0A01FFFF, 60, 0), outside, red}, // which has one bucket for all
		{datagram(9, 0x0A010201, 20, 0), outside, nf.Drop(nf.Unlisted)},
		{datagram(9, 0x0B000000, 20, 0), outside, nf.Drop(nf.Unlisted)},
		{datagram(0x0A000001, 9, 1500, 0), inside, nf.Forward(outside)}, // what they send, by source
		{datagram(0x0A000001, 9, 20, 0), inside, red},
	})
	cfg.PassUnlisted = true
	run(t, cfg, []step{{datagram(9, 0x0B000000, 60000, 0), outside, pass}})
}

// TestMarks: green, yellow and red get the configured code points (RFC 2697, 4), checksum and ECN bits are kept,
// and with ColourAware the colour that a packet comes with limits what it can become.
func TestMarks(t *testing.T) {
	cfg := testConfig()
	cfg.Limits[0].Burst, cfg.Limits[0].Excess = 100, 100
	cfg.Green, cfg.Yellow, cfg.Red = policer.Treatment{Mark: true, DSCP: 10}, policer.Treatment{Mark: true, DSCP: 12}, policer.Treatment{Mark: true, DSCP: 14}
	for _, test := range []struct {
		aware bool
		came  []byte // code points of packets of 100 bytes
		want  []byte
	}{
		{false, []byte{0, 12, 14, 0}, []byte{10, 12, 14, 14}},
		{false, []byte{14, 14, 14}, []byte{10, 12, 14}},
		{true, []byte{14, 12, 12, 0, 0}, []byte{14, 12, 14, 10, 14}},
		{true, []byte{0, 0, 0}, []byte{10, 12, 14}},
	} {
		cfg.ColourAware = test.aware
		p := newPolicer(t, cfg)
		for i, dscp := range test.came {
			f := datagram(9, 1, 100, 3)
			f[15] = dscp<<2 | 1
			h, _ := packet.ParseIPv4(f[14:])
			h.SetChecksum(h.ComputeChecksum())
			got := process(p, f, outside, 0)
			if got != nf.Forward(inside) || f[15] != test.want[i]<<2|1 || !h.HeaderChecksumOK() {
				t.Errorf("%+v, packet %d: got %v, code point %d, checksum right: %v", test, i, got.Kind, f[15]>>2, h.HeaderChecksumOK())
			}
		}
	}
}

// bucket is RFC 2697, 3 in numbers of any size: what committed and excess burst hold, in byte-nanoseconds.
type bucket struct {
	committed, excess *big.Int
	time              nf.Time
}

// model returns whether a packet passes.
func (b *bucket) model(limit policer.Limit, size int, now nf.Time) bool {
	unit := big.NewInt(int64(nf.Second))
	of := func(bytes uint64) *big.Int { return new(big.Int).Mul(new(big.Int).SetUint64(bytes), unit) }
	if b.committed == nil {
		b.committed, b.excess, b.time = of(limit.Burst), of(limit.Excess), now
	}
	earned := new(big.Int).Mul(new(big.Int).SetUint64(limit.Rate), big.NewInt(now-b.time))
	b.time = now
	for _, part := range []struct{ level, size *big.Int }{{b.committed, of(limit.Burst)}, {b.excess, of(limit.Excess)}} {
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
		limit := &cfg.Limits[0]
		limit.Rate = 1 + r.Uint64N([]uint64{10, 1e6, policer.MaxRate}[seed%3])
		limit.Burst = 1 + r.Uint64N([]uint64{3000, 1e6, policer.MaxBurst}[seed/3%3])
		limit.Excess = r.Uint64N(2) * r.Uint64N(limit.Burst)
		cfg.IdleLog2 = uint8(bits.Len64((limit.Burst + limit.Excess) / limit.Rate))
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
			exact := nf.Time(uint64(size) * uint64(nf.Second) / limit.Rate)
			pauses := []nf.Time{0, 1, exact, exact + 1, max(exact-1, 0), nf.Time(r.Int64N(int64(nf.Second)))}
			pause := pauses[r.IntN(len(pauses))]
			if r.IntN(200) == 0 {
				pause = nf.Second<<cfg.IdleLog2 + 1 + nf.Time(r.Int64N(1<<45))
			}
			if now > 1<<61 {
				pause = 0
			}
			now += pause
			got := process(p, datagram(9, 1, size, 0), outside, now)
			if want := b.model(*limit, size, now); (got == nf.Forward(inside)) != want {
				t.Fatalf("seed %d, packet %d: %d bytes at %d: got %v %v, the model passes it: %v", seed, i, size, now, got.Kind, got.Reason, want)
			}
			if got.Kind == nf.Forwarded {
				train = append(train, passed{now, int64(size)})
			}
		}
		checkWindows(t, *limit, train)
	}
}

// checkWindows compares what passed from each packet to each later one with the bound.
func checkWindows(t *testing.T, limit policer.Limit, train []passed) {
	t.Helper()
	unit := big.NewInt(int64(nf.Second))
	burst := new(big.Int).SetUint64(limit.Burst + limit.Excess)
	burst.Mul(burst, unit)
	rate := new(big.Int).SetUint64(limit.Rate)
	for i := range train {
		sum := new(big.Int)
		for j := i; j < len(train); j++ {
			sum.Add(sum, new(big.Int).Mul(big.NewInt(train[j].size), unit))
			bound := new(big.Int).Mul(rate, big.NewInt(train[j].at-train[i].at))
			if sum.Cmp(bound.Add(bound, burst)) > 0 {
				t.Fatalf("%+v: packets %d to %d have %v byte-nanoseconds, more than %v", limit, i, j, sum, bound)
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
		"inside and outside are the same device":                  func(c *policer.Config) { c.Inside = outside },
		"outside 7, but devices are numbered 0 to 1":              func(c *policer.Config) { c.Outside = 7 },
		"limits: element 0: mask is 255.0.255.0: expected ones":   func(c *policer.Config) { c.Limits[0].Mask = 0xFF00FF00 },
		"rate is 0: bytes per second, 1 to":                       func(c *policer.Config) { c.Limits[0].Rate = 0 },
		"rate is 12500000001":                                     func(c *policer.Config) { c.Limits[0].Rate = policer.MaxRate + 1 },
		"burst is 4294967297: 4294967296 bytes":                   func(c *policer.Config) { c.Limits[0].Burst = policer.MaxBurst + 1 },
		"excess is 4294967297: 4294967296 bytes":                  func(c *policer.Config) { c.Limits[0].Excess = policer.MaxBurst + 1 },
		"burst and excess are 0":                                  func(c *policer.Config) { c.Limits[0].Burst = 0 },
		"capacity is 0: 1 to 16777216":                            func(c *policer.Config) { c.Capacity = 0 },
		"capacity is 16777217":                                    func(c *policer.Config) { c.Capacity = policer.MaxCapacity + 1 },
		"idle_log2 is 26":                                         func(c *policer.Config) { c.IdleLog2 = 26 },
		"a bucket of 1500 bytes that earns 1000":                  func(c *policer.Config) { c.IdleLog2 = 0 },
		"prefixes: element 0: value is 2, but there are 1 limits": func(c *policer.Config) { c.Prefixes[0].Value = 2 },
		"element 0: the length of a prefix is 0 to 32":            func(c *policer.Config) { c.Prefixes[0].Length = 33 },
		"prefix has bits beyond its length":                       func(c *policer.Config) { c.Prefixes[0].Prefix = 1 },
		"dscp is 0 for green, 64 for yellow":                      func(c *policer.Config) { c.Yellow.DSCP = 64 },
		"green is dropped":                                        func(c *policer.Config) { c.Green.Drop = true },
		"red is neither dropped nor marked":                       func(c *policer.Config) { c.Red.Drop = false },
		"yellow and red both have 0":                              func(c *policer.Config) { c.ColourAware = true },
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
