package inspect_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"vigor/dataplane"
	"vigor/dataplane/inspect"
	"vigor/dataplane/memory"
	"vigor/libvig"
	"vigor/nf"
)

// station is the network function of these tests: it learns where packets come from, by their first
// byte, and forgets after a second.
type station struct {
	cfg    struct{ Timeout nf.Time }
	seen   *libvig.Table[uint32, nf.Device] `spec:"seen,stations"`
	limits [2]uint16
	inner  struct {
		names *libvig.Vector[uint8]
	}
	spare *libvig.Chain `spec:"spare"`
	count uint64        `spec:"count"`
}

func newStation() *station {
	s := &station{seen: libvig.NewTable[uint32, nf.Device](1<<14, [5]uint64{1, 2, 3, 4, 5}), limits: [2]uint16{5, 6}}
	s.inner.names = libvig.NewVector(3, uint8(9))
	return s
}

func (s *station) process(packets []nf.Packet, actions []nf.Action) {
	for i := range packets {
		p := &packets[i]
		s.seen.ExpireBefore(p.Time() - nf.Second)
		s.count++
		key := uint32(p.Bytes()[0]) | uint32(p.Bytes()[1])<<8
		if j, ok := s.seen.Lookup(key); ok {
			s.seen.Refresh(j, p.Time())
		} else {
			s.seen.Insert(key, p.Device(), p.Time())
		}
		actions[i] = nf.Flood()
	}
}

func TestFields(t *testing.T) {
	s := newStation()
	fields, err := inspect.Fields(s)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, f := range fields {
		text := f.Path + "/" + f.Name
		if structure, ok := f.Structure(); ok {
			text += "/" + structure.Kind()
		}
		got = append(got, text)
	}
	want := []string{"cfg.Timeout/cfg.Timeout", "seen/seen/Table", "limits[0]/limits[0]", "limits[1]/limits[1]",
		"inner.names/inner.names/Vector", "spare/spare", "count/count"}
	if !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	fields[3].Value.SetUint(77)
	if s.limits[1] != 77 {
		t.Error("setting a field does not change the function")
	}
}

func TestFieldsRefuses(t *testing.T) {
	number := 5
	for name, function := range map[string]any{
		"nothing":              nil,
		"a struct":             station{},
		"a nil pointer":        (*station)(nil),
		"a pointer to a word":  &number,
		"a map":                &struct{ m map[int]int }{},
		"a slice":              &struct{ s []byte }{},
		"a list of slices":     &struct{ cfg listed[[]byte] }{},
		"a func":               &struct{ f func() }{},
		"an interface":         &struct{ a any }{},
		"a foreign pointer":    &struct{ p *int }{},
		"an embedding pointer": &struct{ p *struct{ libvig.Chain } }{},
		"a string inside":      &struct{ in [2]struct{ s string } }{},
	} {
		if got, err := inspect.Fields(function); err == nil || got != nil {
			t.Errorf("%s gives %v", name, got)
		}
	}
}

// running starts a loop whose time advances by a millisecond per burst, with a number of stations.
func running(t *testing.T, stations int) (*inspect.Live, context.Context) {
	t.Helper()
	frames := make([]dataplane.Frame, stations)
	for i := range frames {
		frames[i] = dataplane.Frame{Bytes: []byte{byte(i), byte(i >> 8)}, Device: nf.Device(i % 2)}
	}
	cycle := memory.NewCycle(frames, 1<<60)
	cycle.Tick = nf.Millisecond
	function := newStation()
	loop := dataplane.NewLoop(nf.Env{Devices: 2}, function.process, cycle)
	live, err := inspect.NewLive(loop, function, []string{"lan", "wan"})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	ended := make(chan error)
	go func() { ended <- loop.Run(ctx) }()
	t.Cleanup(func() { cancel(); <-ended })
	return live, ctx
}

// TestScan goes through a table while its entries are refreshed and expire: no entry comes twice, and
// those that are always there are all seen, though packets were processed in between.
func TestScan(t *testing.T) {
	const stations = 10000
	live, ctx := running(t, stations)
	for ready := false; !ready; {
		if err := live.Do(ctx, func(m inspect.Moment) { ready = m.Structures[1].Len() == stations }); err != nil {
			t.Fatal(err)
		}
	}
	seen, steps := map[uint32]bool{}, map[nf.Time]bool{}
	err := live.Scan(ctx, "seen", func(step inspect.Step) error {
		if len(step.Index) > 256 {
			t.Errorf("a step of %d entries", len(step.Index))
		}
		steps[step.Now] = true
		for i, key := range step.Keys.([]uint32) {
			if seen[key] || step.Values.([]nf.Device)[i] != nf.Device(key%2) || step.Time[i] > step.Now {
				t.Errorf("entry %d: station %d on device %d", step.Index[i], key, step.Values.([]nf.Device)[i])
			}
			seen[key] = true
		}
		return nil
	})
	if err != nil || len(seen) != stations || len(steps) < stations/256/2 {
		t.Errorf("%d stations in steps at %d times, %v", len(seen), len(steps), err)
	}
}

// TestScanOfAnIdleLoop: all of a table within a few steps, each of which takes as long as a back end waits.
func TestScanOfAnIdleLoop(t *testing.T) {
	function := newStation()
	const stations = 10000
	for i := range uint32(stations) {
		function.seen.Insert(i, 0, 0)
	}
	io := &idle{}
	loop := dataplane.NewLoop(nf.Env{Devices: 2}, function.process, io)
	live, err := inspect.NewLive(loop, function, nil)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error)
	go func() { ended <- loop.Run(ctx) }()
	entries := 0
	err = live.Scan(ctx, "seen", func(step inspect.Step) error {
		entries += len(step.Index)
		return nil
	})
	cancel()
	<-ended
	if steps := io.exchanges; err != nil || entries != stations || steps > 20 {
		t.Errorf("%d entries in %d steps, %v", entries, steps, err)
	}
}

// idle is a back end to which nothing comes.
type idle struct{ exchanges int }

func (i *idle) Exchange(out, in *dataplane.Batch) error {
	i.exchanges++
	time.Sleep(time.Millisecond)
	return nil
}

func (i *idle) Close() error { return nil }

func TestMoment(t *testing.T) {
	live, ctx := running(t, 100)
	var names []string
	var age nf.Time
	var old, none, aged bool
	var counted uint64
	var scalars []string
	for !old {
		err := live.Do(ctx, func(m inspect.Moment) {
			names = nil
			for _, s := range m.Structures {
				names = append(names, s.Name)
			}
			scalars = nil
			for _, s := range m.Scalars {
				scalars = append(scalars, s.Name)
				counted = s.Value.Uint()
			}
			if counted != m.Counters.Received[0]+m.Counters.Received[1] {
				t.Errorf("the function has counted %d of %v", counted, m.Counters.Received[:2])
			}
			age, aged = m.Structures[1].Age(m.Now)
			_, none = m.Structures[0].Age(m.Now)
			old = m.Counters.Received[0] > 1000
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if want := []string{"inner.names", "seen"}; !slices.Equal(names, want) {
		t.Errorf("structures %q, want %q", names, want)
	}
	if !slices.Equal(scalars, []string{"count"}) {
		t.Errorf("scalars %q", scalars)
	}
	if none || !aged || age < 0 || age > nf.Minute {
		t.Errorf("age %d, %t, of a vector %t", age, aged, none)
	}
}

// TestScanFlows: the only structure whose entries expire goes by the name of flows, too.
func TestScanFlows(t *testing.T) {
	live, ctx := running(t, 10)
	count := func(name string) (n int) {
		if err := live.Scan(ctx, name, func(s inspect.Step) error { n += len(s.Index); return nil }); err != nil {
			t.Error(err)
		}
		return n
	}
	if flows, seen := count("flows"), count("seen"); flows != seen || flows == 0 {
		t.Errorf("%d flows, %d seen", flows, seen)
	}
}

func TestScanRefuses(t *testing.T) {
	live, ctx := running(t, 10)
	var unknown *inspect.UnknownError
	err := live.Scan(ctx, "flowers", func(inspect.Step) error { return nil })
	if !errors.As(err, &unknown) || !strings.Contains(err.Error(), "there are inner.names, seen") {
		t.Errorf("an unknown table: %v", err)
	}
	full := errors.New("enough")
	if err := live.Scan(ctx, "seen", func(inspect.Step) error { return full }); err != full {
		t.Errorf("stopping gives %v", err)
	}
	done, cancel := context.WithCancel(ctx)
	cancel()
	if err := live.Scan(done, "seen", func(inspect.Step) error { return nil }); err == nil {
		t.Error("scanned without a context")
	}
	if err := (&inspect.UnknownError{Name: "x"}).Error(); !strings.Contains(err, "has none") {
		t.Error(err)
	}
}

func TestEndedLoop(t *testing.T) {
	function := newStation()
	loop := dataplane.NewLoop(nf.Env{Devices: 2}, function.process, &memory.Queue{})
	live, err := inspect.NewLive(loop, function, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := loop.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := live.Do(t.Context(), func(inspect.Moment) {}); !errors.Is(err, dataplane.ErrEnded) {
		t.Errorf("got %v, want %v", err, dataplane.ErrEnded)
	}
	if _, err := inspect.NewLive(loop, 5, nil); err == nil {
		t.Error("a number is shown as a network function")
	}
}

// listed is a configuration with a list.
type listed[T any] struct {
	List []T
	Size int
}

func (l listed[T]) Validate() error { return nil }

// TestFieldsOfLists: a list of the configuration is nothing that packets change.
func TestFieldsOfLists(t *testing.T) {
	fields, err := inspect.Fields(&struct{ cfg listed[struct{ A [2]uint16 }] }{})
	if err != nil || len(fields) != 1 || fields[0].Path != "cfg.Size" {
		t.Errorf("got %v, %v", fields, err)
	}
}

// TestHasTimes: structures with times are known as such before they have an entry.
func TestHasTimes(t *testing.T) {
	var secret [5]uint64
	for want, list := range map[bool][]any{
		true: {libvig.NewTable[uint8, bool](2, secret), libvig.NewClassTable[uint8, bool](2, 2, secret), libvig.NewChain(2, libvig.HashKey{}),
			libvig.NewClassChain(2, 2, libvig.HashKey{})},
		false: {libvig.NewMap[uint8](2, secret), libvig.NewVector(2, true), libvig.NewRing(2, true), libvig.NewPortRange(1, 2, libvig.HashKey{}),
			libvig.NewDictionary(make([]libvig.Entry[uint8, bool], 2), secret), libvig.NewLPM(make([]libvig.Rule, 1)),
			libvig.NewClassifier(make([]libvig.ClassifierRule, 1))},
	} {
		for _, x := range list {
			view, _ := libvig.Watch(x)
			if got := (inspect.Structure{View: view}).HasTimes(); got != want {
				t.Errorf("%s has times: %v, want %v", view.Kind(), got, want)
			}
		}
	}
}
