package nf_test

import (
	"regexp"
	"testing"

	"vigor/nf"
)

func TestPacketHidesSpareCapacity(t *testing.T) {
	buffer := make([]byte, 60, 2048)
	p := nf.NewPacket(buffer, 3, 7*nf.Second)
	if len(p.Bytes()) != 60 || cap(p.Bytes()) != 60 {
		t.Errorf("got length %d, capacity %d; want 60, 60", len(p.Bytes()), cap(p.Bytes()))
	}
	p.Bytes()[0] = 9
	if buffer[0] != 9 {
		t.Error("the packet is a copy of the frame")
	}
	if p.Device() != 3 || p.Time() != 7_000_000_000 {
		t.Errorf("got device %d, time %d; want 3, 7000000000", p.Device(), p.Time())
	}
}

func TestDevices(t *testing.T) {
	s := nf.Devices(0).With(0).With(63)
	for d, want := range map[nf.Device]bool{0: true, 1: false, 63: true, 64: false, 127: false, 65535: false} {
		if s.Has(d) != want {
			t.Errorf("Has(%d) is %v, want %v", d, s.Has(d), want)
		}
	}
	for s, want := range map[nf.Devices]string{0: "none", 4: "2", s: "0, 63"} {
		if s.String() != want {
			t.Errorf("%#x is %q, want %q", uint64(s), s, want)
		}
	}
}

func TestActions(t *testing.T) {
	for _, test := range []struct {
		got, want nf.Action
		name      string
	}{
		{nf.Drop(nf.TableFull), nf.Action{Reason: nf.TableFull}, "dropped"},
		{nf.Forward(2), nf.Action{Kind: nf.Forwarded, Device: 2}, "forwarded"},
		{nf.ForwardAll(6), nf.Action{Kind: nf.ForwardedAll, Devices: 6}, "forwarded_all"},
		{nf.Flood(), nf.Action{Kind: nf.Flooded}, "flooded"},
	} {
		if test.got != test.want || test.got.Kind.String() != test.name {
			t.Errorf("got %v %s, want %v %s", test.got, test.got.Kind, test.want, test.name)
		}
	}
	if (nf.Action{}).Kind != nf.Dropped {
		t.Error("the zero action must drop")
	}
}

// TestEveryReasonIsDescribed: no reason without a name of its own, fit for a metric's label.
func TestEveryReasonIsDescribed(t *testing.T) {
	label := regexp.MustCompile(`^[a-z][a-z0-9_]*$`)
	seen := map[string]nf.Reason{}
	for i := range nf.Reasons {
		r := nf.Reason(i)
		if other, ok := seen[r.String()]; ok || r.String() == "unknown" || !label.MatchString(r.String()) {
			t.Errorf("reason %d is named %q, as is %d", r, r, other)
		}
		if doc := r.Doc(); len(doc) < 20 || doc[len(doc)-1] != '.' {
			t.Errorf("reason %s is documented as %q", r, doc)
		}
		seen[r.String()] = r
	}
	if got := nf.Reason(nf.Reasons).String(); got != "unknown" {
		t.Errorf("a number beyond the last is named %q, want unknown", got)
	}
}
