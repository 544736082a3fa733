package dataplane_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"testing"

	"vigor/dataplane"
	"vigor/dataplane/memory"
	"vigor/nf"
)

// ledger is a back end that keeps books about its buffers. It delivers one burst and then ends.
type ledger struct {
	from  []nf.Device
	space [2]int // frames that each device can send

	given [4]int    // how often buffer i has come back
	sent  [4][2]int // how often buffer i was sent by each device
	bytes [4][8]byte
}

func (l *ledger) Exchange(out, in *dataplane.Batch) error {
	for i := range out.Len() {
		buffer := out.Handle(i)
		l.given[buffer]++
		if len(out.Frame(i)) != int(buffer)+1 {
			l.given[buffer] += 100 // not the length that the packet has
		}
		for d := range nf.Device(nf.MaxDevices) {
			switch {
			case !out.To(i).Has(d):
			case l.space[d] == 0:
				out.Refuse(i, d, nf.TransmitFull)
			default:
				l.space[d]--
				l.sent[buffer][d]++
			}
		}
	}
	if in.Room() == 0 {
		return nil
	}
	if l.from == nil {
		return io.EOF
	}
	for i, from := range l.from {
		in.Add(l.bytes[i][:i+1], from, 0, uint64(i))
	}
	l.from = nil
	return nil
}

func (l *ledger) Close() error { return nil }

// choice is an action on a packet with what must happen to it, independently of the loop's code: to
// lists the devices for a packet from device 0 and from device 1.
type choice struct {
	action nf.Action
	to     [2][]nf.Device
	why    [2]nf.Reason // one drop is counted for it, if it is set
}

var choices = []choice{
	{nf.Drop(nf.TableFull), [2][]nf.Device{}, [2]nf.Reason{nf.TableFull, nf.TableFull}},
	{nf.Forward(0), [2][]nf.Device{{0}, {0}}, [2]nf.Reason{}},
	{nf.Forward(1), [2][]nf.Device{{1}, {1}}, [2]nf.Reason{}},
	{nf.Forward(2), [2][]nf.Device{}, [2]nf.Reason{nf.NoSuchDevice, nf.NoSuchDevice}},
	{nf.Flood(), [2][]nf.Device{{1}, {0}}, [2]nf.Reason{}},
	{nf.ForwardAll(0), [2][]nf.Device{}, [2]nf.Reason{nf.NoOtherDevice, nf.NoOtherDevice}},
	{nf.ForwardAll(1), [2][]nf.Device{{}, {0}}, [2]nf.Reason{nf.NoOtherDevice, 0}},
	{nf.ForwardAll(3), [2][]nf.Device{{1}, {0}}, [2]nf.Reason{}},
	{nf.ForwardAll(6), [2][]nf.Device{{1}, {}}, [2]nf.Reason{nf.NoSuchDevice, nf.NoSuchDevice}},
}

// TestEveryBuffer runs all bursts of up to four packets from two devices, with every action, on every
// amount of space from none to enough: each buffer comes back once, is sent as often as the action
// says or refused, and nothing vanishes without being counted.
func TestEveryBuffer(t *testing.T) { everyBuffer(t, 4, 0) }

// TestEveryBufferOfASample is the same for bursts whose latency is measured, which are sent by an exchange of
// their own; with up to three packets.
func TestEveryBufferOfASample(t *testing.T) { everyBuffer(t, 3, 1) }

func everyBuffer(t *testing.T, packets, every int) {
	cases := 2 * len(choices) // a device and an action
	books := &ledger{}
	loop := dataplane.NewLoop(nf.Env{Devices: 2}, nil, books)
	loop.SampleLatency(every)
	for n := range packets + 1 {
		number := 1
		for range n {
			number *= cases
		}
		for code := range number {
			for s := range (n + 1) * (n + 1) {
				if problem := tryBurst(loop, books, n, code, [2]int{s / (n + 1), s % (n + 1)}); problem != "" {
					t.Fatalf("%d packets, case %d, space %d: %s", n, code, s, problem)
				}
			}
		}
	}
}

// tryBurst runs one burst, with new books, and says what is wrong.
func tryBurst(loop *dataplane.Loop, l *ledger, n, code int, space [2]int) string {
	*l = ledger{from: make([]nf.Device, n), space: space}
	var picked [4]choice
	for i := range n {
		l.from[i] = nf.Device(code % 2)
		picked[i] = choices[code/2%len(choices)]
		code /= 2 * len(choices)
	}
	from := l.from
	loop.Counters = dataplane.Counters{}
	loop.SetProcess(func(packets []nf.Packet, actions []nf.Action) {
		for i := range packets {
			actions[i] = picked[i].action
		}
	})
	if err := loop.Step(); err != nil {
		return err.Error()
	}
	if err := loop.Step(); err != io.EOF {
		return fmt.Sprintf("the second step gives %v", err)
	}
	return l.audit(from, picked[:n], space, &loop.Counters)
}

// audit compares the books with what the actions ask for.
func (l *ledger) audit(from []nf.Device, picked []choice, space [2]int, c *dataplane.Counters) string {
	var dropped [2][nf.Reasons]uint64
	var sent [2]uint64
	for i, p := range picked {
		d := from[i]
		var want [2]int
		for _, to := range p.to[d] {
			if space[to] > 0 {
				space[to]--
				want[to]++
				sent[to]++
			} else {
				dropped[d][nf.TransmitFull]++
			}
		}
		if p.why[d] != nf.NoReason {
			dropped[d][p.why[d]]++
		}
		if l.given[i] != 1 || l.sent[i] != want {
			return fmt.Sprintf("buffer %d came back %d times and was sent %v, want %v", i, l.given[i], l.sent[i], want)
		}
	}
	for d := range dropped {
		if c.Dropped[d] != dropped[d] || c.Sent[d] != sent[d] {
			return fmt.Sprintf("device %d: counted %v dropped, %d sent; want %v, %d", d, c.Dropped[d], c.Sent[d], dropped[d], sent[d])
		}
	}
	return ""
}

// keeper is a layer that keeps what leaves by device 1 for one exchange, and then sends it, if it can, or
// counts it.
type keeper struct {
	dataplane.IO
	kept [][]byte
	from []nf.Device
}

func (k *keeper) Exchange(out, in *dataplane.Batch) error {
	n := out.Len()
	for i, frame := range k.kept {
		if frame[0] == 3 || !out.Resume(frame, k.from[i], 1) {
			out.Drop(k.from[i], nf.NoNeighbour)
		}
	}
	k.kept, k.from = nil, nil
	for i := range n {
		if out.To(i).Has(1) {
			k.kept = append(k.kept, bytes.Clone(out.Frame(i)))
			k.from = append(k.from, out.From(i))
			out.Keep(i, 1)
		}
	}
	if out.Resume([]byte{9}, 2, 1) || out.Resume([]byte{9}, 1, 2) {
		return errors.New("there is no device 2")
	}
	return k.IO.Exchange(out, in)
}

// TestKeep: what a layer keeps is counted once, as sent or dropped, by the device that it came from.
func TestKeep(t *testing.T) {
	queue := &memory.Queue{Space: map[nf.Device]int{0: 9, 1: 1}}
	for i, first := range []byte{1, 2, 3} {
		queue.Put(0, nf.Time(i), []byte{first})
	}
	queue.Put(1, 4, []byte{4})
	loop := dataplane.NewLoop(nf.Env{Devices: 2}, func(packets []nf.Packet, actions []nf.Action) {
		for i := range packets {
			actions[i] = nf.Forward(1 - packets[i].Device())
		}
	}, &keeper{IO: queue})
	loop.SetBurst(1)
	for range 9 {
		if err := loop.Step(); err != nil && !errors.Is(err, io.EOF) {
			t.Fatal(err)
		}
	}
	c := &loop.Counters
	if c.Received[0] != 3 || c.Sent[1] != 1 || c.Dropped[0][nf.TransmitFull] != 1 || c.Dropped[0][nf.NoNeighbour] != 1 || c.Sent[0] != 1 {
		t.Errorf("received %d, sent %v, dropped %v", c.Received[0], c.Sent[:2], c.Dropped[0])
	}
}
