package tap_test

import (
	"bytes"
	"net"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"vigor/dataplane"
	"vigor/dataplane/conformance"
	"vigor/dataplane/netns"
	"vigor/dataplane/tap"
	"vigor/nf"
)

// need skips where there are no TAP devices.
func need(t testing.TB) {
	t.Helper()
	netns.Need(t)
	if _, err := os.Stat("/dev/net/tun"); err != nil {
		t.Skip("no /dev/net/tun: the kernel of this machine has no TAP devices")
	}
}

var names = []string{"tap0", "tap1", "tap2"}

// open opens devices in a namespace.
func open(t testing.TB, ns *netns.Namespace, cfg tap.Config, devices ...string) *tap.IO {
	t.Helper()
	var io *tap.IO
	var err error
	ns.Do(t, func() { io, err = tap.Open(devices, cfg) })
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { io.Close() })
	return io
}

// TestConformance: the far end is the host's, where a packet socket sends and captures. Nothing can jam
// these devices: the host takes or drops what is written.
func TestConformance(t *testing.T) {
	need(t)
	for _, cfg := range []tap.Config{{}, {Busy: true}} {
		ns := netns.NewNamespace(t)
		for _, name := range names {
			ns.Run(t, "ip", "tuntap", "add", "dev", name, "mode", "tap")
		}
		problems := conformance.Check(func([]dataplane.Frame) (conformance.BackEnd, error) {
			io := open(t, ns, cfg, names...)
			var far []*netns.Wire
			for _, name := range names {
				ns.Ready(t, name)
				far = append(far, ns.Wire(t, name))
			}
			return conformance.BackEnd{
				IO:   io,
				Put:  func(frames []dataplane.Frame) error { return put(far, frames) },
				Sent: func() ([]dataplane.Frame, error) { return sent(far) },
			}, nil
		}, 1514)
		for _, problem := range problems {
			t.Errorf("%+v: %v", cfg, problem)
		}
	}
}

func put(far []*netns.Wire, frames []dataplane.Frame) error {
	for _, f := range frames {
		if err := far[f.Device].Send(f.Bytes); err != nil {
			return err
		}
	}
	return nil
}

func sent(far []*netns.Wire) ([]dataplane.Frame, error) {
	var all []dataplane.Frame
	for d, wire := range far {
		frames, err := wire.All(20 * time.Millisecond)
		if err != nil {
			return nil, err
		}
		for _, f := range frames {
			all = append(all, dataplane.Frame{Bytes: f, Device: nf.Device(d)})
		}
	}
	return all, nil
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

// frame is one of a length.
func frame(length int) []byte {
	f := bytes.Repeat([]byte{5}, length)
	copy(f, []byte{2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, conformance.EtherType >> 8, conformance.EtherType & 0xFF})
	return f
}

// TestTags: VLAN tags are where they belong.
func TestTags(t *testing.T) {
	need(t)
	ns := netns.NewNamespace(t)
	loop := flooding(open(t, ns, tap.Config{}, "tap0", "tap1"), 2)
	near, far := ns.Wire(t, "tap0"), ns.Wire(t, "tap1")
	f := frame(90)
	for _, tags := range [][]byte{{}, {0x81, 0, 0x20, 5}, {0x88, 0xA8, 0, 6, 0x81, 0, 0, 7}} {
		want := append(append(bytes.Clone(f[:12]), tags...), f[12:]...)
		before := loop.Counters.Sent[1]
		if err := near.Send(want); err != nil {
			t.Fatal(err)
		}
		until(t, loop, func(c *dataplane.Counters) bool { return c.Sent[1] > before })
		if got, err := far.Next(time.Second); err != nil || !bytes.Equal(got, want) {
			t.Errorf("got % x, %v; want % x", got, err, want)
		}
	}
}

// TestChecksums: a socket of the host sends datagrams that the network function returns with both
// addresses exchanged. The socket gets them, so checksums are finished.
func TestChecksums(t *testing.T) {
	need(t)
	ns := netns.NewNamespace(t)
	loop := flooding(open(t, ns, tap.Config{}, "tap0"), 1)
	ns.Address(t, "tap0", "10.0.0.1/24")
	ns.Run(t, "ip", "neigh", "add", "10.0.0.2", "lladdr", "02:00:00:00:00:99", "dev", "tap0")
	datagrams := 0
	loop.SetProcess(func(packets []nf.Packet, actions []nf.Action) {
		for i := range packets {
			if actions[i] = nf.Drop(nf.Malformed); bounce(packets[i].Bytes()) {
				actions[i] = nf.Forward(0)
				datagrams++
			}
		}
	})
	var socket net.Conn
	var err error
	ns.Do(t, func() { socket, err = net.Dial("udp", "10.0.0.2:9000") })
	if err != nil {
		t.Fatal(err)
	}
	defer socket.Close()
	text := make([]byte, 1500)
	for size := 1; size < 1400; size += 31 {
		if _, err := socket.Write(text[:size]); err != nil {
			t.Fatal(err)
		}
		want := datagrams + 1
		until(t, loop, func(*dataplane.Counters) bool { return datagrams == want })
		socket.SetReadDeadline(time.Now().Add(5 * time.Second))
		if n, err := socket.Read(text); err != nil || n != size {
			t.Fatalf("datagram of %d bytes: %d come back, %v", size, n, err)
		}
	}
}

// bounce exchanges the addresses and ports of a UDP datagram, which keeps its checksums right.
func bounce(f []byte) bool {
	if len(f) < 42 || f[12] != 8 || f[13] != 0 || f[23] != 17 {
		return false
	}
	swap := func(a, b, n int) {
		for i := range n {
			f[a+i], f[b+i] = f[b+i], f[a+i]
		}
	}
	swap(0, 6, 6)
	swap(26, 30, 4)
	swap(34, 36, 2)
	return true
}

// TestShortFrames: a layer may inject what is no frame.
func TestShortFrames(t *testing.T) {
	need(t)
	ns := netns.NewNamespace(t)
	layer := injector{IO: open(t, ns, tap.Config{}, "tap0", "tap1"), frames: [][]byte{{}, make([]byte, 13), frame(60)}}
	loop := flooding(&layer, 2)
	until(t, loop, func(c *dataplane.Counters) bool { return c.Sent[1] == 1 })
	if n := loop.Counters.Dropped[1][nf.Malformed]; n != 2 {
		t.Errorf("%d frames are malformed, want 2: %v", n, loop.Counters.Dropped[1])
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

// TestLinkComesBack: the host may switch a device off and on.
func TestLinkComesBack(t *testing.T) {
	need(t)
	ns := netns.NewNamespace(t)
	loop := flooding(open(t, ns, tap.Config{}, "tap0", "tap1"), 2)
	near := ns.Wire(t, "tap0")
	ns.Run(t, "ip", "link", "set", "tap1", "down")
	near.Send(frame(60))
	until(t, loop, func(c *dataplane.Counters) bool { return c.Dropped[0][nf.TransmitFull] == 1 })
	ns.Run(t, "ip", "link", "set", "tap1", "up")
	near.Send(frame(60))
	until(t, loop, func(c *dataplane.Counters) bool { return c.Sent[1] == 1 })
}

// TestDeviceGoes: the loop ends with an error that says which device has gone, in receiving and in sending.
func TestDeviceGoes(t *testing.T) {
	need(t)
	for _, sends := range []bool{false, true} {
		ns := netns.NewNamespace(t)
		loop := flooding(open(t, ns, tap.Config{}, "tap0", "tap1"), 2)
		near := ns.Wire(t, "tap0")
		for sends && loop.Counters.Received[0] == 0 {
			near.Send(frame(60))
			if err := loop.Step(); err != nil {
				t.Fatal(err)
			}
		}
		ns.Run(t, "ip", "link", "del", "tap1")
		var err error
		for limit := time.Now().Add(5 * time.Second); err == nil && time.Now().Before(limit); {
			err = loop.Step()
		}
		doing := map[bool]string{false: "receiving from", true: "sending by"}[sends]
		if err == nil || !strings.Contains(err.Error(), doing+" tap1: the interface has been removed") {
			t.Errorf("%s: got %v", doing, err)
		}
	}
}

func TestOpenRefuses(t *testing.T) {
	need(t)
	lab := netns.New(t, 1)
	open(t, lab.Own, tap.Config{}, "taken")
	lab.Own.Run(t, "ip", "tuntap", "add", "dev", "tun0", "mode", "tun")
	for _, test := range []struct {
		devices []string
		want    string
	}{
		{nil, "0 devices: the number must be 1 to 64"},
		{make([]string, 65), "65 devices"},
		{[]string{""}, "the name must be one"},
		{[]string{"tap%d"}, "without '%'"},
		{[]string{"a/b"}, "without '%'"},
		{[]string{"a23456789012345678"}, "18 bytes, at most 15"},
		{[]string{"dev0"}, "is no TAP device"},
		{[]string{"tun0"}, "is no TAP device"},
		{[]string{"new", "taken"}, "\"taken\": device or resource busy: another program"},
		{[]string{"new", "new"}, "another program"},
	} {
		lab.Own.Do(t, func() {
			io, err := tap.Open(test.devices, tap.Config{})
			if err == nil {
				io.Close()
			}
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("%q: got %v, want an error with %q", test.devices, err, test.want)
			}
		})
	}
}

// TestPermission: without the capability, the error names it.
func TestPermission(t *testing.T) {
	need(t)
	result := make(chan error)
	go func() {
		runtime.LockOSThread() // and never unlocked: the thread ends without its capabilities
		var none [2]unix.CapUserData
		header := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
		if err := unix.Capset(&header, &none[0]); err != nil {
			result <- err
			return
		}
		_, err := tap.Open([]string{"vigor-test"}, tap.Config{})
		result <- err
	}()
	if err := <-result; err == nil || !strings.Contains(err.Error(), "CAP_NET_ADMIN") {
		t.Errorf("got %v, want an error with CAP_NET_ADMIN", err)
	}
}

// TestCloseRemovesWhatItMade: a device that existed before stays.
func TestCloseRemovesWhatItMade(t *testing.T) {
	need(t)
	ns := netns.NewNamespace(t)
	ns.Run(t, "ip", "tuntap", "add", "dev", "old", "mode", "tap")
	io := open(t, ns, tap.Config{}, "old", "new")
	if io.Mode() != "TAP devices old, new" {
		t.Errorf("the mode is %q", io.Mode())
	}
	for range 2 {
		if err := io.Close(); err != nil {
			t.Error(err)
		}
	}
	if links := ns.Run(t, "ip", "-o", "link"); !strings.Contains(links, " old:") || strings.Contains(links, " new:") {
		t.Errorf("afterwards there are %s", links)
	}
}

func TestNothingAllocates(t *testing.T) {
	need(t)
	ns := netns.NewNamespace(t)
	loop := flooding(open(t, ns, tap.Config{}, "tap0", "tap1"), 2)
	near := ns.Wire(t, "tap0")
	f := frame(200)
	got := testing.AllocsPerRun(200, func() {
		for range dataplane.BurstSize {
			if err := near.Send(f); err != nil {
				t.Fatal(err)
			}
		}
		if err := loop.Step(); err != nil {
			t.Fatal(err)
		}
	})
	if got != 0 || loop.Counters.Sent[1] == 0 {
		t.Errorf("%v allocations per exchange with %d frames sent, want 0", got, loop.Counters.Sent[1])
	}
}
