package prove

import (
	"math"
	"math/big"
	"math/rand/v2"
	"testing"
	"time"

	"vigor/internal/prove/finite"
)

// TestMachineIsGo runs sequences of calls of libvig, with its contracts and invariants, on a machine: no claim
// fails, and compiled Go has the same results and the same fields after each call.
func TestMachineIsGo(t *testing.T) {
	c := Config{Dir: "../../libvig"}
	w, err := load(c)
	if err != nil {
		t.Fatal(err)
	}
	prelude, problem := w.preludeText(true)
	if problem != nil {
		t.Fatal(problem)
	}
	guessed := map[string]bool{"Map": true, "Table": true, "Maglev": true, // by the hash of their keys
		"Chain": true, "PortRange": true} // by what is drawn
	var list [][]step
	for _, name := range []string{"Vector", "Chain", "Ring", "PortRange", "Classifier", "Map", "Table"} {
		m, err := newMachine(w, prelude)
		if err != nil {
			t.Fatal(err)
		}
		s := &search{m: m, of: w.types[name], open: map[violation][]*Failure{{what: "nothing"}: nil}, seen: map[string]bool{},
			deadline: time.Now().Add(time.Minute)}
		s.pool(nil)
		s.numbers = s.numbers[:3]
		states := s.start()
		if len(states) == 0 {
			t.Fatalf("%s: no object was made: %s", name, s.trouble)
		}
		for range 3 {
			var next []reached
			for _, from := range states {
				next = append(next, s.after(from)...)
			}
			for i := 0; i < len(next); i += 1 + len(next)/10 {
				list = append(list, next[i].calls)
			}
			states = next[:min(len(next), 8)]
		}
		if s.failed {
			t.Errorf("%s: a claim fails: %v", name, m.violations)
		}
		if m.guessed != guessed[name] {
			t.Errorf("%s: values of trusted functions were guessed: %v, want %v", name, m.guessed, guessed[name])
		}
	}
	if len(list) < 60 {
		t.Errorf("%d sequences, want 60 at least", len(list))
	}
	m, err := newMachine(w, prelude)
	if err != nil {
		t.Fatal(err)
	}
	lines, err := m.compiled(t.Context(), c, list)
	if err != nil {
		t.Fatal(err)
	}
	for i, calls := range list {
		of := calls[len(calls)-1].f.typeName()
		if m.guessed = guessed[of]; !m.agrees(calls, lines[i]) {
			t.Errorf("%s: compiled code does something else: %q, want %+v", shown(calls), lines[i], calls)
		}
	}
	t.Logf("%d sequences", len(list))
	wrong := list[0][0]
	wrong.state = "[no such state]"
	if m.guessed = false; m.agrees([]step{wrong}, lines[0]) {
		t.Error("another state is taken for the same")
	}
}

// TestExactBits compares bits functions, as they are evaluated for examples, with Go.
func TestExactBits(t *testing.T) {
	w, err := load(Config{Dir: "../../libvig"})
	if err != nil {
		t.Fatal(err)
	}
	prelude, problem := w.preludeText(true)
	if problem != nil {
		t.Fatal(problem)
	}
	m, err := newMachine(w, prelude)
	if err != nil {
		t.Fatal(err)
	}
	values := m.script.Values(machineBound, nil)
	check := func(name string, want *big.Int, args ...finite.Value) {
		t.Helper()
		v, err := values.Call("f_"+name, args...)
		if n, ok := v.(*big.Int); err != nil || !ok || n.Cmp(want) != 0 {
			t.Errorf("%s%v is %v (%v), want %v", name, args, v, err, want)
		}
	}
	r := rand.New(rand.NewPCG(1, 2))
	for _, word := range []uint64{0, 1, 1 << 31, 1 << 32, 1<<32 - 1, 1 << 63, math.MaxUint64} {
		for range 20 {
			check("hashOf", big.NewInt(int64(uint32(word>>32))), new(big.Int).SetUint64(word))
			check("indexOf", big.NewInt(int64(int32(uint32(word)-1))), new(big.Int).SetUint64(word))
			h, i := uint32(word>>16), int32(word>>7)
			check("pack", new(big.Int).SetUint64(uint64(h)<<32|uint64(uint32(i)+1)), big.NewInt(int64(h)), big.NewInt(int64(i)))
			word = r.Uint64()
		}
	}
}
