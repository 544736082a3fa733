package nop_test

import (
	"bytes"
	"testing"

	"vigor/nf"
	"vigor/nfs/nop"
)

func TestWire(t *testing.T) {
	w, err := nop.New(nf.Env{Devices: 3}, nop.Config{Left: 0, Right: 2})
	if err != nil {
		t.Fatal(err)
	}
	for from, want := range []nf.Action{nf.Forward(2), nf.Drop(nf.Unconnected), nf.Forward(0)} {
		frame := []byte{1, 2, 3}
		p := nf.NewPacket(frame, nf.Device(from), 0)
		if got := w.Process(&p); got != want || !bytes.Equal(frame, []byte{1, 2, 3}) {
			t.Errorf("device %d: got %v and % x, want %v", from, got, frame, want)
		}
	}
}

func TestConfigurationIsChecked(t *testing.T) {
	for _, cfg := range []nop.Config{{}, {Left: 1, Right: 1}, {Left: 0, Right: 2}, {Left: 2, Right: 0}} {
		if w, err := nop.New(nf.Env{Devices: 2}, cfg); w != nil || err == nil {
			t.Errorf("%+v: got %v, %v; want an error", cfg, w, err)
		}
	}
}
