package bridge_test

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"vigor/dataplane/afpacket"
	"vigor/dataplane/looptest"
	"vigor/dataplane/netns"
	"vigor/nf"
	"vigor/nfs/bridge"
	"vigor/packet"
)

const (
	hosts = 3
	steps = 800
	// experiment is the EtherType for local experiments (IEEE 802): the kernel does not look into it.
	experiment = 0x88B5
)

// allowed are differences to the kernel's bridge: why a frame may be treated in another way.
func allowed(to, from packet.MAC) string {
	switch {
	case from.IsGroup() || from.IsZero():
		return "IEEE 802.1Q-2014, 8.7 forbids only to learn such a source; the kernel drops the frame"
	case to == packet.MAC{1, 0x80, 0xc2, 0, 0, 0}:
		return "IEEE 802.1Q-2014, 8.6.3 never relays it; the kernel does while it takes no part in spanning tree"
	}
	return ""
}

// configured are entries that the kernel's bridge can have, too: a station is on one device, and sticky, else it
// moves to where it sends from; a station that receives nothing is the bridge itself, and so is a group's
// only member.
var configured = []bridge.Static{
	{Key: group, Value: devices(0, 2)}, {Key: server, Value: devices(1)}, {Key: filtered}, {Key: nowhere},
}

// configure gives the kernel's bridge an entry.
func configure(t *testing.T, lab *netns.Lab, e bridge.Static) {
	to := []string{"br0"}
	if e.Value != 0 {
		to = nil
	}
	for d, device := range lab.Devices() {
		if e.Value.Has(nf.Device(d)) {
			to = append(to, device)
		}
	}
	for _, device := range to {
		switch {
		case e.Key.IsGroup():
			lab.Own.Run(t, "bridge", "mdb", "add", "dev", "br0", "port", device, "grp", e.Key.String(), "permanent")
		case e.Value != 0:
			lab.Own.Run(t, "bridge", "fdb", "add", e.Key.String(), "dev", device, "master", "static", "sticky")
		default:
			lab.Own.Run(t, "bridge", "fdb", "add", e.Key.String(), "dev", device, "self", "permanent")
		}
	}
}

// TestAgainstLinux sends the same frames through this bridge and through the kernel's, and compares what
// leaves by each device.
func TestAgainstLinux(t *testing.T) {
	netns.Need(t, "ip", "bridge")
	ours, kernel := startOurs(t), startKernel(t)
	r := rand.New(rand.NewPCG(11, 12))
	stations := []packet.MAC{ann, bob, {2, 0, 0, 0, 0, 3}, {2, 0, 0, 0, 0, 4}, {2, 0, 0, 0, 0, 5}}
	others := []packet.MAC{broadcast, {1, 0, 0x5e, 0, 0, 9}, {2, 0xff}, reserved, {1, 0x80, 0xc2, 0, 0, 0}, {1, 0x80, 0xc2, 0, 0, 0x0f},
		{1, 0x80, 0xc2, 0, 0, 0x10}}
	differences := map[string]int{}
	excused := map[uint32]string{}
	for i := range uint32(steps) {
		to, from := stations[r.IntN(len(stations))], stations[r.IntN(len(stations))]
		if r.IntN(4) == 0 {
			to = configured[r.IntN(len(configured))].Key
		}
		if r.IntN(6) == 0 {
			from = []packet.MAC{server, filtered}[r.IntN(2)]
		}
		if r.IntN(4) == 0 {
			to = others[r.IntN(len(others))]
		}
		if r.IntN(20) == 0 {
			from = []packet.MAC{{}, {1, 2, 3}}[r.IntN(2)]
		}
		f := frame(to, from)
		binary.BigEndian.PutUint16(f[12:], experiment)
		binary.BigEndian.PutUint32(f[14:], i)
		excused[i] = allowed(to, from)
		host := r.IntN(hosts)
		for _, side := range []*side{ours, kernel} {
			if err := side.wires[host].Send(f); err != nil {
				t.Fatal(err)
			}
			side.settle(t, uint64(i)+1)
		}
	}
	for device := range hosts {
		got, want := ours.numbers(t, device), kernel.numbers(t, device)
		for i := range uint32(steps) {
			switch a, b := slices.Contains(got, i), slices.Contains(want, i); {
			case a == b:
			case excused[i] != "":
				differences[excused[i]]++
			default:
				t.Errorf("frame %d leaves by device %d: %v, by the kernel's bridge: %v", i, device, a, b)
			}
		}
		if len(want) < steps/10 {
			t.Errorf("device %d: the kernel's bridge has sent %d frames of %d", device, len(want), steps)
		}
	}
	for why, n := range differences {
		t.Logf("%d differences: %s", n, why)
	}
}

// side is a bridge with a wire to each of its devices.
type side struct {
	wires  [hosts]*netns.Wire
	settle func(t *testing.T, frames uint64) // waits until so many frames have been dealt with
}

// numbers are those of the frames that have left by a device, each at most once.
func (s *side) numbers(t *testing.T, host int) []uint32 {
	frames, err := s.wires[host].All(100 * time.Millisecond)
	if err != nil {
		t.Fatal(err)
	}
	var list []uint32
	for _, f := range frames {
		if len(f) < 18 || binary.BigEndian.Uint16(f[12:]) != experiment {
			continue
		}
		i := binary.BigEndian.Uint32(f[14:])
		if slices.Contains(list, i) {
			t.Errorf("frame %d leaves twice by device %d", i, host)
		}
		list = append(list, i)
	}
	return list
}

// connect opens a wire at each host.
func (s *side) connect(t *testing.T, lab *netns.Lab) {
	for i, host := range lab.Hosts {
		s.wires[i] = host.Wire(t, netns.HostDevice)
	}
}

// startOurs runs the bridge on packet sockets.
func startOurs(t *testing.T) *side {
	lab := netns.New(t, hosts)
	var io *afpacket.IO
	lab.Own.Do(t, func() {
		var err error
		if io, err = afpacket.Open(lab.Devices(), afpacket.Config{}); err != nil {
			t.Fatal(err)
		}
	})
	env := nf.Env{Devices: hosts, HashKey: [5]uint64{5, 4, 3, 2, 1}}
	b, err := bridge.New(env, bridge.Config{Capacity: 100, AgeingTime: age, Static: configured})
	if err != nil {
		t.Fatal(err)
	}
	loop := looptest.Start(t, env, b.Process, io)
	s := &side{settle: func(t *testing.T, frames uint64) { looptest.Received(t, loop, frames) }}
	s.connect(t, lab)
	return s
}

// startKernel makes a bridge of the kernel's, which deals with a frame while it is sent.
func startKernel(t *testing.T) *side {
	lab := netns.New(t, hosts)
	lab.Own.Run(t, "ip", "link", "add", "br0", "type", "bridge", "stp_state", "0", "mcast_snooping", "1",
		"ageing_time", fmt.Sprint(int64(age/nf.Second*100)))
	for _, device := range lab.Devices() {
		lab.Own.Run(t, "ip", "link", "set", device, "master", "br0")
	}
	lab.Own.Run(t, "ip", "link", "set", "br0", "up")
	for _, e := range configured {
		configure(t, lab, e)
	}
	s := &side{settle: func(*testing.T, uint64) { time.Sleep(200 * time.Microsecond) }}
	s.connect(t, lab)
	return s
}
