package link_test

import (
	"strings"
	"testing"

	"vigor/dataplane/link"
	"vigor/dataplane/netns"
	"vigor/packet"
)

func TestRead(t *testing.T) {
	lab := netns.New(t, 2)
	lab.Own.Run(t, "ip", "link", "set", "dev0", "mtu", "1400", "address", "02:00:00:00:00:77")
	lab.Own.Run(t, "ip", "link", "set", "dev1", "down")
	lab.Hosts[1].Run(t, "ip", "link", "set", netns.HostDevice, "down")
	lab.Own.Run(t, "ip", "link", "set", "dev1", "address", "02:00:00:00:00:78")
	lab.Own.Do(t, func() {
		for name, want := range map[string]link.Link{
			"dev0": {Name: "dev0", MAC: packet.MAC{2, 0, 0, 0, 0, 0x77}, MTU: 1400, Up: true, Running: true},
			"dev1": {Name: "dev1", MAC: packet.MAC{2, 0, 0, 0, 0, 0x78}, MTU: 1500},
			"lo":   {Name: "lo", MTU: 65536, Up: true, Running: true},
		} {
			if got, err := link.Read(name); got != want || err != nil {
				t.Errorf("%s is %+v, %v; want %+v", name, got, err, want)
			}
		}
	})
	lab.Own.Run(t, "ip", "link", "set", "dev1", "up")
	lab.Own.Do(t, func() {
		if got, err := link.Read("dev1"); err != nil || !got.Up || got.Running {
			t.Errorf("without carrier dev1 is %+v, %v", got, err)
		}
	})
}

func TestReadRefuses(t *testing.T) {
	lab := netns.New(t, 1)
	lab.Own.Do(t, func() {
		for _, name := range []string{"dev7", "", "dev0/..", strings.Repeat("d", 99)} {
			got, err := link.Read(name)
			if err == nil || got != (link.Link{}) || !strings.HasSuffix(err.Error(), ": there are lo, dev0") {
				t.Errorf("%q gives %+v, %v", name, got, err)
			}
		}
	})
}
