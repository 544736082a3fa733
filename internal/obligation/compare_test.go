package obligation

import (
	"math/big"
	"testing"

	"vigor/internal/smt"
	"vigor/internal/spec/lower"
	"vigor/internal/symbex"
)

// TestSameDevices compares what an NF with four devices does to a packet from device 1 with what a spec
// wants.
func TestSameDevices(t *testing.T) {
	b := smt.NewBuilder()
	device := func(d uint64) *smt.Term { return b.Word(d, 16) }
	mask := func(m uint64) *smt.Term { return b.Word(m, 64) }
	drop := lower.DeviceSet{}
	one := func(d uint64) lower.DeviceSet { return lower.DeviceSet{One: device(d)} }
	some := func(m uint64) lower.DeviceSet { return lower.DeviceSet{Mask: mask(m)} }
	send := func(ds ...uint64) lower.Outcome {
		o := lower.Outcome{Kind: lower.Send}
		for _, d := range ds {
			o.Devices = append(o.Devices, device(d))
		}
		return o
	}
	tests := []struct {
		name string
		got  lower.DeviceSet
		want lower.Outcome
		same bool
	}{
		{"both drop", drop, lower.Outcome{Kind: lower.Drop}, true},
		{"NF sends, spec drops", one(0), lower.Outcome{Kind: lower.Drop}, false},
		{"NF sends to nobody, spec drops", some(0), lower.Outcome{Kind: lower.Drop}, true},
		{"NF floods, spec drops", some(0b1101), lower.Outcome{Kind: lower.Drop}, false},
		{"NF drops, spec sends", drop, send(2), false},
		{"same device", one(2), send(2), true},
		{"another device", one(3), send(2), false},
		{"one of two", one(2), send(2, 3), false},
		{"one wanted twice", one(2), send(2, 2), true},
		{"both of two", some(0b1100), send(2, 3), true},
		{"three for two", some(0b1101), send(2, 3), false},
		{"set with one", some(0b0100), send(2), true},
		{"broadcast", some(0b1101), lower.Outcome{Kind: lower.Send, Broadcast: true}, true},
		{"broadcast back to the ingress", some(0b1111), lower.Outcome{Kind: lower.Send, Broadcast: true}, false},
		{"broadcast but one", some(0b1001), lower.Outcome{Kind: lower.Send, Broadcast: true}, false},
		{"set without the ingress", some(0b1001), lower.Outcome{Kind: lower.Send, Mask: mask(0b1011)}, true},
		{"set with another", some(0b1001), lower.Outcome{Kind: lower.Send, Mask: mask(0b1100)}, false},
		{"any device", one(3), lower.Outcome{Kind: lower.Send, AnyDevice: true}, true},
		{"any device, but dropped", drop, lower.Outcome{Kind: lower.Send, AnyDevice: true}, false},
		{"any device, but nobody", some(0), lower.Outcome{Kind: lower.Send, AnyDevice: true}, false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			w := &world{run: &symbex.Run{Inputs: &symbex.Inputs{Devices: b.Word(4, 64)}}}
			w.Device, w.Out.Devices = device(1), test.got
			if got := w.sameDevices(b, &test.want); got.IsTrue() != test.same || got.IsFalse() == test.same {
				t.Errorf("got %v, want %v", got, test.same)
			}
		})
	}
}

// TestFieldAt names the field of a byte.
func TestFieldAt(t *testing.T) {
	frame := make([]byte, 80)
	frame[12], frame[14], frame[23] = 8, 0x46, 17 // IPv4 with one option word, UDP
	tests := []struct {
		offset int
		want   string
	}{{0, "ether.dst"}, {5, "ether.dst"}, {6, "ether.src"}, {13, "ether.type"}, {22, "ipv4.ttl"}, {24, "ipv4.checksum"},
		{29, "ipv4.src"}, {33, "ipv4.dst"}, {34, ""}, {38, "udp.src_port"}, {41, "udp.dst_port"}, {45, "udp.checksum"},
		{46, ""}}
	for _, test := range tests {
		got, _ := fieldAt(func(i int) byte { return frame[i] }, len(frame), test.offset)
		if got.name != test.want {
			t.Errorf("byte %d belongs to %q, want %q", test.offset, got.name, test.want)
		}
	}
	if _, ok := fieldAt(func(i int) byte { return frame[i] }, 20, 26); ok {
		t.Error("a byte beyond the frame has a field")
	}
}

// TestMessages writes values as people read them.
func TestMessages(t *testing.T) {
	b := smt.NewBuilder()
	value := smt.NewModel().Eval
	if got, want := deviceList(big.NewInt(0b1010)), "device 1 and 3"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got, want := sends(value, lower.DeviceSet{One: b.Word(7, 16)}), "sends to device 7"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got, want := sends(value, lower.DeviceSet{}), "drops the packet"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
