package reload_test

import (
	"strings"
	"testing"

	"vigor/dataplane"
	"vigor/dataplane/reload"
	"vigor/libvig"
	"vigor/nf"
)

// cloakroom gives each packet the next number, in its first byte.
type cloakroom struct {
	numbers *libvig.PortRange `spec:"numbers"`
}

type cloakroomConfig struct{ First, Hooks uint8 }

func startCloakroom(env nf.Env, cfg cloakroomConfig) (any, dataplane.Burst, error) {
	c := &cloakroom{libvig.NewPortRange(int(cfg.First), int(cfg.Hooks), libvig.HashKey{})}
	return c, func(packets []nf.Packet, actions []nf.Action) {
		for i := range packets {
			n, ok := c.numbers.Allocate()
			if actions[i] = nf.Drop(nf.TableFull); ok {
				packets[i].Bytes()[0] = byte(n)
				actions[i] = nf.Forward(1)
			}
		}
	}, nil
}

// TestReloadsRange: a range with the same room, but other numbers, must not survive: what is proved under
// the new configuration is proved of its numbers.
func TestReloadsRange(t *testing.T) {
	r := run(t, reload.Start[cloakroomConfig](startCloakroom), cloakroomConfig{First: 10, Hooks: 5})
	if report, err := r.Apply(t.Context(), cloakroomConfig{First: 20, Hooks: 5}); err != nil || len(report.Kept) != 0 {
		t.Fatalf("%v, %v; nothing is in use, and nothing can be kept", report, err)
	}
	if got, ok := r.send(t, frame(1, 0, 0)); !ok || got.Bytes[0] != 20 {
		t.Errorf("got %v, %t; the new range starts at 20", got.Bytes, ok)
	}
	if _, err := r.Apply(t.Context(), cloakroomConfig{First: 30, Hooks: 5}); err == nil || !strings.Contains(err.Error(), "fills numbers otherwise") {
		t.Errorf("a number is in use, and would be lost: %v", err)
	}
	if report, err := r.Apply(t.Context(), cloakroomConfig{First: 20, Hooks: 5}); err != nil || report.Entries != 1 {
		t.Errorf("%v, %v; the number in use should be kept", report, err)
	}
	if got, ok := r.send(t, frame(1, 0, 0)); !ok || got.Bytes[0] != 21 {
		t.Errorf("got %v, %t; the next number is 21", got.Bytes, ok)
	}
}

// router writes the value of the address 0.0.0.0 into the first byte.
type router struct {
	routes *libvig.LPM `spec:"routes"`
}

func startRouter(env nf.Env, cfg cloakroomConfig) (any, dataplane.Burst, error) {
	r := &router{libvig.NewLPM([]libvig.Rule{{Length: 0, Value: uint16(cfg.First)}})}
	return r, func(packets []nf.Packet, actions []nf.Action) {
		for i := range packets {
			packets[i].Bytes()[0] = byte(r.routes.Lookup(0))
			actions[i] = nf.Forward(1)
		}
	}, nil
}

// TestReloadsRules: as many rules, but others, are the new configuration's.
func TestReloadsRules(t *testing.T) {
	r := run(t, reload.Start[cloakroomConfig](startRouter), cloakroomConfig{First: 10})
	for _, value := range []uint8{10, 20, 30} {
		if report, err := r.Apply(t.Context(), cloakroomConfig{First: value}); err != nil || len(report.Kept) != 0 {
			t.Fatalf("%v, %v; rules are not kept", report, err)
		}
		if got, ok := r.send(t, frame(1, 0, 0)); !ok || got.Bytes[0] != value {
			t.Errorf("got %v, %t; the rule's value is %d", got.Bytes, ok, value)
		}
	}
}

// spreader writes the backend of a key, all being alive, into the first byte.
type spreader struct {
	backends *libvig.Maglev[uint32] `spec:"backends"`
}

func startSpreader(env nf.Env, cfg cloakroomConfig) (any, dataplane.Burst, error) {
	backends := make([]libvig.Entry[uint32, uint16], 7)
	backends[cfg.First].Value = 1 // the others have no slots
	s := &spreader{libvig.NewMaglev[uint32](13, backends, env.HashKey)}
	for i := range backends {
		s.backends.Beat(i, 0)
	}
	return s, func(packets []nf.Packet, actions []nf.Action) {
		for i := range packets {
			backend, _, _ := s.backends.Choose(5, 0)
			packets[i].Bytes()[0] = byte(backend)
			actions[i] = nf.Forward(1)
		}
	}, nil
}

// TestReloadsBackends: as many backends, but others, are the new configuration's.
func TestReloadsBackends(t *testing.T) {
	r := run(t, reload.Start[cloakroomConfig](startSpreader), cloakroomConfig{First: 1})
	for _, first := range []uint8{2, 3, 4} {
		if report, err := r.Apply(t.Context(), cloakroomConfig{First: first}); err != nil || len(report.Kept) != 0 {
			t.Fatalf("%v, %v; backends are not kept", report, err)
		}
		if got, ok := r.send(t, frame(1, 0, 0)); !ok || got.Bytes[0] != first {
			t.Errorf("got %v, %t; the backend is %d", got.Bytes, ok, first)
		}
	}
}
