package netns_test

import (
	"bytes"
	"net"
	"os"
	"strings"
	"testing"
	"time"

	"vigor/dataplane/netns"
)

// names lists the devices of the namespace that the calling thread is in.
func names(t *testing.T) string {
	t.Helper()
	list, err := net.Interfaces()
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, i := range list {
		names = append(names, i.Name)
	}
	return strings.Join(names, " ")
}

func TestLab(t *testing.T) {
	before := func() string { link, _ := os.Readlink("/proc/thread-self/ns/net"); return link }
	outside := before()
	lab := netns.New(t, 2)
	lab.Own.Do(t, func() {
		if got := names(t); got != "lo dev0 dev1" || before() == outside {
			t.Errorf("inside there are %s", got)
		}
	})
	lab.Hosts[1].Do(t, func() {
		if got := names(t); got != "lo eth0" {
			t.Errorf("a host has %s", got)
		}
	})
	if before() != outside {
		t.Error("Do has not come back")
	}
	lab.Own.Address(t, "dev1", "10.0.0.1/24")
	lab.Hosts[1].Address(t, netns.HostDevice, "10.0.0.2/24")
	lab.Own.Route(t, "default", "10.0.0.2")
	if out := lab.Own.Run(t, "ip", "route"); !strings.Contains(out, "default via 10.0.0.2 dev dev1") {
		t.Errorf("the routes are %q", out)
	}
	var connection net.Conn
	lab.Hosts[1].Do(t, func() {
		server, err := net.ListenPacket("udp", "10.0.0.2:7")
		if err != nil {
			t.Fatal(err)
		}
		defer server.Close()
		lab.Own.Do(t, func() {
			if connection, err = net.Dial("udp", "10.0.0.2:7"); err != nil {
				t.Fatal(err)
			}
		})
		defer connection.Close()
		if _, err := connection.Write([]byte("hello")); err != nil {
			t.Fatal(err)
		}
		text := make([]byte, 9)
		server.SetReadDeadline(time.Now().Add(5 * time.Second))
		if n, _, err := server.ReadFrom(text); err != nil || string(text[:n]) != "hello" {
			t.Errorf("got %q, %v", text[:n], err)
		}
	})
}

// TestLabGoes: nothing is left of a lab, and no two can meet.
func TestLabGoes(t *testing.T) {
	var path string
	t.Run("inside", func(t *testing.T) {
		a, b := netns.New(t, 1), netns.New(t, 1)
		if path = a.Own.Path(); path == b.Own.Path() {
			t.Error("two labs are one")
		}
		a.Own.Start(t, "sleep", "60")
	})
	if path == "" {
		t.Skip("no network namespaces here")
	}
	if target, err := os.Readlink(path); err == nil && strings.HasPrefix(target, "net:") {
		t.Errorf("%s is still there: %s", path, target)
	}
}

// TestWire sends frames between the two ends of a pair, tags included, and sees nothing else.
func TestWire(t *testing.T) {
	lab := netns.New(t, 1)
	near, far := lab.Own.Wire(t, "dev0"), lab.Hosts[0].Wire(t, netns.HostDevice)
	plain := append(bytes.Repeat([]byte{2}, 12), 0x88, 0xB5, 1, 2, 3)
	tagged := append(bytes.Repeat([]byte{2}, 12), 0x81, 0, 0x20, 5, 0x88, 0xB5, 4, 5)
	double := append(bytes.Repeat([]byte{2}, 12), 0x88, 0xA8, 0, 6, 0x81, 0, 0, 7, 0x88, 0xB5)
	want := [][]byte{plain, tagged, double}
	for _, frame := range want {
		if err := near.Send(frame); err != nil {
			t.Fatal(err)
		}
	}
	got, err := far.All(100 * time.Millisecond)
	if err != nil || len(got) != len(want) {
		t.Fatalf("captured % x, %v; want % x", got, err, want)
	}
	for i := range want {
		if !bytes.Equal(got[i], want[i]) {
			t.Errorf("frame %d is % x, want % x", i, got[i], want[i])
		}
	}
	if own, err := near.Next(0); own != nil || err != nil {
		t.Errorf("the sender captured % x, %v", own, err)
	}
}
