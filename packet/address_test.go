package packet_test

import (
	"math/rand/v2"
	"net"
	"net/netip"
	"strings"
	"testing"

	"vigor/packet"
)

func TestAddressText(t *testing.T) {
	r := rand.New(rand.NewPCG(6, 1))
	for range 1000 {
		a := packet.IPv4(r.Uint32())
		check(t, "IPv4 text", a.String(), address(a).String())
		var again packet.IPv4
		if err := again.UnmarshalText([]byte(a.String())); err != nil || again != a {
			t.Fatalf("%v is read as %v, %v", a, again, err)
		}
		var m, read packet.MAC
		for i := range m {
			m[i] = byte(r.Uint32())
		}
		check(t, "MAC text", m.String(), net.HardwareAddr(m[:]).String())
		text, _ := m.MarshalText()
		dashes := strings.ReplaceAll(strings.ToUpper(string(text)), ":", "-")
		if err := read.UnmarshalText([]byte(dashes)); err != nil || read != m {
			t.Fatalf("%v is read as %v, %v", m, read, err)
		}
	}
}

func TestWrongAddressesAreRefused(t *testing.T) {
	for _, text := range []string{"", "1.2.3", "1.2.3.4.5", "1.2.3.256", "1.2.3.-1", "+1.2.3.4", "01.2.3.4", "1.2.3.", "1.2.3.4 ", "::1", "0x1.2.3.4"} {
		a := packet.IPv4(7)
		if err := a.UnmarshalText([]byte(text)); err == nil || a != 7 {
			t.Errorf("IPv4 %q is read as %v, %v; want an error and the old value", text, a, err)
		}
	}
	for _, text := range []string{"", "02:00:00:00:00", "02:00:00:00:00:01:02", "2:0:0:0:0:1", "02:00-00:00:00:01", "02:00:00:00:00:0g", "020000000001", "02:00:00:00:00:+1"} {
		var a packet.MAC
		if err := a.UnmarshalText([]byte(text)); err == nil || !a.IsZero() {
			t.Errorf("MAC %q is read as %v, %v; want an error and the old value", text, a, err)
		}
	}
}

func TestKindsOfMAC(t *testing.T) {
	broadcast := packet.MAC{255, 255, 255, 255, 255, 255}
	for _, test := range []struct {
		address                packet.MAC
		group, zero, broadcast bool
	}{
		{packet.MAC{}, false, true, false},
		{packet.MAC{2, 0, 0, 0, 0, 1}, false, false, false},
		{packet.MAC{1, 0, 0x5e, 0, 0, 1}, true, false, false},
		{broadcast, true, false, true},
	} {
		a := test.address
		if a.IsGroup() != test.group || a.IsZero() != test.zero || a.IsBroadcast() != test.broadcast {
			t.Errorf("%v: group %v, zero %v, broadcast %v", a, a.IsGroup(), a.IsZero(), a.IsBroadcast())
		}
	}
}

// FuzzIPv4Text: what is read is what net/netip reads.
func FuzzIPv4Text(f *testing.F) {
	for _, seed := range []string{"10.0.0.1", "256.0.0.1", "1.2.3", "01.2.3.4", "1.2.3.4.", "-0.0.0.0"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var got packet.IPv4
		err := got.UnmarshalText([]byte(text))
		want, wantErr := netip.ParseAddr(text)
		if (err == nil) != (wantErr == nil && want.Is4()) {
			t.Fatalf("%q: got %v, %v; want %v, %v", text, got, err, want, wantErr)
		}
		if err == nil && got.String() != want.String() {
			t.Fatalf("%q: got %v, want %v", text, got, want)
		}
	})
}
