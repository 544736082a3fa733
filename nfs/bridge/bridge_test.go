package bridge_test

import (
	"bytes"
	"context"
	"math/rand/v2"
	"strings"
	"testing"

	"vigor/dataplane"
	"vigor/dataplane/memory"
	"vigor/libvig"
	"vigor/nf"
	"vigor/nfs/bridge"
	"vigor/packet"
)

// Stations, and addresses that are none.
var (
	ann       = packet.MAC{2, 0, 0, 0, 0, 1}
	bob       = packet.MAC{2, 0, 0, 0, 0, 2}
	broadcast = packet.MAC{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}
	reserved  = packet.MAC{1, 0x80, 0xc2, 0, 0, 0x0e} // LLDP
)

const age = 300 * nf.Second

// hashKey is a fixed key that hashes as well as a random one: the first digits of pi.
var hashKey = [5]uint64{0x243f6a8885a308d3, 0x13198a2e03707344, 0xa4093822299f31d0, 0x082efa98ec4e6c89,
	0x452821e638d01377}

func newBridge(t testing.TB, capacity int) *bridge.Bridge {
	t.Helper()
	b, err := bridge.New(nf.Env{Devices: 4, HashKey: hashKey}, bridge.Config{Capacity: capacity, AgeingTime: age})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// frame is a minimum-size frame.
func frame(to, from packet.MAC) []byte {
	f := make([]byte, 60)
	copy(f, to[:])
	copy(f[6:], from[:])
	f[12] = 8
	return f
}

// step is one frame, and what is to become of it.
type step struct {
	at       nf.Time
	from     nf.Device
	to, by   packet.MAC
	want     nf.Action
	question string
}

func TestBridge(t *testing.T) {
	b := newBridge(t, 2)
	for i, s := range []step{
		{0, 1, bob, ann, nf.Flood(), "an unknown station"},
		{1, 2, ann, bob, nf.Forward(1), "a known one"},
		{2, 1, bob, ann, nf.Forward(2), "the answer"},
		{3, 1, ann, bob, nf.Drop(nf.SameSegment), "bob has moved to ann's segment"},
		{4, 2, bob, packet.MAC{2, 9}, nf.Forward(1), "the table is full, the frame passes"},
		{5, 3, packet.MAC{2, 9}, bob, nf.Flood(), "and the sender was not learned; bob moves again"},
		{6, 1, broadcast, ann, nf.Flood(), "broadcast"},
		{7, 1, reserved, ann, nf.Drop(nf.ReservedAddress), "reserved"},
		{8, 0, ann, broadcast, nf.Forward(1), "a group as its source teaches nothing"},
		{9, 0, broadcast, packet.MAC{}, nf.Flood(), "nor does the zero address"},
		{7 + age, 3, ann, bob, nf.Forward(1), "ann is remembered for the ageing time"},
		{8 + age, 3, ann, bob, nf.Flood(), "and no longer"},
	} {
		f := frame(s.to, s.by)
		before := bytes.Clone(f)
		p := nf.NewPacket(f, s.from, s.at)
		if got := b.Process(&p); got != s.want || !bytes.Equal(f, before) {
			t.Errorf("step %d, %s: got %v %v %d, want %v %v %d", i, s.question,
				got.Kind, got.Reason, got.Device, s.want.Kind, s.want.Reason, s.want.Device)
		}
	}
	for size := range 14 {
		p := nf.NewPacket(make([]byte, size), 0, 2*age)
		if got := b.Process(&p); got != nf.Drop(nf.Malformed) {
			t.Errorf("%d bytes: got %v %v", size, got.Kind, got.Reason)
		}
	}
}

// TestBurstIsItsPackets runs bursts after hints for all their frames, and the same frames one by one
// through a bridge of its own, and compares. There is room for few of the stations, so hints are stale.
func TestBurstIsItsPackets(t *testing.T) {
	r := rand.New(rand.NewPCG(2, 3))
	whole, single := newBridge(t, 5), newBridge(t, 5)
	station := func() packet.MAC {
		return [...]packet.MAC{broadcast, reserved, {}, {2, 0, 0, 0, 0, byte(r.IntN(9))}}[min(r.IntN(12), 3)]
	}
	hints, now, forwarded := new(libvig.Hints), nf.Time(0), 0
	for range 500 {
		packets := make([]nf.Packet, 1+r.IntN(dataplane.MaxBurst))
		want := make([]nf.Action, len(packets))
		for i := range packets {
			now += nf.Time(r.IntN(8)/7) * age / 3
			size := []int{60, 60, 60, 14, r.IntN(14)}[r.IntN(5)]
			packets[i] = nf.NewPacket(frame(station(), station())[:size], nf.Device(r.IntN(4)), now)
			alone := nf.NewPacket(bytes.Clone(packets[i].Bytes()), packets[i].Device(), now)
			want[i] = single.Process(&alone)
			sender, receiver := whole.Hint(&packets[i])
			hints.Add(sender)
			hints.Add(receiver)
		}
		hints.Warm()
		for i := range packets {
			got := whole.Process(&packets[i])
			if got != want[i] {
				t.Fatalf("packet %d of %d: got %v, alone %v", i, len(packets), got, want[i])
			}
			if got.Kind == nf.Forwarded {
				forwarded++
			}
		}
	}
	if forwarded < 1000 {
		t.Errorf("only %d frames were forwarded, the test shows little", forwarded)
	}
}

func TestConfigurationIsChecked(t *testing.T) {
	good := bridge.Config{Capacity: 1, AgeingTime: bridge.MinAgeingTime}
	if _, err := bridge.New(nf.Env{Devices: 1}, good); err != nil {
		t.Error(err)
	}
	for want, change := range map[string]func(*bridge.Config){
		"capacity is 0: room for one station":              func(c *bridge.Config) { c.Capacity = 0 },
		"capacity is 16777217: 16777216 stations":          func(c *bridge.Config) { c.Capacity = 1<<24 + 1 },
		"ageing_time is 9999999999 ns: 10s is the least":   func(c *bridge.Config) { c.AgeingTime-- },
		"ageing_time is 1000000000000001 ns: 1000000s is ": func(c *bridge.Config) { c.AgeingTime = bridge.MaxAgeingTime + 1 },
	} {
		c := good
		change(&c)
		if b, err := bridge.New(nf.Env{Devices: 1}, c); b != nil || err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: got %v, want %q", c, err, want)
		}
	}
}

// traffic returns frames between random stations out of many, each behind a device of its own, and a
// bridge that knows all of them.
func traffic(b testing.TB, stations int) (*bridge.Bridge, []dataplane.Frame) {
	br := newBridge(b, stations*10/9)
	r := rand.New(rand.NewPCG(5, 6))
	address := func(i int) packet.MAC { return packet.MAC{2, 0, 0, byte(i >> 16), byte(i >> 8), byte(i)} }
	frames := make([]dataplane.Frame, stations)
	for i := range frames {
		p := nf.NewPacket(frame(broadcast, address(i)), nf.Device(i%2), 0)
		br.Process(&p)
		frames[i] = dataplane.Frame{Bytes: frame(address(r.IntN(stations/2)*2+(i+1)%2), address(i)), Device: nf.Device(i % 2)}
	}
	r.Shuffle(stations, func(i, j int) { frames[i], frames[j] = frames[j], frames[i] })
	return br, frames
}

func BenchmarkLoop(b *testing.B) {
	br, frames := traffic(b, 59000)
	io := memory.NewCycle(frames, b.N)
	io.Tick = nf.Millisecond / 1000
	loop := dataplane.NewLoop(nf.Env{Devices: 4}, func(packets []nf.Packet, actions []nf.Action) {
		for i := range packets {
			actions[i] = br.Process(&packets[i])
		}
	}, io)
	b.ReportAllocs()
	b.ResetTimer()
	if err := loop.Run(context.Background()); err != nil || io.Sent != uint64(b.N) {
		b.Fatalf("%d of %d frames were sent, %v", io.Sent, b.N, err)
	}
}

func TestNothingAllocates(t *testing.T) {
	b := newBridge(t, 100)
	now, n := nf.Time(0), 0
	f := frame(broadcast, ann)
	got := testing.AllocsPerRun(1000, func() { // a new station each time, and expiry of old ones
		now += age / 50
		n++
		f[10], f[11] = byte(n>>8), byte(n)
		p := nf.NewPacket(f, nf.Device(n%4), now)
		b.Process(&p)
	})
	if got != 0 {
		t.Errorf("%v allocations per frame, want 0", got)
	}
}
