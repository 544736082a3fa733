package link_test

import (
	"strings"
	"sync"
	"testing"
	"time"

	"vigor/dataplane/link"
	"vigor/dataplane/netns"
)

func TestWatch(t *testing.T) {
	lab := netns.New(t, 2)
	var w *link.Watcher
	lab.Own.Do(t, func() {
		var err error
		if w, err = link.Watch([]string{"dev1", "dev0"}); err != nil {
			t.Fatal(err)
		}
	})
	defer w.Close()
	check := func(want string) { // from another namespace; the kernel takes a moment to notice a carrier
		t.Helper()
		var err error
		for limit := time.Now().Add(10 * time.Second); time.Now().Before(limit); time.Sleep(time.Millisecond) {
			if err = w.Check(); err == nil && want == "" || err != nil && want != "" && strings.Contains(err.Error(), want) {
				return
			}
		}
		t.Errorf("got %v, want %q", err, want)
	}
	check("")
	lab.Hosts[1].Run(t, "ip", "link", "set", netns.HostDevice, "down")
	check("interface dev1 has no carrier")
	lab.Own.Run(t, "ip", "link", "set", "dev1", "down")
	check("interface dev1 is down: ip link set dev1 up")
	lab.Own.Run(t, "ip", "link", "set", "dev0", "down")
	check("interface dev0 is down")
	lab.Own.Run(t, "ip", "link", "del", "dev0")
	check("interface dev0 is gone")
	lab.Own.Run(t, "ip", "link", "add", "dev0", "type", "veth")
	check("interface dev0 is gone") // another one has the name
}

// TestWatchTogether: several may ask at once.
func TestWatchTogether(t *testing.T) {
	lab := netns.New(t, 1)
	lab.Own.Do(t, func() {
		w, err := link.Watch([]string{"dev0"})
		if err != nil {
			t.Fatal(err)
		}
		defer w.Close()
		var group sync.WaitGroup
		for range 8 {
			group.Go(func() {
				for range 50 {
					if err := w.Check(); err != nil && !strings.Contains(err.Error(), "carrier") {
						t.Error(err)
						return
					}
				}
			})
		}
		group.Wait()
	})
}

func TestWatchRefuses(t *testing.T) {
	lab := netns.New(t, 1)
	lab.Own.Do(t, func() {
		if _, err := link.Watch([]string{"dev0", "dev7"}); err == nil || !strings.Contains(err.Error(), `"dev7"`) {
			t.Errorf("got %v", err)
		}
		w, err := link.Watch([]string{"dev0"})
		if err != nil {
			t.Fatal(err)
		}
		w.Close()
		if err := w.Check(); err == nil {
			t.Error("a closed watcher answers")
		}
	})
}
