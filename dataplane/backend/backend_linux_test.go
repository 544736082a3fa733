package backend_test

import (
	"context"
	"encoding/binary"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"vigor/dataplane"
	"vigor/dataplane/backend"
	"vigor/dataplane/config"
	"vigor/dataplane/netns"
	"vigor/dataplane/shard"
	"vigor/nf"
	"vigor/packet"
)

// section asks for devices by a driver.
func section(driver config.Driver, shards int, names ...string) *config.Dataplane {
	d := &config.Dataplane{Driver: driver, Shards: shards}
	for _, name := range names {
		d.Devices = append(d.Devices, config.Device{Interface: name})
	}
	return d
}

// byPort divides what device 1 receives by destination port, 1000 to 2999.
var byPort = []nf.Steering{{By: nf.ByFlow}, {By: nf.ByDestinationPort, First: 1000, Count: 2000}}

func TestOpenRefuses(t *testing.T) {
	lab := netns.New(t, 2)
	env := nf.Env{Devices: 2}
	addressed := func(d *config.Dataplane) *config.Dataplane {
		d.Devices[0].Address = config.Address{IP: 0x0A000001, Bits: 24}
		return d
	}
	for _, test := range []struct {
		name string
		d    *config.Dataplane
		want string
	}{
		{"afpacket without device", section(config.AFPacket, 1, "none0", "dev1"), "none0"},
		{"afxdp without device", section(config.AFXDP, 1, "dev0", "none1"), "device none1: "},
		{"afxdp cannot steer", section(config.AFXDP, 2, "dev0", "dev1"), "set driver to afpacket, or shards to 1"},
		{"dpdk without a device of its own", section(config.DPDK, 1, "dev0", "dev1"), "neither a PCI address such as"},
		{"dpdk in shards", section(config.DPDK, 2, "net_ring0", "net_ring1"), "opens one queue of each device: set shards to 1"},
		{"tap in shards", section(config.TAP, 2, "vtap0", "vtap1"), "set driver to afpacket, or shards to 1"},
		{"an address on DPDK", addressed(section(config.DPDK, 1, "net_ring0", "net_ring1")), "dpdk is not built in"},
		{"an address without Ethernet", addressed(section(config.AFPacket, 1, "lo", "dev1")), "interface lo has no Ethernet address"},
	} {
		t.Run(test.name, func(t *testing.T) {
			lab.Own.Do(t, func() {
				list, err := backend.Open(test.d, env, byPort)
				if err == nil || !strings.Contains(err.Error(), test.want) {
					t.Errorf("got %v, want %q", err, test.want)
				}
				if err == nil {
					t.Error(backend.Close(list))
				}
			})
		})
	}
	// Nothing of what failed is still open.
	lab.Own.Do(t, func() {
		list, err := backend.Open(section(config.AFXDP, 1, "dev0", "dev1"), env, nil)
		if err != nil {
			t.Fatal(err)
		}
		if err := backend.Close(list); err != nil {
			t.Error(err)
		}
	})
}

// datagram is UDP over IPv4 to a port.
func datagram(port uint16) []byte {
	f := make([]byte, 60)
	copy(f, []byte{2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 8, 0, 0x45, 0, 0, 46})
	f[22], f[23] = 64, 17
	copy(f[26:], []byte{10, 0, 0, 1, 10, 0, 0, 2})
	binary.BigEndian.PutUint16(f[34:], 5000)
	binary.BigEndian.PutUint16(f[36:], port)
	binary.BigEndian.PutUint16(f[38:], 26)
	return f
}

// icmpError is an ICMP error about a datagram to a host.
func icmpError(host uint32) []byte {
	quoted := datagram(53)[14:42]
	binary.BigEndian.PutUint32(quoted[16:], host)
	f := append(datagram(0)[:34], 11, 0, 0, 0, 0, 0, 0, 0)
	f[17], f[23] = 56, 1
	return append(f, quoted...)
}

// TestShards: of what a device receives, each shard sees what is its own by the steering, and every frame is
// seen once.
func TestShards(t *testing.T) {
	for name, test := range map[string]struct {
		steering nf.Steering
		frame    func(i int) []byte
	}{
		"by port": {byPort[1], func(i int) []byte { return datagram(uint16(1000 + 10*i)) }},
		"by source": {nf.Steering{By: nf.BySource}, func(i int) []byte {
			f := datagram(53)
			f[29] = byte(i)
			return f
		}},
		"by source, errors": {nf.Steering{By: nf.BySource}, func(i int) []byte { return icmpError(0x0A000100 + uint32(i)) }},
		"by destination": {nf.Steering{By: nf.ByDestination}, func(i int) []byte {
			f := datagram(53)
			f[33] = byte(i)
			return f
		}},
	} {
		t.Run(name, func(t *testing.T) {
			frames := make([][]byte, 200)
			for i := range frames {
				frames[i] = test.frame(i)
			}
			testShards(t, test.steering, frames)
		})
	}
}

// testShards sends frames, no two of them alike, to a device that two shards divide by a steering.
func testShards(t *testing.T, steering nf.Steering, frames [][]byte) {
	lab := netns.New(t, 2)
	outside := lab.Hosts[1].Wire(t, netns.HostDevice)
	var list []*backend.Backend
	lab.Own.Do(t, func() {
		var err error
		if list, err = backend.Open(section(config.AFPacket, 2, lab.Devices()...), nf.Env{Devices: 2}, []nf.Steering{{}, steering}); err != nil {
			t.Fatal(err)
		}
	})
	var lock sync.Mutex
	seen := map[string][2]int{} // by frame: how often each shard has seen it
	for _, f := range frames {
		seen[string(f)] = [2]int{}
	}
	total := 0
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	var running sync.WaitGroup
	for k, b := range list {
		loop := dataplane.NewLoop(nf.Env{Devices: 2}, func(packets []nf.Packet, actions []nf.Action) {
			lock.Lock()
			defer lock.Unlock()
			for i := range packets {
				actions[i] = nf.Drop(nf.NoReason)
				frame := string(packets[i].Bytes())
				if counts, sent := seen[frame]; sent && packets[i].Device() == 1 {
					counts[k]++
					seen[frame] = counts
					total++
				}
			}
		}, b)
		running.Go(func() {
			if err := loop.Run(ctx); !errors.Is(err, context.Canceled) {
				t.Errorf("shard %d: %v", k, err)
			}
		})
	}
	for _, f := range frames {
		if err := outside.Send(f); err != nil {
			t.Fatal(err)
		}
	}
	for done := false; !done && ctx.Err() == nil; time.Sleep(5 * time.Millisecond) {
		lock.Lock()
		done = total >= len(frames)
		lock.Unlock()
	}
	time.Sleep(50 * time.Millisecond) // for what would be seen twice
	cancel()
	running.Wait()
	var each [2]int
	for i, f := range frames {
		owner := shard.Owner(steering, f, 2)
		each[owner]++
		var want [2]int
		want[owner] = 1
		if got := seen[string(f)]; got != want {
			t.Errorf("frame %d was seen %v times, want %v", i, got, want)
		}
	}
	if min(each[0], each[1]) < len(frames)/4 {
		t.Errorf("the shards have %v of the frames: that is no division", each)
	}
	if err := backend.Close(list); err != nil {
		t.Error(err)
	}
}

// TestTAP: the function and the host are two stations on a device.
func TestTAP(t *testing.T) {
	own := netns.NewNamespace(t)
	d := section(config.TAP, 1, "vtap0")
	d.Devices[0].Address = config.Address{IP: packet.IPv4(0x0A000001), Bits: 24}
	own.Do(t, func() {
		list, err := backend.Open(d, nf.Env{Devices: 1}, nil)
		if err != nil {
			t.Fatal(err)
		}
		if list[0].Neighbours == nil {
			t.Error("nobody answers ARP")
		}
		if err := backend.Close(list); err != nil {
			t.Error(err)
		}
	})
}

// TestNeighbours: a device with an address answers ARP, whatever the function does.
func TestNeighbours(t *testing.T) {
	lab := netns.New(t, 1)
	host := lab.Hosts[0]
	host.Address(t, netns.HostDevice, "10.0.0.2/24")
	d := section(config.AFPacket, 1, lab.Devices()...)
	d.Devices[0].Address = config.Address{IP: packet.IPv4(0x0A000001), Bits: 24}
	var list []*backend.Backend
	lab.Own.Do(t, func() {
		var err error
		if list, err = backend.Open(d, nf.Env{Devices: 1}, nil); err != nil {
			t.Fatal(err)
		}
	})
	if list[0].Neighbours == nil || !strings.Contains(list[0].Mode, "dev0") {
		t.Errorf("neighbours %v, mode %q", list[0].Neighbours, list[0].Mode)
	}
	loop := dataplane.NewLoop(nf.Env{Devices: 1}, func(packets []nf.Packet, actions []nf.Action) {
		for i := range packets {
			actions[i] = nf.Drop(nf.NoReason)
		}
	}, list[0])
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() { ended <- loop.Run(ctx) }()
	// The host sends a datagram to the address, and thereby asks.
	_, _ = host.Command(t.Context(), "ping", "-c", "1", "-W", "1", "10.0.0.1").Output()
	table := host.Run(t, "ip", "neighbour", "show", "10.0.0.1")
	if !strings.Contains(table, "lladdr 02:00:00:00:01:00") {
		t.Errorf("the host knows %q", table)
	}
	cancel()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	if err := backend.Close(list); err != nil {
		t.Error(err)
	}
}
