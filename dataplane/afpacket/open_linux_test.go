package afpacket_test

import (
	"runtime"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"vigor/dataplane"
	"vigor/dataplane/afpacket"
	"vigor/dataplane/netns"
)

func TestOpenRefuses(t *testing.T) {
	lab := netns.New(t, 2)
	lab.Own.Run(t, "ip", "link", "set", "dev1", "down")
	for _, test := range []struct {
		devices []string
		cfg     afpacket.Config
		want    string
	}{
		{nil, afpacket.Config{}, "0 devices: the number must be 1 to 64"},
		{make([]string, 65), afpacket.Config{}, "65 devices"},
		{[]string{"dev0"}, afpacket.Config{Blocks: 1}, "1 blocks: the number must be 2 to 4096"},
		{[]string{"dev0"}, afpacket.Config{Blocks: 5000}, "5000 blocks"},
		{[]string{"dev0", "dev7"}, afpacket.Config{}, "dev7"},
		{[]string{"dev0", "dev7"}, afpacket.Config{}, "there are lo, dev0, dev1"},
		{[]string{"dev1"}, afpacket.Config{}, "`ip link set dev dev1 up`"},
		{[]string{"dev0"}, afpacket.Config{Fanout: &afpacket.Fanout{Programs: [][]unix.SockFilter{{{Code: 0xFFFF}}}}},
			"loading the program of fanout group 0"},
	} {
		lab.Own.Do(t, func() {
			io, err := afpacket.Open(test.devices, test.cfg)
			if err == nil {
				io.Close()
			}
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("%v, %+v: got %v, want an error with %q", test.devices, test.cfg, err, test.want)
			}
		})
	}
}

// TestPermission: without the capability, the error names it.
func TestPermission(t *testing.T) {
	netns.Need(t)
	result := make(chan error)
	go func() {
		runtime.LockOSThread() // and never unlocked: the thread ends without its capabilities
		var none [2]unix.CapUserData
		header := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
		if err := unix.Capset(&header, &none[0]); err != nil {
			result <- err
			return
		}
		_, err := afpacket.Open([]string{"lo"}, afpacket.Config{})
		result <- err
	}()
	if err := <-result; err == nil || !strings.Contains(err.Error(), "CAP_NET_RAW") {
		t.Errorf("got %v, want an error with CAP_NET_RAW", err)
	}
}

// TestLinkComesBack: a link may go down and up again.
func TestLinkComesBack(t *testing.T) {
	r := newRig(t, netns.New(t, 2), afpacket.Config{})
	r.Own.Run(t, "ip", "link", "set", "dev1", "down")
	r.wires[0].Send(frame(1, 60))
	until(t, r.loop, func(c *dataplane.Counters) bool { return c.Received[0] == 1 })
	if sent := r.loop.Counters.Sent[1]; sent != 0 {
		t.Errorf("%d frames were sent by a link that is down", sent)
	}
	r.Own.Run(t, "ip", "link", "set", "dev1", "up")
	r.Own.Ready(t, "dev1")
	r.Hosts[1].Ready(t, netns.HostDevice)
	r.wires[0].Send(frame(2, 60))
	r.wires[1].Send(frame(3, 60))
	until(t, r.loop, func(c *dataplane.Counters) bool { return c.Sent[1] == 1 && c.Sent[0] == 1 })
}

// TestDeviceGoes: the loop ends with an error that says which device has gone.
func TestDeviceGoes(t *testing.T) {
	for _, busy := range []bool{false, true} {
		r := newRig(t, netns.New(t, 2), afpacket.Config{Busy: busy})
		if err := r.loop.Step(); err != nil {
			t.Fatal(err)
		}
		r.Own.Run(t, "ip", "link", "del", "dev1")
		var err error
		for limit := time.Now().Add(5 * time.Second); err == nil && time.Now().Before(limit); {
			err = r.loop.Step()
		}
		if err == nil || !strings.Contains(err.Error(), "dev1: the interface has been removed") {
			t.Errorf("busy %v: got %v", busy, err)
		}
	}
}

// TestSendingByWhatHasGone: the error of a send names the device, too.
func TestSendingByWhatHasGone(t *testing.T) {
	r := newRig(t, netns.New(t, 2), afpacket.Config{})
	r.wires[0].Send(frame(1, 60))
	for r.loop.Counters.Received[0] == 0 {
		if err := r.loop.Step(); err != nil {
			t.Fatal(err)
		}
	}
	r.Own.Run(t, "ip", "link", "del", "dev1")
	if err := r.loop.Step(); err == nil || !strings.Contains(err.Error(), "sending by dev1") {
		t.Errorf("got %v", err)
	}
}

func TestCloseTwice(t *testing.T) {
	io := open(t, netns.New(t, 1), afpacket.Config{})
	if io.Mode() != "packet sockets on dev0" {
		t.Errorf("the mode is %q", io.Mode())
	}
	for range 2 {
		if err := io.Close(); err != nil {
			t.Error(err)
		}
	}
}
