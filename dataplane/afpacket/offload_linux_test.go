package afpacket_test

import (
	"context"
	"errors"
	"net"
	"sync/atomic"
	"testing"
	"time"

	"vigor/dataplane"
	"vigor/dataplane/afpacket"
	"vigor/dataplane/netns"
	"vigor/nf"
)

// hosts gives two hosts addresses, 10.0.0.1 and 10.0.0.2, and has the first one leave checksums and
// cutting to its device.
func hosts(t *testing.T) *netns.Lab {
	t.Helper()
	lab := netns.New(t, 2)
	lab.Hosts[0].Address(t, netns.HostDevice, "10.0.0.1/24")
	lab.Hosts[1].Address(t, netns.HostDevice, "10.0.0.2/24")
	lab.Hosts[0].Offload(t, netns.HostDevice, true)
	return lab
}

// running runs a loop for the time of a test.
func running(t *testing.T, loop *dataplane.Loop) {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error)
	go func() { done <- loop.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-done; !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
	})
}

// TestUnfinishedChecksums has a socket of the kernel send datagrams whose checksums it leaves to the
// device. The network function sees right ones, and so does the socket at the other end; a program that
// looks at the frames as they come does not.
func TestUnfinishedChecksums(t *testing.T) {
	for name, cfg := range forms {
		t.Run(name, func(t *testing.T) { testChecksums(t, hosts(t), cfg) })
	}
}

func testChecksums(t *testing.T, lab *netns.Lab, cfg afpacket.Config) {
	raw := lab.Own.Wire(t, "dev0")
	r := newRig(t, lab, cfg)
	var good, bad atomic.Int64
	r.loop.SetProcess(func(packets []nf.Packet, actions []nf.Action) {
		for i := range packets {
			actions[i] = nf.Flood()
			if right, udp := checkUDP(packets[i].Bytes()); udp && right {
				good.Add(1)
			} else if udp {
				bad.Add(1)
			}
		}
	})
	running(t, r.loop)
	sendDatagrams(t, lab, 200)
	if good.Load() != 200 || bad.Load() != 0 {
		t.Errorf("%d checksums are right and %d wrong, want 200 right", good.Load(), bad.Load())
	}
	frames, err := raw.All(0)
	unfinished := 0
	for _, f := range frames {
		if right, udp := checkUDP(f); udp && !right {
			unfinished++
		}
	}
	if err != nil || unfinished == 0 {
		t.Errorf("no checksum was unfinished, %v: the test shows nothing", err)
	}
}

// sendDatagrams has a socket of one host send to one of the other, which must get all of them.
func sendDatagrams(t *testing.T, lab *netns.Lab, number int) {
	t.Helper()
	var server net.PacketConn
	var client net.Conn
	var err error
	lab.Hosts[1].Do(t, func() { server, err = net.ListenPacket("udp", "10.0.0.2:9000") })
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	lab.Hosts[0].Do(t, func() { client, err = net.Dial("udp", "10.0.0.2:9000") })
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	text := make([]byte, 7*number)
	server.SetReadDeadline(time.Now().Add(5 * time.Second))
	for size := range number {
		if _, err := client.Write(text[:7*size]); err != nil {
			t.Fatal(err)
		}
		if n, _, err := server.ReadFrom(text); err != nil || n != 7*size {
			t.Fatalf("datagram of %d bytes: %d arrive, %v", 7*size, n, err)
		}
	}
}

// checkUDP reports whether a frame is a UDP datagram over IPv4, and its checksum is right.
func checkUDP(frame []byte) (right, udp bool) {
	if len(frame) < 42 || frame[12] != 8 || frame[13] != 0 || frame[23] != 17 {
		return false, false
	}
	length := int(frame[38])<<8 | int(frame[39])
	sum := uint32(17 + length)
	covered := append(append([]byte(nil), frame[26:34]...), frame[34:34+length]...)
	for i, b := range covered {
		sum += uint32(b) << (8 * (1 - i%2))
	}
	for sum>>16 != 0 {
		sum = sum>>16 + sum&0xFFFF
	}
	return sum == 0xFFFF, true
}

// TestSegments: what a device was to cut into segments is counted as oversize, and not sent.
func TestSegments(t *testing.T) {
	lab := hosts(t)
	r := newRig(t, lab, afpacket.Config{})
	running(t, r.loop)
	var server net.Listener
	var err error
	lab.Hosts[1].Do(t, func() { server, err = net.Listen("tcp", "10.0.0.2:9000") })
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	lab.Hosts[0].Do(t, func() {
		client, err := net.DialTimeout("tcp", "10.0.0.2:9000", 5*time.Second)
		if err != nil {
			t.Fatal(err)
		}
		defer client.Close()
		client.SetWriteDeadline(time.Now().Add(time.Second))
		client.Write(make([]byte, 1<<20)) // most of it gets nowhere
	})
	long := 0
	frames, err := r.wires[1].All(50 * time.Millisecond)
	for _, f := range frames {
		if len(f) > 1514 {
			long++
		}
	}
	var n uint64
	if err := r.loop.Do(t.Context(), func() { n = r.loop.Counters.Dropped[0][nf.Oversize] }); err != nil {
		t.Fatal(err)
	}
	if err != nil || long != 0 || n == 0 {
		t.Errorf("%d frames longer than the MTU were sent and %d counted, %v", long, n, err)
	}
}
