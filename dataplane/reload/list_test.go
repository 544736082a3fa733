package reload_test

import (
	"errors"
	"testing"

	"vigor/dataplane"
	"vigor/nf"
)

// relabel writes what a list of its configuration says over the first byte.
type relabel struct {
	cfg  labels
	seen uint64 `spec:"seen"`
}

// labels is a configuration with a list: a new one need not be as long as the old one.
type labels struct{ Labels []uint8 }

func (l labels) Validate() error {
	if len(l.Labels) == 0 {
		return errors.New("labels is empty")
	}
	return nil
}

func startRelabel(_ nf.Env, cfg labels) (any, dataplane.Burst, error) {
	r := &relabel{cfg: cfg}
	return r, r.burst, nil
}

func (r *relabel) burst(packets []nf.Packet, actions []nf.Action) {
	for i := range packets {
		r.seen++
		actions[i] = nf.Drop(nf.NoMapping)
		if b := packets[i].Bytes(); int(b[0]) < len(r.cfg.Labels) {
			b[0] = r.cfg.Labels[b[0]] + uint8(r.seen)
			actions[i] = nf.Forward(2)
		}
	}
}

// TestReloadOfLists: the elements are those of the new configuration, and what packets have left stays.
func TestReloadOfLists(t *testing.T) {
	list := []uint8{10, 20, 30}
	r := run(t, startRelabel, labels{list})
	label := func(n byte) (got int) {
		if f, sent := r.send(t, dataplane.Frame{Bytes: []byte{n}, Time: 1}); sent {
			return int(f.Bytes[0])
		}
		return -1
	}
	if got := label(2); got != 31 {
		t.Errorf("got %d, want 30 and 1 for the first packet", got)
	}
	for _, next := range []struct {
		list []uint8
		want int // of label 2, the second and third packet
	}{{[]uint8{10, 20, 50, 60}, 52}, {[]uint8{10, 20}, -1}} {
		if _, err := r.Apply(t.Context(), labels{next.list}); err != nil {
			t.Fatal(err)
		}
		if got := label(2); got != next.want {
			t.Errorf("%v: got %d, want %d", next.list, got, next.want)
		}
	}
	if _, err := r.Apply(t.Context(), labels{}); err == nil || len(r.Config().Labels) != 2 {
		t.Errorf("got %v with %v in force, want a refusal", err, r.Config())
	}
	if got := label(1); got != 24 {
		t.Errorf("got %d, want 20 and 4 for the fourth packet", got)
	}
}
