package reload_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"vigor/dataplane"
	"vigor/dataplane/inspect"
	"vigor/dataplane/memory"
	"vigor/dataplane/reload"
	"vigor/libvig"
	"vigor/nf"
)

// desk is a back end whose frames are put by the test while the loop runs; it has no more to offer
// most of the time, as a real one.
type desk struct {
	in    chan dataplane.Frame
	out   chan dataplane.Frame // every frame that was sent, once per device
	drops chan struct{}        // receives after each frame that was dropped
}

func newDesk() *desk {
	return &desk{make(chan dataplane.Frame), make(chan dataplane.Frame, 64), make(chan struct{}, 64)}
}

func (d *desk) Exchange(out, in *dataplane.Batch) error {
	for i := range out.Len() {
		for device := range nf.Device(nf.MaxDevices) {
			if out.To(i).Has(device) {
				d.out <- dataplane.Frame{Bytes: slices.Clone(out.Frame(i)), Device: device, Time: out.Time(i)}
			}
		}
		if out.To(i) == 0 {
			d.drops <- struct{}{}
		}
	}
	if in.Room() == 0 {
		return nil
	}
	select {
	case f := <-d.in:
		in.Add(f.Bytes, f.Device, f.Time, 0)
	case <-time.After(time.Millisecond):
	}
	return nil
}

func (d *desk) Close() error { return nil }

// send puts a frame and returns what was sent; false if it was dropped.
func (d *desk) send(t *testing.T, f dataplane.Frame) (dataplane.Frame, bool) {
	t.Helper()
	f.Bytes = slices.Clone(f.Bytes)
	select {
	case d.in <- f:
	case <-time.After(10 * time.Second):
		t.Fatal("the loop takes no frame")
	}
	select {
	case got := <-d.out:
		return got, true
	case <-d.drops:
		return dataplane.Frame{}, false
	case <-time.After(10 * time.Second):
		t.Fatal("nothing became of the frame")
	}
	panic("unreachable")
}

// running is a function in a loop, with its reloader.
type running[Config any] struct {
	*reload.Reloader[Config]
	*desk
	loop *dataplane.Loop
	live *inspect.Live
}

func run[Config any](t *testing.T, start reload.Start[Config], cfg Config) running[Config] {
	t.Helper()
	env := nf.Env{Devices: 3, HashKey: [5]uint64{1, 2, 3, 4, 5}}
	function, process, err := start(env, cfg)
	if err != nil {
		t.Fatal(err)
	}
	d := newDesk()
	loop := dataplane.NewLoop(env, process, d)
	live, err := inspect.NewLive(loop, function, []string{"a", "b", "c"})
	if err != nil {
		t.Fatal(err)
	}
	r, err := reload.New(loop, live, env, start, cfg, function)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error)
	go func() { ended <- loop.Run(ctx) }()
	t.Cleanup(func() { cancel(); <-ended })
	return running[Config]{r, d, loop, live}
}

// entries is the number of entries of a structure.
func (r running[Config]) entries(t *testing.T, name string) int {
	t.Helper()
	n := -1
	err := r.live.Do(t.Context(), func(m inspect.Moment) {
		for _, s := range m.Structures {
			if s.Name == name {
				n = s.Len()
			}
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// hall is a network function with one thing of each kind: it lets at most Limit guests in, each by
// its first byte; Gates are those that are open; Credit is what each gate starts with.
type hall struct {
	cfg    hallConfig
	guests *libvig.Table[uint8, uint8]    `spec:"guests"`
	gates  *libvig.Table[uint8, struct{}] `spec:"gates"`
	credit *libvig.Vector[uint32]         `spec:"credit"`
	extra  *libvig.Chain                  `spec:"extra"`
	total  uint64                         `spec:"total"`
	first  uint8                          `spec:"first"`
	price  uint32
}

type hallConfig struct {
	Limit, Seats int
	Gate         uint8 // the one that is open
	Credit       uint32
	Stay         nf.Time
	First        uint8
	Extra        bool
	House        uint8 // a change of it cannot keep guests
	Price        uint32
}

func (c hallConfig) Validate() error {
	if c.Limit < 1 {
		return errors.New("limit is 0: room for one guest is the least")
	}
	return nil
}

func (c hallConfig) Keeps(old hallConfig) error {
	if c.House != old.House {
		return fmt.Errorf("house would change from %c to %c under the guests: restart to change it", old.House, c.House)
	}
	return nil
}

func startHall(env nf.Env, cfg hallConfig) (any, dataplane.Burst, error) {
	if cfg.Gate == 13 {
		return nil, nil, errors.New("gate is 13: there is none")
	}
	h := &hall{
		cfg: cfg, guests: libvig.NewTable[uint8, uint8](cfg.Limit, env.HashKey),
		gates: libvig.NewTable[uint8, struct{}](4, env.HashKey), credit: libvig.NewVector(cfg.Seats, cfg.Credit),
		first: cfg.First, price: cfg.Price,
	}
	h.gates.Insert(cfg.Gate, struct{}{}, 0)
	if cfg.Extra {
		h.extra = libvig.NewChain(3, libvig.HashKey{})
	}
	return h, h.burst, nil
}

func (h *hall) burst(packets []nf.Packet, actions []nf.Action) {
	for i := range packets {
		actions[i] = h.process(&packets[i])
	}
}

// process reads the guest in the first byte, the gate in the second and a command in the third.
func (h *hall) process(p *nf.Packet) nf.Action {
	h.guests.ExpireBefore(p.Time() - h.cfg.Stay)
	guest, gate, command := p.Bytes()[0], p.Bytes()[1], p.Bytes()[2]
	if _, ok := h.gates.Lookup(gate); !ok {
		return nf.Drop(nf.Unconnected)
	}
	switch command {
	case 'l': // leave
		if i, ok := h.guests.Lookup(guest); ok {
			h.guests.Erase(i)
		}
	case 'o': // open another gate
		h.gates.Insert(guest, struct{}{}, p.Time())
	case 'c':
		h.credit.Set(0, h.credit.Get(0)+1)
	case 'x':
		h.extra.Allocate(p.Time())
	case 'f':
		h.first = guest
	case 't':
		h.total++
	default:
		if _, ok := h.guests.Lookup(guest); !ok {
			if _, ok := h.guests.Insert(guest, gate, p.Time()); !ok {
				return nf.Drop(nf.TableFull)
			}
		}
	}
	p.Bytes()[0] = byte(h.price)
	return nf.Forward(2)
}

func testHall() hallConfig {
	return hallConfig{Limit: 2, Seats: 3, Gate: 1, Credit: 10, Stay: 100, First: 7, House: 'e', Price: 5}
}

// frame is a command at a time.
func frame(at nf.Time, command byte, guest uint8) dataplane.Frame {
	return dataplane.Frame{Bytes: []byte{guest, 1, command}, Time: at}
}

// TestReloads lists what happened before a change, and whether the change is then possible.
func TestReloads(t *testing.T) {
	tests := []struct {
		name   string
		before string // commands
		change func(c *hallConfig)
		refuse string   // part of the error
		kept   []string // structures
	}{
		{"nothing changed", "gct", func(c *hallConfig) {}, "", []string{"credit", "gates", "guests"}},
		{"timer", "g", func(c *hallConfig) { c.Stay = 7 }, "", []string{"credit", "gates", "guests"}},
		{"scalar that packets do not write", "gct", func(c *hallConfig) { c.Price = 9 }, "", []string{"credit", "gates", "guests"}},
		{"capacity of an empty table", "", func(c *hallConfig) { c.Limit = 9 }, "", []string{"credit", "gates"}},
		{"capacity of a table that was emptied", "gl", func(c *hallConfig) { c.Limit = 9 }, "", []string{"credit", "gates"}},
		{"filled otherwise, not touched", "g", func(c *hallConfig) { c.Gate = 2 }, "", []string{"credit", "guests"}},
		{"vector filled otherwise, not touched", "g", func(c *hallConfig) { c.Credit = 2 }, "", []string{"gates", "guests"}},
		{"length of a vector not touched", "g", func(c *hallConfig) { c.Seats = 4 }, "", []string{"gates", "guests"}},
		{"structure left out, not touched", "g", func(c *hallConfig) { c.Extra = true }, "", []string{"credit", "gates", "guests"}},
		{"first value of a scalar not touched", "g", func(c *hallConfig) { c.First = 8 }, "", []string{"credit", "gates", "guests"}},
		{"what cannot be kept, with nothing to keep", "gl", func(c *hallConfig) { c.House = 'w' }, "", nil},

		{"capacity", "g", func(c *hallConfig) { c.Limit = 3 }, "the capacity of guests would change from 2 to 3, and 1 are in use", nil},
		{"smaller capacity", "g", func(c *hallConfig) { c.Limit = 1 }, "the capacity of guests would change from 2 to 1", nil},
		{"filled otherwise", "o", func(c *hallConfig) { c.Gate = 2 }, "fills gates otherwise", nil},
		{"vector filled otherwise", "c", func(c *hallConfig) { c.Credit = 2 }, "fills credit otherwise", nil},
		{"length of a vector", "c", func(c *hallConfig) { c.Seats = 4 }, "the capacity of credit would change from 3 to 4", nil},
		{"first value of a scalar", "f", func(c *hallConfig) { c.First = 8 }, "packets have changed first", nil},
		{"what cannot be kept", "g", func(c *hallConfig) { c.House = 'w' }, "house would change from e to w", nil},
		{"what cannot be kept, for a scalar", "t", func(c *hallConfig) { c.House = 'w' }, "house would change", nil},
		{"what cannot be kept, for a vector", "c", func(c *hallConfig) { c.House = 'w' }, "house would change", nil},
		{"not valid", "g", func(c *hallConfig) { c.Limit = 0 }, "limit is 0", nil},
		{"refused by New", "g", func(c *hallConfig) { c.Gate = 13 }, "gate is 13", nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r := run(t, startHall, testHall())
			for i := range len(test.before) {
				if _, ok := r.send(t, frame(1, test.before[i], 33)); !ok {
					t.Fatalf("command %c is dropped", test.before[i])
				}
			}
			guests := r.entries(t, "guests")
			cfg := testHall()
			test.change(&cfg)
			report, err := r.Apply(t.Context(), cfg)
			if test.refuse == "" {
				if err != nil || !slices.Equal(report.Kept, test.kept) {
					t.Fatalf("kept %v, %v; want %v", report.Kept, err, test.kept)
				}
				if r.Config() != cfg {
					t.Error("the configuration in force is another")
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), test.refuse) || !strings.HasPrefix(err.Error(), "reloading: ") {
				t.Fatalf("got %v, want %q", err, test.refuse)
			}
			if got, ok := r.send(t, frame(1, 't', 33)); !ok || got.Bytes[0] != 5 || r.entries(t, "guests") != guests || r.Config() != testHall() {
				t.Error("what was refused has changed something")
			}
		})
	}
}

// TestReloadLeavesOutAStructure: what has been used cannot be left out.
func TestReloadLeavesOutAStructure(t *testing.T) {
	for commands, refuse := range map[string]bool{"": false, "x": true} {
		cfg := testHall()
		cfg.Extra = true
		r := run(t, startHall, cfg)
		for i := range len(commands) {
			r.send(t, frame(1, commands[i], 33))
		}
		cfg.Extra = false
		_, err := r.Apply(t.Context(), cfg)
		if (err != nil) != refuse || refuse && !strings.Contains(err.Error(), "there is no extra") {
			t.Errorf("after %q: %v", commands, err)
		}
	}
}

// TestReloadOnTraffic: guests that came under the old configuration stay as long as the new one says,
// counters go on, and every frame is decided about.
func TestReloadOnTraffic(t *testing.T) {
	for _, test := range []struct {
		stay nf.Time
		left int // guests at time 80
	}{{100, 1}, {60, 0}, {75, 1}} {
		r := run(t, startHall, testHall())
		r.send(t, frame(10, 'g', 33))
		r.send(t, frame(10, 't', 0))
		cfg := testHall()
		cfg.Stay, cfg.Price = test.stay, 6
		report, err := r.Apply(t.Context(), cfg)
		if err != nil || report.Entries != 1+1+3 {
			t.Fatalf("%+v, %v", report, err)
		}
		if got, _ := r.send(t, frame(80, 't', 0)); got.Bytes[0] != 6 {
			t.Errorf("the price is %d, want the new one", got.Bytes[0])
		}
		if got := r.entries(t, "guests"); got != test.left {
			t.Errorf("a stay of %d: %d guests at time 80, want %d", test.stay, got, test.left)
		}
	}
}

// TestReloadTwice: what a reload carried over can be carried over again, and counts as touched.
func TestReloadTwice(t *testing.T) {
	r := run(t, startHall, testHall())
	for _, command := range []byte("gcft") {
		r.send(t, frame(1, command, 33))
	}
	cfg := testHall()
	for _, cfg.Stay = range []nf.Time{50, 60} {
		if _, err := r.Apply(t.Context(), cfg); err != nil {
			t.Fatal(err)
		}
	}
	for name, change := range map[string]func(c *hallConfig){
		"guests": func(c *hallConfig) { c.Limit = 5 }, "credit": func(c *hallConfig) { c.Credit = 1 },
		"first": func(c *hallConfig) { c.First = 8 }, "house": func(c *hallConfig) { c.House = 'w' },
	} {
		changed := cfg
		change(&changed)
		if _, err := r.Apply(t.Context(), changed); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestCheck tells before anything is done, and does nothing.
func TestCheck(t *testing.T) {
	r := run(t, startHall, testHall())
	r.send(t, frame(1, 'g', 33))
	for limit, refuse := range map[int]bool{2: false, 3: true} {
		cfg := testHall()
		cfg.Limit, cfg.Price = limit, 6
		plan, err := r.Prepare(cfg)
		if err != nil {
			t.Fatal(err)
		}
		if err := plan.Check(t.Context()); (err != nil) != refuse {
			t.Errorf("limit %d: %v", limit, err)
		}
		if got, _ := r.send(t, frame(1, 't', 0)); got.Bytes[0] != 5 {
			t.Error("a check changes the function")
		}
	}
}

func TestAfterTheEnd(t *testing.T) {
	r := run(t, startHall, testHall())
	done, cancel := context.WithCancel(t.Context())
	cancel()
	cfg := testHall()
	cfg.Stay = 5
	if _, err := r.Apply(done, cfg); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if r.Config() != testHall() {
		t.Error("the configuration in force is one that was not applied")
	}
	if _, err := reload.New(r.loop, r.live, nf.Env{}, startHall, cfg, 5); err == nil {
		t.Error("a number is reloaded")
	}
}

// TestNoPacketIsLost reloads again and again at full speed: each frame is counted by exactly one function,
// and each is sent.
func TestNoPacketIsLost(t *testing.T) {
	env := nf.Env{Devices: 3, HashKey: [5]uint64{1, 2, 3, 4, 5}}
	cfg := testHall()
	function, process, err := startHall(env, cfg)
	if err != nil {
		t.Fatal(err)
	}
	cycle := memory.NewCycle([]dataplane.Frame{frame(0, 't', 1)}, 1<<60)
	loop := dataplane.NewLoop(env, process, cycle)
	live, err := inspect.NewLive(loop, function, nil)
	if err != nil {
		t.Fatal(err)
	}
	r, err := reload.New(loop, live, env, startHall, cfg, function)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error)
	go func() { ended <- loop.Run(ctx) }()
	for n := range 200 {
		cfg.Price = uint32(n)
		if _, err := r.Apply(t.Context(), cfg); err != nil {
			t.Fatal(err)
		}
	}
	var counted, received uint64
	err = live.Do(t.Context(), func(m inspect.Moment) {
		counted, received = m.Scalars[1].Value.Uint(), m.Counters.Received[0]
	})
	cancel()
	<-ended
	if err != nil || counted != received || received < 200*dataplane.BurstSize {
		t.Errorf("%d of %d frames were counted, %v", counted, received, err)
	}
	if c := &loop.Counters; cycle.Sent != c.Received[0] || c.Sent[2] != c.Received[0] {
		t.Errorf("%d of %d frames were sent", cycle.Sent, c.Received[0])
	}
}
