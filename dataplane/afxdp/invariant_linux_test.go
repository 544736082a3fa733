package afxdp

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"vigor/dataplane"
	"vigor/dataplane/netns"
	"vigor/nf"
)

// check walks the UMEM and says what contradicts the invariant of IO. The batch has the handles of the
// packets in it. If still is set, the kernel has done all that it was asked for: then each chunk must be
// seen in its ring; else it may be between two rings, and only counts.
func (x *IO) check(batch []uint64, still bool) error {
	places := make(map[uint64]string)
	put := func(address uint64, place string) error {
		chunk := address / uint64(x.chunk)
		if before, ok := places[chunk]; ok {
			return fmt.Errorf("chunk %d is in two places: %s and %s", chunk, before, place)
		}
		if address >= uint64(len(x.umem)) {
			return fmt.Errorf("%s has address %d of %d", place, address, len(x.umem))
		}
		places[chunk] = place
		return nil
	}
	var wrong []error
	note := func(err error) {
		if err != nil {
			wrong = append(wrong, err)
		}
	}
	for _, address := range x.free {
		note(put(address, "the free list"))
	}
	for _, address := range batch {
		note(put(address, "the batch"))
	}
	total := len(x.free) + len(batch)
	for i := range x.devices {
		d := &x.devices[i]
		total += d.posted + d.sending
		if d.posted > len(d.fill.entries) || d.sending > len(d.tx.entries) {
			note(fmt.Errorf("%s: %d posted, %d sending, want %d at most", d.name, d.posted, d.sending, len(d.tx.entries)))
		}
		if still {
			note(x.walk(d, put))
		}
	}
	if chunks := len(x.umem) / x.chunk; total != chunks || still && len(places) != chunks {
		note(fmt.Errorf("%d chunks are counted and %d seen, want %d", total, len(places), chunks))
	}
	if len(wrong) > 0 {
		return fmt.Errorf("%w (and %d more)", wrong[0], len(wrong)-1)
	}
	return nil
}

// walk puts the chunks in the rings of a device in their places, and compares their numbers.
func (x *IO) walk(d *device, put func(uint64, string) error) error {
	posted, sending := 0, 0
	for at := d.rx.at; at != d.rx.producer.Load(); at++ {
		posted++
		if err := put(d.rx.entries[int(at)%len(d.rx.entries)].Addr, "rx of "+d.name); err != nil {
			return err
		}
	}
	for at := d.fill.consumer.Load(); at != d.fill.at; at++ {
		posted++
		if err := put(d.fill.entries[int(at)%len(d.fill.entries)], "fill of "+d.name); err != nil {
			return err
		}
	}
	for at := d.completion.at; at != d.completion.producer.Load(); at++ {
		sending++
		if err := put(d.completion.entries[int(at)%len(d.completion.entries)], "completion of "+d.name); err != nil {
			return err
		}
	}
	for at := d.tx.consumer.Load(); at != d.tx.at; at++ {
		sending++
		if err := put(d.tx.entries[int(at)%len(d.tx.entries)].Addr, "tx of "+d.name); err != nil {
			return err
		}
	}
	if posted != d.posted || sending != d.sending {
		return fmt.Errorf("%s: %d posted and %d sending, but %d and %d in its rings", d.name, d.posted, d.sending, posted, sending)
	}
	return nil
}

// watched injects frames into each batch, and checks the invariant after each exchange.
type watched struct {
	*IO
	t      *testing.T
	inject func(out *dataplane.Batch)
	batch  []uint64 // handles of what was received last
}

func (w *watched) Exchange(out, in *dataplane.Batch) error {
	if w.inject != nil {
		w.inject(out)
	}
	err := w.IO.Exchange(out, in)
	w.batch = w.batch[:0]
	for i := range in.Len() {
		w.batch = append(w.batch, in.Handle(i))
	}
	if problem := w.check(w.batch, false); problem != nil {
		w.t.Fatal(problem)
	}
	return err
}

// settle steps until nothing arrives and nothing waits to leave, and checks where all chunks are.
func (w *watched) settle(loop *dataplane.Loop) {
	w.t.Helper()
	received := func() (sum uint64) {
		for _, n := range loop.Counters.Received {
			sum += n
		}
		return sum
	}
	for quiet := 0; quiet < 3; {
		before := received()
		if err := loop.Step(); err != nil {
			w.t.Fatal(err)
		}
		if quiet++; received() != before {
			quiet = 0
		}
	}
	if err := loop.Flush(); err != nil {
		w.t.Fatal(err)
	}
	w.batch = w.batch[:0]
	// The kernel may finish late; what is wrong then stays wrong.
	err := w.check(nil, true)
	for limit := time.Now().Add(time.Second); err != nil && time.Now().Before(limit); {
		if err := loop.Step(); err != nil {
			w.t.Fatal(err)
		}
		err = w.check(w.batch, true)
	}
	if err != nil {
		w.t.Fatalf("at rest: %v", err)
	}
}

// TestEveryChunkHasOnePlace has random traffic processed at random, with devices that go down at times.
func TestEveryChunkHasOnePlace(t *testing.T) {
	const rounds = 60
	for _, name := range slices.Sorted(maps.Keys(modes)) {
		t.Run(name, func(t *testing.T) {
			seed := uint64(time.Now().UnixNano())
			t.Logf("seed %d", seed)
			random := rand.New(rand.NewPCG(seed, 1))
			lab := netns.New(t, 3)
			hosts := wires(t, lab)
			cfg := modes[name]
			cfg.Ring = 64
			w := &watched{IO: open(t, lab, cfg), t: t}
			lengthen(t, lab)
			w.inject = func(out *dataplane.Batch) {
				for range random.IntN(40) {
					out.Inject(make([]byte, random.IntN(2500)), nf.Device(random.IntN(3)))
				}
			}
			loop := dataplane.NewLoop(nf.Env{Devices: 3}, func(packets []nf.Packet, actions []nf.Action) {
				for i := range packets {
					actions[i] = anyAction(random)
				}
			}, w)
			for round := range rounds {
				if round%20 == 10 {
					lab.Own.Run(t, "ip", "link", "set", "dev1", "down")
				}
				if round%20 == 18 {
					lab.Own.Run(t, "ip", "link", "set", "dev1", "up")
				}
				loop.SetBurst(1 + random.IntN(dataplane.MaxBurst))
				number := random.IntN(100)
				if round == 5 {
					number = 400 // more than the rings hold
				}
				for range number {
					host := random.IntN(3)
					if err := hosts[host].Send(anyFrame(random)); err != nil && (host != 1 || round%20 < 10) {
						t.Fatal(err)
					}
				}
				for range random.IntN(6) {
					if err := loop.Step(); err != nil {
						t.Fatal(err)
					}
				}
				if round%10 == 9 {
					w.settle(loop)
				}
			}
			happened(t, &loop.Counters)
		})
	}
}

// lengthen raises the MTU after devices were opened, so that frames can arrive that fit into no chunk.
func lengthen(t *testing.T, lab *netns.Lab) {
	for i, device := range lab.Devices() {
		lab.Own.Run(t, "ip", "link", "set", device, "mtu", "3000")
		lab.Hosts[i].Run(t, "ip", "link", "set", netns.HostDevice, "mtu", "3000")
	}
}

// anyFrame is a frame of any length, some too long for a chunk.
func anyFrame(random *rand.Rand) []byte {
	size := 60 + random.IntN(1400)
	if random.IntN(10) == 0 {
		size = 2000 + random.IntN(900)
	}
	frame := make([]byte, size)
	copy(frame, []byte{2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 0x88, 0xB5})
	return frame
}

func anyAction(random *rand.Rand) nf.Action {
	switch random.IntN(4) {
	case 0:
		return nf.Drop(nf.Fragment)
	case 1:
		return nf.Flood()
	case 2:
		return nf.ForwardAll(nf.Devices(random.IntN(8)))
	}
	return nf.Forward(nf.Device(random.IntN(3)))
}

// happened fails if what was to happen never did.
func happened(t *testing.T, c *dataplane.Counters) {
	for _, why := range []nf.Reason{nf.TransmitFull, nf.ReceiveFull, nf.Truncated, nf.Oversize, nf.Malformed} {
		if c.Dropped[0][why]+c.Dropped[1][why]+c.Dropped[2][why] == 0 {
			t.Errorf("no frame was dropped as %v", why)
		}
	}
	if c.Sent[0] == 0 || c.Sent[1] == 0 || c.Sent[2] == 0 {
		t.Errorf("sent %v", c.Sent[:3])
	}
}

// TestMisplacedChunksAreFound plants faults in a back end at rest; without one nothing is found.
func TestMisplacedChunksAreFound(t *testing.T) {
	for name, plant := range map[string]func(x *IO, d *device){
		"":                        func(*IO, *device) {},
		"lost":                    func(x *IO, _ *device) { x.take() },
		"free twice":              func(x *IO, _ *device) { x.free[0] = x.free[1] },
		"free and posted":         func(x *IO, d *device) { x.free[0] = d.fill.entries[0] },
		"posted twice":            func(_ *IO, d *device) { d.fill.entries[0] = d.fill.entries[1] },
		"in an unaligned place":   func(x *IO, _ *device) { x.free[0] = x.free[1] + 17 },
		"outside":                 func(x *IO, _ *device) { x.free[0] = uint64(len(x.umem)) },
		"posted, not counted":     func(_ *IO, d *device) { d.posted-- },
		"sending, not in a ring":  func(x *IO, d *device) { x.take(); d.sending++ },
		"in tx and free":          func(x *IO, d *device) { *d.tx.next() = unix.XDPDesc{Addr: x.free[0]}; d.sending++ },
		"more than a ring can do": func(x *IO, d *device) { d.sending += 65; x.free = x.free[65:] },
	} {
		t.Run(name, func(t *testing.T) {
			x := open(t, netns.New(t, 1), Config{Ring: 64})
			before := append([]uint64(nil), x.free...)
			plant(x, &x.devices[0])
			if err := x.check(nil, true); (err == nil) != (name == "") {
				t.Errorf("found %v", err)
			}
			x.free, x.devices[0].sending = before, 0 // so that Close waits for nothing
		})
	}
}
