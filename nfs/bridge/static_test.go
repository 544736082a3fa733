package bridge_test

import (
	"errors"
	"os"
	"strings"
	"testing"

	"vigor/dataplane/config"
	"vigor/nf"
	"vigor/nfs/bridge"
	"vigor/packet"
)

// Addresses of static entries.
var (
	group    = packet.MAC{1, 0, 0x5e, 0, 0, 9}
	server   = packet.MAC{2, 0, 0, 0, 0, 0x51} // on device 1
	twofold  = packet.MAC{2, 0, 0, 0, 0, 0x52} // on devices 1 and 3
	filtered = packet.MAC{2, 0, 0, 0, 0, 0x53}
	nowhere  = packet.MAC{1, 0, 0x5e, 0, 0, 0x53} // a group
)

// entries has an entry that does not count: another for the same address follows.
var entries = []bridge.Static{
	{Key: group, Value: devices(0, 2)}, {Key: server, Value: devices(3)}, {Key: server, Value: devices(1)},
	{Key: twofold, Value: devices(1, 3)}, {Key: filtered}, {Key: nowhere},
}

func devices(list ...nf.Device) (s nf.Devices) {
	for _, d := range list {
		s = s.With(d)
	}
	return s
}

func withStatic(t *testing.T, number int, list []bridge.Static) (*bridge.Bridge, error) {
	t.Helper()
	return bridge.New(nf.Env{Devices: number, HashKey: hashKey}, bridge.Config{Capacity: 2, AgeingTime: age, Static: list})
}

func TestStaticEntries(t *testing.T) {
	b, err := withStatic(t, 4, entries)
	if err != nil {
		t.Fatal(err)
	}
	for i, s := range []step{
		{0, 1, group, ann, nf.ForwardAll(devices(0, 2)), "a group to its set"},
		{1, 2, group, ann, nf.ForwardAll(devices(0)), "but never back"},
		{2, 0, server, ann, nf.ForwardAll(devices(1)), "the last of two entries"},
		{3, 1, server, ann, nf.Drop(nf.StaticEntry), "its own segment"},
		{4, 0, twofold, ann, nf.ForwardAll(devices(1, 3)), "a station by two devices"},
		{5, 0, filtered, ann, nf.Drop(nf.StaticEntry), "a station that receives nothing"},
		{6, 0, nowhere, ann, nf.Drop(nf.StaticEntry), "a group that receives nothing"},
		{7, 2, ann, server, nf.Forward(0), "a static station sends from elsewhere"},
		{8, 0, server, ann, nf.ForwardAll(devices(1)), "and stays where its entry says"},
		{9, 2, ann, filtered, nf.Forward(0), "what a filtered station sends passes"},
		{10, 2, ann, bob, nf.Forward(0), "static stations took no room"},
		{11, 0, bob, ann, nf.Forward(2), "so bob was learned"},
		{100 * age, 0, server, ann, nf.ForwardAll(devices(1)), "static entries never age"},
		{100*age + 1, 0, bob, ann, nf.Flood(), "others do"},
	} {
		p := nf.NewPacket(frame(s.to, s.by), s.from, s.at)
		if got := b.Process(&p); got != s.want {
			t.Errorf("step %d, %s: got %v, want %v", i, s.question, got, s.want)
		}
	}
}

// TestLastDevice: all 64 devices can be in an entry.
func TestLastDevice(t *testing.T) {
	b, err := withStatic(t, nf.MaxDevices, []bridge.Static{{Key: group, Value: ^nf.Devices(0)}})
	if err != nil {
		t.Fatal(err)
	}
	p := nf.NewPacket(frame(group, ann), 63, 0)
	if got, want := b.Process(&p), nf.ForwardAll(^nf.Devices(0)>>1); got != want {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestStaticEntriesAreChecked(t *testing.T) {
	for want, e := range map[string]bridge.Static{
		"static: element 6: 02:00:00:00:00:01 is forwarded to devices 0, 4, but devices are numbered 0 to 3": {Key: ann, Value: devices(0, 4)},
		"static: element 6: 01:00:5e:00:00:09 is forwarded to devices 63, but":                               {Key: group, Value: 1 << 63},
		"static: element 6: 01:80:c2:00:00:0e is reserved":                                                   {Key: reserved},
	} {
		b, err := withStatic(t, 4, append(entries[:6:6], e, bridge.Static{}))
		element, ok := errors.AsType[*nf.ElementError](err)
		if b != nil || !ok || element.Index != 6 || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
}

// TestStaticEntriesInFiles: mistakes in a static table are reported where they stand, and nothing is left of them.
func TestStaticEntriesInFiles(t *testing.T) {
	text, err := os.ReadFile("bridge.yaml")
	if err != nil {
		t.Fatal(err)
	}
	const line = "{key: 06:00:00:00:01:07, value: [1]}"
	for with, want := range map[string]string{
		line:                                      "",
		"{key: 06:00:00:00:01, value: [1]}":       `bridge.yaml:7:11: key: "06:00:00:00:01" is not an address`,
		"{key: 06:00:00:00:01:07, value: 1}":      `bridge.yaml:7:37: value: "1": expected a sequence of numbers of devices, such as [0, 2]`,
		"{key: 06:00:00:00:01:07, value: [64]}":   "bridge.yaml:7:38: value: 64 is no device: they are numbered 0 to 63",
		"{key: 06:00:00:00:01:07, value: [1, 1]}": "bridge.yaml:7:41: value: device 1 is in the set already",
		"{key: 06:00:00:00:01:07}":                "bridge.yaml:7:5: value is missing: a sequence of numbers of devices, such as [0, 2]",
		"{key: 01:80:c2:00:00:00, value: [1]}":    "bridge.yaml:7:5: static: element 1: 01:80:c2:00:00:00 is reserved, and frames for it are never relayed",
	} {
		var c bridge.Config
		_, err := config.Read("bridge.yaml", []byte(strings.Replace(string(text), line, with, 1)), &c)
		if (err == nil) != (want == "") || err != nil && !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%s: got %v, want %q", with, err, want)
		}
		if want == "" && (len(c.Static) != 3 || c.Static[0].Value != devices(0, 1)) {
			t.Errorf("got %v", c.Static)
		}
	}
}
