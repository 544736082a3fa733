package standalone

import (
	"strings"
	"testing"

	"vigor/nf"
)

// split is a configuration that can be split by port.
type split struct {
	First, Count int
	Timeout      nf.Time
}

func (s split) Shard(k, n int) (split, error) { return s, nil }

func (s split) Steering(d nf.Device) nf.Steering {
	return nf.Steering{By: nf.ByDestinationPort, First: s.First, Count: s.Count}
}

// TestSteeringStays: what decides where packets go stays as it was when devices were opened.
func TestSteeringStays(t *testing.T) {
	opened := split{1000, 100, 5}
	for _, test := range []struct {
		next   split
		shards int
		refuse bool
	}{
		{split{1000, 100, 9}, 2, false},
		{split{1000, 200, 5}, 1, false}, // one shard gets everything
		{split{1000, 200, 5}, 2, true},
		{split{1001, 100, 5}, 2, true},
	} {
		err := sameSteering(opened, test.next, 2, test.shards)
		if (err != nil) != test.refuse || err != nil && !strings.Contains(err.Error(), "restart") {
			t.Errorf("%+v on %d shards: %v", test.next, test.shards, err)
		}
	}
}
