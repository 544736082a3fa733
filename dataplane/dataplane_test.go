package dataplane_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"testing"

	"vigor/dataplane"
	"vigor/dataplane/memory"
	"vigor/nf"
)

// each makes a burst function of one for single packets.
func each(process func(p *nf.Packet) nf.Action) dataplane.Burst {
	return func(packets []nf.Packet, actions []nf.Action) {
		for i := range packets {
			actions[i] = process(&packets[i])
		}
	}
}

// run puts frames through a loop of four devices and returns what was sent, as "device:first byte".
func run(t *testing.T, frames []dataplane.Frame, process func(p *nf.Packet) nf.Action) ([]string, dataplane.Counters) {
	t.Helper()
	queue := &memory.Queue{}
	for _, f := range frames {
		queue.Put(f.Device, f.Time, f.Bytes)
	}
	loop := dataplane.NewLoop(nf.Env{Devices: 4}, each(process), queue)
	if err := loop.Run(context.Background()); err != nil {
		t.Fatal(err)
	}
	var sent []string
	for _, f := range queue.Sent() {
		sent = append(sent, fmt.Sprintf("%d:%d", f.Device, f.Bytes[0]))
	}
	return sent, loop.Counters
}

func TestActionsAreCarriedOut(t *testing.T) {
	all := ^nf.Devices(0) >> 60
	for _, test := range []struct {
		name    string
		action  nf.Action
		want    []string
		dropped nf.Reason
	}{
		{"drop", nf.Drop(nf.TableFull), nil, nf.TableFull},
		{"drop without reason", nf.Action{}, nil, nf.NoReason},
		{"drop for an unknown reason", nf.Drop(200), nil, nf.NoReason},
		{"forward", nf.Forward(3), []string{"3:7"}, nf.NoReason},
		{"forward back", nf.Forward(1), []string{"1:7"}, nf.NoReason},
		{"forward to nowhere", nf.Forward(4), nil, nf.NoSuchDevice},
		{"flood", nf.Flood(), []string{"0:7", "2:7", "3:7"}, nf.NoReason},
		{"a set", nf.ForwardAll(nf.Devices(0).With(0).With(3)), []string{"0:7", "3:7"}, nf.NoReason},
		{"a set with the ingress", nf.ForwardAll(all), []string{"0:7", "2:7", "3:7"}, nf.NoReason},
		{"the empty set", nf.ForwardAll(0), nil, nf.NoOtherDevice},
		{"a set of the ingress alone", nf.ForwardAll(nf.Devices(0).With(1)), nil, nf.NoOtherDevice},
		{"a set beyond the devices", nf.ForwardAll(nf.Devices(0).With(2).With(63)), []string{"2:7"}, nf.NoSuchDevice},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, c := run(t, []dataplane.Frame{{Bytes: []byte{7}, Device: 1}}, func(*nf.Packet) nf.Action { return test.action })
			if !slices.Equal(got, test.want) {
				t.Errorf("sent %v, want %v", got, test.want)
			}
			dropped := uint64(0)
			if test.dropped != nf.NoReason || test.action.Kind == nf.Dropped {
				dropped = 1
			}
			if c.Received[1] != 1 || c.Dropped[1][test.dropped] != dropped {
				t.Errorf("received %d, dropped %d for %v; want 1, %d", c.Received[1], c.Dropped[1][test.dropped], test.dropped, dropped)
			}
		})
	}
}

// TestOrderIsKept sends more than one burst, and rewrites each packet.
func TestOrderIsKept(t *testing.T) {
	var frames []dataplane.Frame
	var want []string
	for i := range 100 {
		frames = append(frames, dataplane.Frame{Bytes: []byte{byte(i)}, Device: nf.Device(i % 3)})
		want = append(want, fmt.Sprintf("3:%d", i+100))
	}
	got, c := run(t, frames, func(p *nf.Packet) nf.Action {
		p.Bytes()[0] += 100
		return nf.Forward(3)
	})
	if !slices.Equal(got, want) || c.Sent[3] != 100 || c.Received[0] != 34 {
		t.Errorf("sent %v (%d), received %d", got, c.Sent[3], c.Received[0])
	}
}

// TestWhatProofsAssume: time does not decrease, capacity is length, devices exist, frames are at most
// 65,535 bytes long.
func TestWhatProofsAssume(t *testing.T) {
	var times []nf.Time
	io := &fixed{frames: []dataplane.Frame{
		{Bytes: make([]byte, 5, 99), Time: 10}, {Bytes: make([]byte, 5, 99), Time: 3},
		{Bytes: make([]byte, 5, 99), Device: 4, Time: 20}, {Bytes: make([]byte, 5, 99), Time: -8},
		{Bytes: make([]byte, 65536), Time: 21}, {Bytes: make([]byte, 5, 99), Time: 11},
	}}
	loop := dataplane.NewLoop(nf.Env{Devices: 4}, each(func(p *nf.Packet) nf.Action {
		if cap(p.Bytes()) != 5 || p.Device() >= 4 {
			t.Errorf("packet with capacity %d on device %d", cap(p.Bytes()), p.Device())
		}
		times = append(times, p.Time())
		return nf.Drop(nf.Malformed)
	}), io)
	if err := loop.Run(context.Background()); err != nil {
		t.Fatal(err)
	}
	if want := []nf.Time{10, 10, 10, 11}; !slices.Equal(times, want) {
		t.Errorf("times %v, want %v", times, want)
	}
	c := &loop.Counters
	if c.Dropped[0][nf.Malformed] != 4 || c.Dropped[0][nf.Oversize] != 1 || c.Received[0] != 5 {
		t.Errorf("dropped %d malformed and %d oversize of %d; want 4, 1 of 5",
			c.Dropped[0][nf.Malformed], c.Dropped[0][nf.Oversize], c.Received[0])
	}
	if want := []int{2, 4}; !slices.Equal(io.kept, want) {
		t.Errorf("the back end keeps the buffers %v, want %v", io.kept, want)
	}
}

// fixed hands over its frames in one burst, as they are; then it fails or ends. It sends only what
// starts with an even byte.
type fixed struct {
	frames []dataplane.Frame
	err    error
	kept   []int // the frames that the batch did not take
}

func (f *fixed) Exchange(out, in *dataplane.Batch) error {
	for i := range out.Len() {
		for d := range nf.Device(nf.MaxDevices) {
			if out.To(i).Has(d) && out.Frame(i)[0]%2 == 1 {
				out.Refuse(i, d, nf.TransmitFull)
			}
		}
	}
	if len(f.frames) == 0 {
		return cmp.Or(f.err, io.EOF)
	}
	for i, frame := range f.frames {
		if !in.Add(frame.Bytes, frame.Device, frame.Time, uint64(i)) {
			f.kept = append(f.kept, i)
		}
	}
	f.frames = nil
	return nil
}

func (f *fixed) Close() error { return nil }

func TestRefusedFramesAreCounted(t *testing.T) {
	io := &fixed{frames: []dataplane.Frame{{Bytes: []byte{1}, Device: 2}, {Bytes: []byte{2}, Device: 3}}}
	loop := dataplane.NewLoop(nf.Env{Devices: 4}, each(func(*nf.Packet) nf.Action { return nf.Flood() }), io)
	if err := loop.Run(context.Background()); err != nil {
		t.Fatal(err)
	}
	c := &loop.Counters
	if c.Dropped[2][nf.TransmitFull] != 3 || c.Dropped[3][nf.TransmitFull] != 0 || c.Sent[0] != 1 || c.Sent[3] != 0 {
		t.Errorf("got %v dropped and %v sent", c.Dropped[2], c.Sent[:4])
	}
}

// failing receives a frame by each of two devices, and fails.
type failing struct{ memory.Queue }

var errPulled = errors.New("cable pulled")

func (f *failing) Exchange(out, in *dataplane.Batch) error {
	for d := range nf.Device(2) {
		in.Add([]byte{1}, d, 0, 0)
	}
	return errPulled
}

// TestFailureIsCounted: what a back end has received when it fails is dropped, not lost, and once.
func TestFailureIsCounted(t *testing.T) {
	loop := dataplane.NewLoop(nf.Env{Devices: 2}, nil, keeping{&failing{}})
	if err := loop.Run(context.Background()); !errors.Is(err, errPulled) {
		t.Fatal(err)
	}
	c := &loop.Counters
	if c.Received[0] != 1 || c.Received[1] != 1 || c.Dropped[0][nf.LinkControl] != 1 || c.Dropped[1][nf.ReceiveFull] != 1 ||
		c.Dropped[0][nf.ReceiveFull] != 0 {
		t.Errorf("received %v, dropped %v and %v", c.Received[:2], c.Dropped[0], c.Dropped[1])
	}
}

// keeping withholds the first packet.
type keeping struct{ dataplane.IO }

func (k keeping) Exchange(out, in *dataplane.Batch) error {
	err := k.IO.Exchange(out, in)
	in.Withhold(0, 0, nf.LinkControl)
	return err
}

// TestFloodOnOneDevice: nothing is lost without a reason.
func TestFloodOnOneDevice(t *testing.T) {
	queue := &memory.Queue{}
	queue.Put(0, 0, []byte{1})
	loop := dataplane.NewLoop(nf.Env{Devices: 1}, each(func(*nf.Packet) nf.Action { return nf.Flood() }), queue)
	if err := loop.Run(context.Background()); err != nil || loop.Counters.Dropped[0][nf.NoOtherDevice] != 1 {
		t.Errorf("dropped %v, %v; want one for no_other_device", loop.Counters.Dropped[0], err)
	}
}

// layer stands between loop and back end: it keeps what begins with a byte below 10, sends that back if
// it is odd, and sends a frame of its own by device 2 each time.
type layer struct{ dataplane.IO }

func (l layer) Exchange(out, in *dataplane.Batch) error {
	out.Inject([]byte{200}, 2)
	if out.Inject([]byte{200}, 4) {
		return errors.New("there is no device 4")
	}
	err := l.IO.Exchange(out, in)
	for i := range in.Len() {
		switch first := in.Frame(i)[0]; {
		case first < 10 && first%2 == 1:
			in.Withhold(i, nf.Devices(0).With(in.From(i)), nf.NoReason)
		case first < 10:
			in.Withhold(i, 0, nf.LinkControl)
		}
	}
	return err
}

// greedy is a layer above another: it drops all that arrives.
type greedy struct{ dataplane.IO }

func (g greedy) Exchange(out, in *dataplane.Batch) error {
	err := g.IO.Exchange(out, in)
	for i := range in.Len() {
		in.Withhold(i, 0, nf.Unconnected)
	}
	return err
}

// TestLayersAgree: the lowest layer that withholds a packet decides what becomes of it, and it alone counts it.
func TestLayersAgree(t *testing.T) {
	queue := &memory.Queue{}
	for _, first := range []byte{1, 2, 20} {
		queue.Put(1, 0, []byte{first})
	}
	loop := dataplane.NewLoop(nf.Env{Devices: 4}, each(func(*nf.Packet) nf.Action { return nf.Flood() }), greedy{layer{queue}})
	if err := loop.Run(context.Background()); err != nil {
		t.Fatal(err)
	}
	c := &loop.Counters
	if c.Sent[1] != 1 || c.Dropped[1][nf.LinkControl] != 1 || c.Dropped[1][nf.Unconnected] != 1 {
		t.Errorf("sent %d, dropped %v", c.Sent[1], c.Dropped[1])
	}
}

func TestLayer(t *testing.T) {
	queue := &memory.Queue{}
	for i, first := range []byte{1, 20, 2, 21, 3, 22} {
		queue.Put(nf.Device(i%2), nf.Time(i), []byte{first})
	}
	var seen []byte
	loop := dataplane.NewLoop(nf.Env{Devices: 4}, each(func(p *nf.Packet) nf.Action {
		seen = append(seen, p.Bytes()[0])
		return nf.Forward(3)
	}), layer{queue})
	if err := loop.Run(context.Background()); err != nil {
		t.Fatal(err)
	}
	var sent []string
	for _, f := range queue.Sent() {
		sent = append(sent, fmt.Sprintf("%d:%d", f.Device, f.Bytes[0]))
	}
	want := []string{"2:200", "3:20", "3:21", "3:22", "0:1", "0:3", "2:200"}
	c := &loop.Counters
	if !slices.Equal(seen, []byte{20, 21, 22}) || !slices.Equal(sent, want) || c.Dropped[0][nf.LinkControl] != 1 {
		t.Errorf("the function saw %v, sent %v; want %v", seen, sent, want)
	}
	if c.Received[0] != 3 || c.Received[1] != 3 || c.Sent[2] != 2 || c.Sent[0] != 2 || c.Sent[3] != 3 {
		t.Errorf("received %v, sent %v", c.Received[:4], c.Sent[:4])
	}
}

// TestDo: functions run between steps while packets flow, and not after the end.
func TestDo(t *testing.T) {
	cycle := memory.NewCycle([]dataplane.Frame{{Bytes: make([]byte, 64)}}, 1<<60)
	loop := dataplane.NewLoop(nf.Env{Devices: 2}, each(func(*nf.Packet) nf.Action { return nf.Forward(1) }), cycle)
	ctx, cancel := context.WithCancel(context.Background())
	result := make(chan error)
	go func() { result <- loop.Run(ctx) }()
	var seen [2]uint64
	for i := range seen {
		if err := loop.Do(ctx, func() { seen[i] = loop.Counters.Received[0] }); err != nil {
			t.Fatal(err)
		}
	}
	if seen[0] >= seen[1] || seen[0]%dataplane.BurstSize != 0 {
		t.Errorf("received %v; want whole bursts, and more the second time", seen)
	}
	cancel()
	if err := <-result; !errors.Is(err, context.Canceled) {
		t.Errorf("Run gives %v", err)
	}
	if c := &loop.Counters; cycle.Sent != c.Received[0] || c.Sent[1] != c.Received[0] {
		t.Errorf("%d received, %d sent: what was decided must be sent at the end", c.Received[0], cycle.Sent)
	}
	if err := loop.Do(context.Background(), func() { t.Error("called after the end") }); !errors.Is(err, dataplane.ErrEnded) {
		t.Errorf("Do gives %v, want %v", err, dataplane.ErrEnded)
	}
}

func TestRunEnds(t *testing.T) {
	broken := errors.New("cable pulled")
	loop := dataplane.NewLoop(nf.Env{Devices: 1}, each(func(*nf.Packet) nf.Action { return nf.Flood() }), &fixed{err: broken})
	if err := loop.Run(context.Background()); !errors.Is(err, broken) {
		t.Errorf("got %v, want %v", err, broken)
	}
	loop = dataplane.NewLoop(nf.Env{Devices: 1}, nil, &memory.Queue{})
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := loop.Run(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want %v", err, context.Canceled)
	}
}

func TestNewEnv(t *testing.T) {
	for devices, want := range map[int]bool{-1: false, 0: false, 1: true, 64: true, 65: false} {
		if _, err := dataplane.NewEnv(devices); (err == nil) != want {
			t.Errorf("%d devices: %v", devices, err)
		}
	}
	a, _ := dataplane.NewEnv(2)
	b, _ := dataplane.NewEnv(2)
	if a.HashKey == b.HashKey {
		t.Error("two programs have the same hash key")
	}
}

func TestNothingAllocates(t *testing.T) {
	frames := []dataplane.Frame{{Bytes: make([]byte, 64), Device: 0}, {Bytes: make([]byte, 1500), Device: 1}}
	cycle := memory.NewCycle(frames, 1<<40)
	loop := dataplane.NewLoop(nf.Env{Devices: 4}, each(func(*nf.Packet) nf.Action { return nf.Flood() }), cycle)
	got := testing.AllocsPerRun(100, func() {
		if err := loop.Step(); err != nil {
			t.Fatal(err)
		}
	})
	if got != 0 || cycle.Sent == 0 {
		t.Errorf("%v allocations per burst, want 0", got)
	}
}
