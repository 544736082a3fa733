package afxdp

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"vigor/dataplane"
	"vigor/dataplane/conformance"
	"vigor/dataplane/netns"
	"vigor/nf"
)

// forward sends everything from each device to the next one, out of some.
func forward(devices int) dataplane.Burst {
	return func(packets []nf.Packet, actions []nf.Action) {
		for i := range packets {
			actions[i] = nf.Forward((packets[i].Device() + 1) % nf.Device(devices))
		}
	}
}

// discard drops everything.
func discard(packets []nf.Packet, actions []nf.Action) {
	for i := range packets {
		actions[i] = nf.Drop(nf.Fragment)
	}
}

// frame is one of ours, of a length in bytes, with a number.
func frame(size int, number byte) []byte {
	f := bytes.Repeat([]byte{number}, size)
	copy(f, []byte{2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, conformance.EtherType >> 8, conformance.EtherType & 0xFF})
	return f
}

// mine are the frames among those captured that are ours.
func mine(t *testing.T, w *netns.Wire) [][]byte {
	t.Helper()
	all, err := w.All(100 * time.Millisecond)
	if err != nil {
		t.Fatal(err)
	}
	return slices.DeleteFunc(all, func(f []byte) bool {
		return len(f) < 14 || f[12] != conformance.EtherType>>8 || f[13] != conformance.EtherType&0xFF
	})
}

// eachMode runs a test in every mode, with a lab of some devices and their other ends.
func eachMode(t *testing.T, devices int, cfg Config, f func(t *testing.T, lab *netns.Lab, hosts []*netns.Wire, cfg Config)) {
	for _, name := range slices.Sorted(maps.Keys(modes)) {
		t.Run(name, func(t *testing.T) {
			lab := netns.New(t, devices)
			cfg.Generic = modes[name].Generic
			f(t, lab, wires(t, lab), cfg)
		})
	}
}

// TestLostFramesAreCounted sends more than the rings hold, and frames that fit into no chunk, while nobody
// receives: all are received or counted.
func TestLostFramesAreCounted(t *testing.T) {
	eachMode(t, 1, Config{Ring: 64}, func(t *testing.T, lab *netns.Lab, hosts []*netns.Wire, cfg Config) {
		x := open(t, lab, cfg)
		lengthen(t, lab)
		loop := dataplane.NewLoop(nf.Env{Devices: 1}, discard, x)
		const long, fitting = 50, 1000
		for range long {
			send(t, hosts[0], frame(1793, 1))
		}
		for range fitting {
			send(t, hosts[0], frame(1792, 2))
		}
		receive(t, loop, 0, long+fitting)
		lost := loop.Counters.Dropped[0]
		if lost[nf.Truncated] != long || lost[nf.ReceiveFull] != fitting-64 || loop.Counters.Received[0] != long+fitting {
			t.Errorf("%d truncated, %d receive_full, %d received, want %d, %d, %d", lost[nf.Truncated],
				lost[nf.ReceiveFull], loop.Counters.Received[0], long, fitting-64, long+fitting)
		}
		// It has recovered, and nothing is counted twice.
		send(t, hosts[0], frame(60, 3))
		receive(t, loop, 0, long+fitting+1)
		if got := loop.Counters.Received[0]; got != long+fitting+1 {
			t.Errorf("%d received afterwards, want %d", got, long+fitting+1)
		}
	})
}

func send(t *testing.T, w *netns.Wire, f []byte) {
	t.Helper()
	if err := w.Send(f); err != nil {
		t.Fatal(err)
	}
}

// await waits until something holds, five seconds at most; the kernel may deliver frames later than it
// has taken them.
func await(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for limit := time.Now().Add(5 * time.Second); !holds(); time.Sleep(time.Millisecond) {
		if time.Now().After(limit) {
			t.Fatalf("after five seconds: not %s", what)
		}
	}
}

// receive makes steps until a device has received a number of frames in all, lost ones among them, and some
// more in which none may come; then it flushes.
func receive(t *testing.T, loop *dataplane.Loop, device nf.Device, n uint64) {
	t.Helper()
	await(t, fmt.Sprintf("%d frames received", n), func() bool {
		if err := loop.Step(); err != nil {
			t.Fatal(err)
		}
		return loop.Counters.Received[device] >= n
	})
	steps(t, loop, 3)
}

// steps makes some steps and flushes.
func steps(t *testing.T, loop *dataplane.Loop, n int) {
	t.Helper()
	for range n {
		if err := loop.Step(); err != nil {
			t.Fatal(err)
		}
	}
	if err := loop.Flush(); err != nil {
		t.Fatal(err)
	}
}

// TestOneExchangeSendsAll gives a device more frames than the kernel sends in one call.
func TestOneExchangeSendsAll(t *testing.T) {
	eachMode(t, 2, Config{}, func(t *testing.T, lab *netns.Lab, hosts []*netns.Wire, cfg Config) {
		injected := 0
		w := &watched{IO: open(t, lab, cfg), t: t}
		w.inject = func(out *dataplane.Batch) {
			for out.Len() > 0 && out.Inject(frame(100, 255), 1) {
				injected++
			}
		}
		loop := dataplane.NewLoop(nf.Env{Devices: 2}, forward(2), w)
		loop.SetBurst(dataplane.MaxBurst)
		for i := range dataplane.MaxBurst {
			send(t, hosts[0], frame(60, byte(i)))
		}
		await(t, "all arrived", func() bool { return w.devices[0].rx.arrived() == dataplane.MaxBurst })
		if err := loop.Step(); err != nil {
			t.Fatal(err)
		}
		if err := loop.Flush(); err != nil {
			t.Fatal(err)
		}
		got := mine(t, hosts[1])
		if injected <= 0 || len(got) != dataplane.MaxBurst+injected {
			t.Fatalf("%d frames have left, want %d and %d", len(got), dataplane.MaxBurst, injected)
		}
		for i, f := range got {
			want := frame(60, byte(i))
			if i >= dataplane.MaxBurst {
				want = frame(100, 255)
			}
			if !bytes.Equal(f, want) {
				t.Errorf("frame %d is not the one that was sent", i)
			}
		}
	})
}

// TestWhatCannotBeSentIsCounted injects frames that are no frames, or fit into no chunk. One that fits, but is
// longer than the MTU, is sent, and lost by the other end; its chunk comes back, else Close would complain.
func TestWhatCannotBeSentIsCounted(t *testing.T) {
	lab := netns.New(t, 1)
	hosts := wires(t, lab)
	w := &watched{IO: open(t, lab, Config{}), t: t}
	sizes := []int{0, 1, 13, 14, 1514, 2048, 2049, 65535}
	w.inject = func(out *dataplane.Batch) {
		for _, size := range sizes {
			if !out.Inject(frame(max(size, 14), 7)[:size], 0) {
				t.Error("there is no room")
			}
		}
	}
	loop := dataplane.NewLoop(nf.Env{Devices: 1}, discard, w)
	if err := loop.Flush(); err != nil {
		t.Fatal(err)
	}
	c := &loop.Counters
	if c.Dropped[0][nf.Malformed] != 3 || c.Dropped[0][nf.Oversize] != 2 || c.Sent[0] != 3 {
		t.Errorf("%d malformed, %d oversize, %d sent, want 3, 2, 3", c.Dropped[0][nf.Malformed], c.Dropped[0][nf.Oversize], c.Sent[0])
	}
	if got := mine(t, hosts[0]); len(got) != 2 || len(got[0]) != 14 || len(got[1]) != 1514 {
		t.Errorf("%d frames have left, want one of 14 bytes and one of 1514", len(got))
	}
}

// TestLargeFrames forwards frames of up to the largest MTU, in both modes.
func TestLargeFrames(t *testing.T) {
	for name, mtu := range map[string]int{"native": 3400, "generic": 3818} {
		t.Run(name, func(t *testing.T) {
			lab := netns.New(t, 2)
			for i, device := range lab.Devices() {
				lab.Own.Run(t, "ip", "link", "set", device, "mtu", fmt.Sprint(mtu))
				lab.Hosts[i].Run(t, "ip", "link", "set", netns.HostDevice, "mtu", fmt.Sprint(mtu))
			}
			hosts := wires(t, lab)
			x := open(t, lab, modes[name])
			if !strings.HasPrefix(x.Mode(), "dev0: "+name) {
				t.Fatalf("the mode is %s, want %s", x.Mode(), name)
			}
			loop := dataplane.NewLoop(nf.Env{Devices: 2}, forward(2), x)
			for size := mtu - 300; size <= mtu+14; size++ {
				send(t, hosts[0], frame(size, byte(size)))
			}
			receive(t, loop, 0, 315)
			got := mine(t, hosts[1])
			if len(got) != 315 {
				t.Fatalf("%d frames have left, want 315", len(got))
			}
			for i, f := range got {
				if size := mtu - 300 + i; !bytes.Equal(f, frame(size, byte(size))) {
					t.Errorf("frame %d has %d bytes, want %d of its own", i, len(f), size)
				}
			}
		})
	}
}

// TestDevicesTakeTurns has more arrive at each device than a burst takes: none is served before another one
// more than once.
func TestDevicesTakeTurns(t *testing.T) {
	const devices = 3
	lab := netns.New(t, devices)
	hosts := wires(t, lab)
	x := open(t, lab, Config{})
	loop := dataplane.NewLoop(nf.Env{Devices: devices}, discard, x)
	for range 4 * dataplane.BurstSize {
		for _, host := range hosts {
			send(t, host, frame(60, 1))
		}
	}
	for i := range x.devices {
		await(t, "all arrived", func() bool { return x.devices[i].rx.arrived() == 4*dataplane.BurstSize })
	}
	for range devices {
		if err := loop.Step(); err != nil {
			t.Fatal(err)
		}
	}
	for d, n := range loop.Counters.Received[:devices] {
		if n != dataplane.BurstSize {
			t.Errorf("device %d has received %d frames after %d steps, want %d", d, n, devices, dataplane.BurstSize)
		}
	}
}

// TestVanishedDevice deletes a device under a running loop.
func TestVanishedDevice(t *testing.T) {
	for name, busy := range map[string]bool{"sleeping": false, "busy": true} {
		eachMode(t, 2, Config{Busy: busy}, func(t *testing.T, lab *netns.Lab, _ []*netns.Wire, cfg Config) {
			loop := dataplane.NewLoop(nf.Env{Devices: 2}, forward(2), open(t, lab, cfg))
			steps(t, loop, 3)
			lab.Own.Run(t, "ip", "link", "delete", "dev1")
			var err error
			for limit := time.Now().Add(5 * time.Second); err == nil && time.Now().Before(limit); {
				err = loop.Step()
			}
			if err == nil || !strings.Contains(err.Error(), "dev1: the interface has been removed") {
				t.Errorf("%s: got %v, want an error about dev1", name, err)
			}
		})
	}
}

// TestDeviceDown sends by a device that is down: what finds room waits for it to come up, the rest is
// counted, and nothing fails.
func TestDeviceDown(t *testing.T) {
	eachMode(t, 2, Config{Ring: 64}, func(t *testing.T, lab *netns.Lab, hosts []*netns.Wire, cfg Config) {
		loop := dataplane.NewLoop(nf.Env{Devices: 2}, forward(2), open(t, lab, cfg))
		lab.Own.Run(t, "ip", "link", "set", "dev1", "down")
		for i := range 10 {
			for j := range 10 {
				send(t, hosts[0], frame(60, byte(10*i+j)))
			}
			receive(t, loop, 0, uint64(10*i+10))
		}
		if got := loop.Counters.Dropped[0][nf.TransmitFull]; got != 36 {
			t.Errorf("%d of 100 frames found no room, want 36", got)
		}
		lab.Own.Run(t, "ip", "link", "set", "dev1", "up")
		steps(t, loop, 3)
		got := mine(t, hosts[1])
		if len(got) != 64 {
			t.Errorf("%d frames have left, want 64", len(got))
		}
		for i, f := range got {
			if !bytes.Equal(f, frame(60, byte(i))) {
				t.Errorf("the frame that left as number %d was not number %d", i, i)
			}
		}
	})
}

// TestCloseSaysWhatItLost closes while a device cannot send.
func TestCloseSaysWhatItLost(t *testing.T) {
	lab := netns.New(t, 1)
	hosts := wires(t, lab)
	var x *IO
	lab.Own.Do(t, func() {
		var err error
		if x, err = Open(lab.Devices(), Config{}); err != nil {
			t.Fatal(err)
		}
	})
	loop := dataplane.NewLoop(nf.Env{Devices: 1}, forward(1), x)
	for range 5 {
		send(t, hosts[0], frame(60, 1))
	}
	await(t, "all arrived", func() bool { return x.devices[0].rx.arrived() == 5 })
	if err := loop.Step(); err != nil {
		t.Fatal(err)
	}
	lab.Own.Run(t, "ip", "link", "set", "dev0", "down")
	if err := loop.Flush(); err != nil {
		t.Fatal(err)
	}
	if err := x.Close(); err == nil || !strings.Contains(err.Error(), "closing dev0: 5 frames have not left it") {
		t.Errorf("got %v, want that 5 frames have not left", err)
	}
	if err := x.Close(); err != nil {
		t.Error(err)
	}
}

// TestNoAllocation counts allocations of an exchange that receives, floods, and reads counters.
func TestNoAllocation(t *testing.T) {
	eachMode(t, 2, Config{}, func(t *testing.T, lab *netns.Lab, hosts []*netns.Wire, cfg Config) {
		x := open(t, lab, cfg)
		loop := dataplane.NewLoop(nf.Env{Devices: 2}, forward(2), x)
		f := frame(60, 1)
		steps(t, loop, 3)
		got := testing.AllocsPerRun(200, func() {
			for range 20 {
				if hosts[0].Send(f) != nil || hosts[1].Send(f) != nil {
					t.Fatal("cannot send")
				}
			}
			x.looked = -nf.Second
			if err := loop.Step(); err != nil {
				t.Fatal(err)
			}
		})
		if got != 0 || loop.Counters.Sent[0] < 1000 {
			t.Errorf("%v allocations per exchange, %d frames sent, want none and 1000", got, loop.Counters.Sent[0])
		}
	})
}

// TestChecksumsLeftToTheDevice: XDP programs are not told when the kernel has left a checksum to the
// device. With the offload of the other end on, frames of its own stack arrive with a wrong one.
func TestChecksumsLeftToTheDevice(t *testing.T) {
	eachMode(t, 1, Config{}, func(t *testing.T, lab *netns.Lab, _ []*netns.Wire, cfg Config) {
		host := lab.Hosts[0]
		host.Address(t, netns.HostDevice, "10.0.0.1/24")
		host.Run(t, "ip", "neigh", "add", "10.0.0.2", "lladdr", "02:00:00:00:00:09", "dev", netns.HostDevice)
		var right []bool
		loop := dataplane.NewLoop(nf.Env{Devices: 1}, func(packets []nf.Packet, actions []nf.Action) {
			discard(packets, actions)
			for i := range packets {
				if f := packets[i].Bytes(); len(f) > 42 && f[12] == 8 && f[13] == 0 {
					right = append(right, sum(f[26:], uint32(f[23])+uint32(len(f)-34)) == 0xFFFF)
				}
			}
		}, open(t, lab, cfg))
		for _, offload := range []bool{false, true} {
			host.Offload(t, netns.HostDevice, offload)
			host.Run(t, "bash", "-c", "echo hello > /dev/udp/10.0.0.2/99")
			want := len(right) + 1
			await(t, "the datagram received", func() bool {
				steps(t, loop, 1)
				return len(right) >= want
			})
		}
		if !slices.Equal(right, []bool{true, false}) {
			t.Errorf("the checksums are right: %v, want true without the offload, false with it", right)
		}
	})
}

// sum is the ones' complement sum of words (RFC 1071), from a start.
func sum(data []byte, start uint32) uint32 {
	for ; len(data) > 1; data = data[2:] {
		start += uint32(data[0])<<8 | uint32(data[1])
	}
	if len(data) == 1 {
		start += uint32(data[0]) << 8
	}
	for start > 0xFFFF {
		start = start&0xFFFF + start>>16
	}
	return start
}
