package afpacket_test

import (
	"encoding/binary"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"vigor/dataplane"
	"vigor/dataplane/afpacket"
	"vigor/dataplane/netns"
)

// datagram is a UDP datagram between two ports of 10.0.0.1 and 10.0.0.2, in a frame.
func datagram(from, to int, back bool) []byte {
	f := make([]byte, 60)
	copy(f, []byte{2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 8, 0, 0x45, 0, 0, 46, 0, 0, 0, 0, 64, 17})
	copy(f[26:], []byte{10, 0, 0, 1, 10, 0, 0, 2})
	if back {
		copy(f[26:], []byte{10, 0, 0, 2, 10, 0, 0, 1})
	}
	binary.BigEndian.PutUint16(f[34:], uint16(from))
	binary.BigEndian.PutUint16(f[36:], uint16(to))
	binary.BigEndian.PutUint16(f[38:], 26)
	return f
}

// shards are the members of a group, each with its loop and the source ports that it has received, from
// either side.
type shards struct {
	loops []*dataplane.Loop
	ports []map[int]int
}

// join opens the devices of a lab several times.
func join(t *testing.T, lab *netns.Lab, members int, fanout *afpacket.Fanout) *shards {
	s := &shards{}
	for k := range members {
		io := open(t, lab, afpacket.Config{Fanout: fanout})
		s.ports = append(s.ports, map[int]int{})
		watch := watcher{io, s.ports[k]}
		s.loops = append(s.loops, flooding(&watch, 2))
	}
	return s
}

// watcher counts datagrams by the port of the first host.
type watcher struct {
	dataplane.IO
	ports map[int]int
}

func (w *watcher) Exchange(out, in *dataplane.Batch) error {
	err := w.IO.Exchange(out, in)
	for i := range in.Len() {
		f := in.Frame(i)
		at := 34
		if f[29] == 2 {
			at = 36
		}
		w.ports[int(binary.BigEndian.Uint16(f[at:]))]++
	}
	return err
}

// step steps all loops until a number of frames has been received, and on for a moment.
func (s *shards) step(t *testing.T, number int) {
	t.Helper()
	for limit, idle := time.Now().Add(5*time.Second), 0; idle < 10; {
		received := 0
		for k, loop := range s.loops {
			if err := loop.Step(); err != nil {
				t.Fatal(err)
			}
			for _, n := range s.ports[k] {
				received += n
			}
		}
		if received >= number {
			idle++
		}
		if time.Now().After(limit) {
			t.Fatalf("%d frames of %d arrive: %v", received, number, s.ports)
		}
	}
}

// TestFanoutByHash: both directions of a flow reach the same member; each frame reaches one; and no
// member receives what another one has sent.
func TestFanoutByHash(t *testing.T) {
	lab := netns.New(t, 2)
	far := []*netns.Wire{lab.Hosts[0].Wire(t, netns.HostDevice), lab.Hosts[1].Wire(t, netns.HostDevice)}
	s := join(t, lab, 2, &afpacket.Fanout{Group: 100})
	const flows = 100
	for port := range flows {
		far[0].Send(datagram(1000+port, 53, false))
		far[1].Send(datagram(53, 1000+port, true))
	}
	s.step(t, 2*flows)
	if len(s.ports[0])+len(s.ports[1]) != flows || len(s.ports[0]) < flows/4 || len(s.ports[1]) < flows/4 {
		t.Errorf("the members have %d and %d flows; want %d together, none twice", len(s.ports[0]), len(s.ports[1]), flows)
	}
	for k := range s.ports {
		for port, n := range s.ports[k] {
			if n != 2 {
				t.Errorf("member %d has received %d frames of port %d, want one of each direction", k, n, port)
			}
		}
	}
	for _, wire := range far {
		if got, err := wire.All(50 * time.Millisecond); err != nil || len(got) != flows {
			t.Errorf("%d frames were sent, %v; want %d", len(got), err, flows)
		}
	}
}

// TestFanoutByProgram: the program's result is the number of the member, on the device it was given for.
func TestFanoutByProgram(t *testing.T) {
	lab := netns.New(t, 2)
	far := lab.Hosts[1].Wire(t, netns.HostDevice)
	destination := []unix.SockFilter{ // the destination port, behind an IP header of 20 bytes
		{Code: unix.BPF_LD | unix.BPF_H | unix.BPF_ABS, K: 22}, {Code: unix.BPF_RET | unix.BPF_A},
	}
	s := join(t, lab, 3, &afpacket.Fanout{Group: 200, Programs: [][]unix.SockFilter{nil, destination}})
	const flows = 99
	for port := range flows {
		far.Send(datagram(53, 3000+port, true))
	}
	s.step(t, flows)
	for k := range s.ports {
		if len(s.ports[k]) != flows/3 {
			t.Errorf("member %d has %d flows, want %d", k, len(s.ports[k]), flows/3)
		}
		for port := range s.ports[k] {
			if port%3 != k {
				t.Errorf("member %d has received port %d", k, port)
			}
		}
	}
}

// TestFanoutGroupsDoNotMix: a group of another kind has the number already.
func TestFanoutGroupsDoNotMix(t *testing.T) {
	lab := netns.New(t, 1)
	open(t, lab, afpacket.Config{Fanout: &afpacket.Fanout{Group: 7}})
	lab.Own.Do(t, func() {
		_, err := afpacket.Open(lab.Devices(), afpacket.Config{Fanout: &afpacket.Fanout{
			Group: 7, Programs: [][]unix.SockFilter{{{Code: unix.BPF_RET | unix.BPF_K}}},
		}})
		if err == nil {
			t.Error("a group divides frames in two ways")
		}
	})
}
