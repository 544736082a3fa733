package link_test

import (
	"strings"
	"testing"

	"vigor/dataplane/link"
	"vigor/packet"
)

func TestReady(t *testing.T) {
	good := link.Link{Name: "eth0", MAC: packet.MAC{2, 0, 0, 0, 0, 1}, MTU: 1500, Up: true}
	for name, test := range map[string]struct {
		change func(*link.Link)
		want   string
	}{
		"as it is":   {func(*link.Link) {}, ""},
		"no address": {func(l *link.Link) { l.MAC = packet.MAC{} }, "eth0 has no Ethernet address"},
		"group":      {func(l *link.Link) { l.MAC[0] = 1 }, "eth0 has no Ethernet address"},
		"down":       {func(l *link.Link) { l.Up = false }, "eth0 is down: ip link set eth0 up"},
	} {
		l := good
		test.change(&l)
		err := l.Ready()
		if (err == nil) != (test.want == "") || err != nil && !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: got %v, want %q", name, err, test.want)
		}
	}
}

func TestPeer(t *testing.T) {
	for own, want := range map[packet.MAC]packet.MAC{
		{2, 0, 0, 0, 0, 1}:                   {2, 0, 0, 0, 0, 0},
		{0x52, 0x54, 0, 1, 2, 8}:             {0x52, 0x54, 0, 1, 2, 9},
		{0, 0x1B, 0x21, 1, 2, 3}:             {2, 0x1B, 0x21, 1, 2, 2},
		{0xFE, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF}: {0xFE, 0xFF, 0xFF, 0xFF, 0xFF, 0xFE},
	} {
		if got := (link.Link{MAC: own}).Peer(); got != want || got == own || got.IsGroup() {
			t.Errorf("the peer of %v is %v, want %v", own, got, want)
		}
	}
}
