package bench

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"

	"vigor/dataplane"
	"vigor/dataplane/memory"
	"vigor/dataplane/pcapfile"
	"vigor/nf"
)

// ring makes the traffic that is measured.
func (u *subject) ring() (*memory.Cycle, error) {
	packets, flows := u.packets(u.d), u.state.Flows
	c := memory.NewCycle(nil, 0)
	c.Grow(packets, packets*len(u.shape.frame))
	c.Tick = nf.Time(u.Burst) * nf.Millisecond / 1000
	switch u.Traffic {
	case Miss:
		c.Tick = u.gap() * nf.Time(u.Burst)
		for n := range uint64(packets) {
			u.flows.apply(u.shape, u.first()+uint64(flows)+n%uint64(2*flows))
			c.Add(u.shape.device, u.shape.frame)
		}
	case Reply:
		return c, u.replies(c, packets)
	default:
		order := newOrder(flows, u.Traffic == Sequential)
		for i := range packets {
			u.flows.apply(u.shape, u.first()+uint64(order.at(i)))
			c.Add(u.shape.device, u.shape.frame)
		}
	}
	u.state.Packets = packets
	return c, nil
}

// replies sends each flow's packet once, and turns around what leaves.
func (u *subject) replies(c *memory.Cycle, packets int) error {
	tap := &mirror{Cycle: u.sequence(u.first(), uint64(u.state.Flows))}
	tap.Now = u.now
	loop := dataplane.NewLoop(u.env, u.process, tap)
	if err := loop.Run(context.Background()); err != nil {
		return err
	}
	if len(tap.frames) != u.state.Flows {
		return fmt.Errorf("%s: %d flows are answered at %d devices: a reply needs one", u.d.name, u.state.Flows, len(tap.frames))
	}
	order := newOrder(u.state.Flows, false)
	for i := range packets {
		f := tap.frames[order.at(i)]
		c.Add(f.Device, f.Bytes)
	}
	u.state.Packets = packets
	return nil
}

// mirror keeps the answers to what is sent.
type mirror struct {
	*memory.Cycle
	frames []dataplane.Frame
}

// Exchange keeps what is sent before the cycle reuses its buffer.
func (m *mirror) Exchange(out, in *dataplane.Batch) error {
	for i := range out.Len() {
		for d := range nf.Device(nf.MaxDevices) {
			if out.To(i).Has(d) {
				reply := append([]byte(nil), out.Frame(i)...)
				answer(reply)
				m.frames = append(m.frames, dataplane.Frame{Bytes: reply, Device: d})
			}
		}
	}
	return m.Cycle.Exchange(out, in)
}

// capture writes the traffic to a capture file, so that others can be measured with it.
func (u *subject) capture(name string) error {
	file, err := os.Create(name)
	if err != nil {
		return fmt.Errorf("writing the traffic: %w", err)
	}
	buffered := bufio.NewWriter(file)
	w, err := pcapfile.NewWriter(buffered)
	at := nf.Time(0)
	for f := range u.traffic.Frames {
		if err != nil {
			break
		}
		err = w.Write(at, f.Bytes)
		at += nf.Millisecond / 1000
	}
	if err := errors.Join(err, buffered.Flush(), file.Close()); err != nil {
		_ = os.Remove(name) // half of the traffic is no use; a device stays
		return fmt.Errorf("writing the traffic to %s: %w", name, err)
	}
	return nil
}

// order is a sequence of flows: each pass has all of them, in an order of its own if it is random.
type order struct {
	flows  []uint32
	random *rand.Rand
}

func newOrder(flows int, sequential bool) *order {
	o := &order{flows: make([]uint32, flows)}
	for i := range o.flows {
		o.flows[i] = uint32(i)
	}
	if !sequential {
		o.random = rand.New(rand.NewPCG(1, 2))
	}
	return o
}

// at is the flow of packet i; it is asked for in turn.
func (o *order) at(i int) uint32 {
	i %= len(o.flows)
	if i == 0 && o.random != nil {
		o.random.Shuffle(len(o.flows), func(a, b int) { o.flows[a], o.flows[b] = o.flows[b], o.flows[a] })
	}
	return o.flows[i]
}
