package afpacket_test

import (
	"bytes"
	"encoding/binary"
	"testing"
	"time"

	"vigor/dataplane"
	"vigor/dataplane/afpacket"
	"vigor/dataplane/conformance"
	"vigor/dataplane/netns"
	"vigor/nf"
)

func TestConformance(t *testing.T) {
	for name, cfg := range map[string]afpacket.Config{"usual": {}, "busy": {Blocks: 16, Busy: true}} {
		t.Run(name, func(t *testing.T) {
			open := func(devices []string) (dataplane.IO, error) { return afpacket.Open(devices, cfg) }
			for _, problem := range conformance.Check(conformance.Veth(t, open), 1514) {
				t.Error(problem)
			}
		})
	}
}

// forms are a configuration for each form of the ring, with few blocks.
var forms = map[string]afpacket.Config{"blocks": {Blocks: 4}, "slots": {Blocks: 2, Busy: true}}

// rig is a back end on all devices of a lab, with a loop that floods.
type rig struct {
	*netns.Lab
	io    *afpacket.IO
	loop  *dataplane.Loop
	wires []*netns.Wire // the far ends
}

// newRig opens the devices of a lab.
func newRig(t testing.TB, lab *netns.Lab, cfg afpacket.Config) *rig {
	t.Helper()
	r := &rig{Lab: lab}
	for _, host := range lab.Hosts {
		r.wires = append(r.wires, host.Wire(t, netns.HostDevice))
	}
	r.io = open(t, lab, cfg)
	r.loop = flooding(r.io, len(lab.Hosts))
	return r
}

// open opens the devices of a lab.
func open(t testing.TB, lab *netns.Lab, cfg afpacket.Config) *afpacket.IO {
	t.Helper()
	var io *afpacket.IO
	var err error
	lab.Own.Do(t, func() { io, err = afpacket.Open(lab.Devices(), cfg) })
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { io.Close() })
	return io
}

// flooding is a loop that sends every frame by all other devices.
func flooding(io dataplane.IO, devices int) *dataplane.Loop {
	return dataplane.NewLoop(nf.Env{Devices: devices}, func(packets []nf.Packet, actions []nf.Action) {
		for i := range packets {
			actions[i] = nf.Flood()
		}
	}, io)
}

// until steps until something holds, five seconds at most.
func until(t testing.TB, loop *dataplane.Loop, holds func(c *dataplane.Counters) bool) {
	t.Helper()
	for limit := time.Now().Add(5 * time.Second); !holds(&loop.Counters); {
		if time.Now().After(limit) {
			t.Fatalf("waited in vain: received %v, sent %v, dropped %v", loop.Counters.Received[:3], loop.Counters.Sent[:3], loop.Counters.Dropped[:3])
		}
		if err := loop.Step(); err != nil {
			t.Fatal(err)
		}
	}
	if err := loop.Flush(); err != nil {
		t.Fatal(err)
	}
}

// frame is one of a length, with a number.
func frame(number, length int) []byte {
	f := bytes.Repeat([]byte{byte(number)}, length)
	copy(f, []byte{2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, conformance.EtherType >> 8, conformance.EtherType & 0xFF})
	binary.BigEndian.PutUint32(f[14:], uint32(number))
	return f
}

// TestTags: VLAN tags, which the kernel takes out of frames, reach the network function and leave again.
func TestTags(t *testing.T) {
	for name, cfg := range forms {
		t.Run(name, func(t *testing.T) { testTags(t, newRig(t, netns.New(t, 2), cfg)) })
	}
}

func testTags(t *testing.T, r *rig) {
	insert := func(tags ...byte) []byte {
		f := frame(7, 90)
		return append(append(bytes.Clone(f[:12]), tags...), f[12:]...)
	}
	list := [][]byte{
		insert(), insert(0x81, 0, 0x20, 5), insert(0x88, 0xA8, 0xFF, 0xFF), insert(0x81, 0, 0, 0),
		insert(0x88, 0xA8, 0, 6, 0x81, 0, 0, 7), insert(0x81, 0, 0x10, 1, 0x81, 0, 0, 2),
	}
	var seen [][]byte
	r.loop.SetProcess(func(packets []nf.Packet, actions []nf.Action) {
		for i := range packets {
			seen = append(seen, bytes.Clone(packets[i].Bytes()))
			actions[i] = nf.Flood()
		}
	})
	for _, f := range list {
		if err := r.wires[0].Send(f); err != nil {
			t.Fatal(err)
		}
	}
	until(t, r.loop, func(c *dataplane.Counters) bool { return c.Received[0] >= uint64(len(list)) })
	got, err := r.wires[1].All(50 * time.Millisecond)
	if err != nil || len(got) != len(list) || len(seen) != len(list) {
		t.Fatalf("%d frames seen, %d sent, %v; want %d", len(seen), len(got), err, len(list))
	}
	for i, want := range list {
		if !bytes.Equal(seen[i], want) || !bytes.Equal(got[i], want) {
			t.Errorf("frame %d:\nwant % x\nseen % x\nsent % x", i, want[:24], seen[i][:24], got[i][:24])
		}
	}
}

// TestLongFrames: what a device cannot send is counted, and does not hold up the frames behind it.
func TestLongFrames(t *testing.T) {
	lab := netns.New(t, 2)
	lab.Own.Run(t, "ip", "link", "set", "dev0", "mtu", "9000")
	lab.Hosts[0].Run(t, "ip", "link", "set", netns.HostDevice, "mtu", "9000")
	r := newRig(t, lab, afpacket.Config{})
	for i, length := range []int{60, 9014, 1515, 1514} {
		if err := r.wires[0].Send(frame(i, length)); err != nil {
			t.Fatal(err)
		}
	}
	until(t, r.loop, func(c *dataplane.Counters) bool { return c.Received[0] == 4 })
	got, err := r.wires[1].All(50 * time.Millisecond)
	if err != nil || len(got) != 2 || len(got[1]) != 1514 || r.loop.Counters.Dropped[0][nf.Oversize] != 2 {
		t.Errorf("%d frames were sent, %v, dropped %v; want the first and the last, and 2 oversize",
			len(got), err, r.loop.Counters.Dropped[0])
	}
}

// TestLongerThanASlot: frames that do not fit, since the MTU has grown, are counted as truncated.
func TestLongerThanASlot(t *testing.T) {
	lab := netns.New(t, 2)
	r := newRig(t, lab, afpacket.Config{Busy: true})
	lab.Own.Run(t, "ip", "link", "set", "dev0", "mtu", "9000")
	lab.Hosts[0].Run(t, "ip", "link", "set", netns.HostDevice, "mtu", "9000")
	for i, length := range []int{60, 5000, 1514} {
		if err := r.wires[0].Send(frame(i, length)); err != nil {
			t.Fatal(err)
		}
	}
	until(t, r.loop, func(c *dataplane.Counters) bool { return c.Received[0] == 3 })
	if c := &r.loop.Counters; c.Sent[1] != 2 || c.Dropped[0][nf.Truncated] != 1 {
		t.Errorf("%d frames were sent, %v dropped; want 2, and one truncated", c.Sent[1], c.Dropped[0])
	}
}

// TestMemoryIsKept: frames stay as the network function left them until they have been sent, though the
// kernel has more than it can store.
func TestMemoryIsKept(t *testing.T) {
	for name, cfg := range forms {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, netns.New(t, 2), cfg)
			var want [][]byte
			r.loop.SetProcess(func(packets []nf.Packet, actions []nf.Action) {
				for i := range packets {
					want = append(want, bytes.Clone(packets[i].Bytes()))
					actions[i] = nf.Flood()
				}
			})
			for number := range 4000 {
				if err := r.wires[0].Send(frame(number, 1000)); err != nil {
					t.Fatal(err)
				}
				if number%400 == 399 {
					if err := r.loop.Step(); err != nil {
						t.Fatal(err)
					}
				}
			}
			if err := r.loop.Flush(); err != nil {
				t.Fatal(err)
			}
			got, err := r.wires[1].All(50 * time.Millisecond)
			if err != nil || len(got) != len(want) || len(got) < 5*dataplane.BurstSize {
				t.Fatalf("%d frames were sent of %d, %v", len(got), len(want), err)
			}
			for i := range want {
				if !bytes.Equal(got[i], want[i]) {
					t.Fatalf("frame %d was sent as % x, and decided as % x", i, got[i][:20], want[i][:20])
				}
			}
		})
	}
}

// TestShortFrames: a network function may leave anything in a frame, but not its length; a layer may
// inject what is no frame.
func TestShortFrames(t *testing.T) {
	r := newRig(t, netns.New(t, 2), afpacket.Config{})
	short := injector{IO: r.io, frames: [][]byte{{}, make([]byte, 13), frame(1, 60)}}
	loop := flooding(&short, 2)
	until(t, loop, func(c *dataplane.Counters) bool { return c.Sent[1] == 1 })
	if n := loop.Counters.Dropped[1][nf.Malformed]; n != 2 {
		t.Errorf("%d frames are malformed, want 2: %v", n, loop.Counters.Dropped[1])
	}
	if got, err := r.wires[1].All(50 * time.Millisecond); err != nil || len(got) != 1 {
		t.Errorf("%d frames were sent, %v; want one", len(got), err)
	}
}

// injector injects frames once, by device 1.
type injector struct {
	dataplane.IO
	frames [][]byte
}

func (i *injector) Exchange(out, in *dataplane.Batch) error {
	for _, f := range i.frames {
		out.Inject(f, 1)
	}
	i.frames = nil
	return i.IO.Exchange(out, in)
}

// TestOverflow: frames for which the blocks have no room are counted.
func TestOverflow(t *testing.T) {
	r := newRig(t, netns.New(t, 2), afpacket.Config{Blocks: 2})
	const number = 1000
	for i := range number {
		if err := r.wires[0].Send(frame(i, 1000)); err != nil {
			t.Fatal(err)
		}
	}
	until(t, r.loop, func(c *dataplane.Counters) bool { return c.Received[0] == number })
	c := &r.loop.Counters
	if lost := c.Dropped[0][nf.ReceiveFull]; lost < number/2 || c.Sent[1]+lost != number {
		t.Errorf("%d frames were lost and %d sent of %d", lost, c.Sent[1], number)
	}
	r.wires[0].Send(frame(0, 60))
	until(t, r.loop, func(c *dataplane.Counters) bool { return c.Received[0] == number+1 })
}

func TestNothingAllocates(t *testing.T) {
	for name, cfg := range forms {
		t.Run(name, func(t *testing.T) { testAllocations(t, newRig(t, netns.New(t, 2), cfg)) })
	}
}

func testAllocations(t *testing.T, r *rig) {
	f := frame(0, 200)
	got := testing.AllocsPerRun(200, func() {
		for range dataplane.BurstSize {
			if err := r.wires[0].Send(f); err != nil {
				t.Fatal(err)
			}
		}
		if err := r.loop.Step(); err != nil {
			t.Fatal(err)
		}
	})
	if got != 0 || r.loop.Counters.Sent[1] == 0 {
		t.Errorf("%v allocations per exchange with %d frames sent, want 0", got, r.loop.Counters.Sent[1])
	}
}
