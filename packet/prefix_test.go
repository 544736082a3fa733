package packet_test

import (
	"strings"
	"testing"

	"vigor/packet"
)

func TestPrefix(t *testing.T) {
	for text, want := range map[string]struct {
		first, last packet.IPv4
	}{
		"10.0.0.0/8":         {0x0a000000, 0x0affffff},
		"0.0.0.0/0":          {0, 0xffffffff},
		"192.168.1.128/25":   {0xc0a80180, 0xc0a801ff},
		"255.255.255.255/32": {0xffffffff, 0xffffffff},
		"128.0.0.0/1":        {0x80000000, 0xffffffff},
	} {
		var p packet.Prefix
		if err := p.UnmarshalText([]byte(text)); err != nil || p.String() != text {
			t.Errorf("%s: got %v, %v", text, p, err)
		}
		if p.First() != want.first || p.Last() != want.last || p.Validate() != nil {
			t.Errorf("%s: from %v to %v, %v", text, p.First(), p.Last(), p.Validate())
		}
		for _, a := range []packet.IPv4{0, 1 << 31, want.first - 1, want.first, want.last, want.last + 1} {
			if got := p.Contains(a); got != (want.first <= a && a <= want.last) {
				t.Errorf("%s: Contains(%v) is %v", text, a, got)
			}
		}
	}
}

func TestPrefixRefuses(t *testing.T) {
	for text, want := range map[string]string{
		"10.0.0.0":      "as in 10.0.0.0/8",
		"10.0.0.0/33":   "length of 0 to 32",
		"10.0.0.0/-1":   "length of 0 to 32",
		"10.0.0.0/08":   "length of 0 to 32",
		"10.0.0.0/+8":   "length of 0 to 32",
		"10.0.0.0/8/8":  "length of 0 to 32",
		"10.0.0/8":      "four numbers",
		"/8":            "four numbers",
		"10.0.0.1/8":    "the first address of the network is 10.0.0.0/8",
		"128.0.0.0/0":   "the first address of the network is 0.0.0.0/0",
		"10.0.0.255/31": "the first address of the network is 10.0.0.254/31",
	} {
		p := packet.Prefix{Address: 7, Length: 32}
		if err := p.UnmarshalText([]byte(text)); err == nil || !strings.Contains(err.Error(), want) || p.Address != 7 {
			t.Errorf("%s: got %v, %v; want %q", text, p, err, want)
		}
	}
	for _, p := range []packet.Prefix{{Length: 33}, {Address: 1, Length: 31}, {Address: 1}, {Length: 255}} {
		if p.Validate() == nil {
			t.Errorf("%v is valid", p)
		}
	}
}
