package check_test

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"vigor/internal/contract"
	"vigor/internal/contract/check"
)

func load(t *testing.T) *contract.Package {
	t.Helper()
	pkg, err := check.Load("../../../libvig")
	if err != nil {
		t.Fatal(err)
	}
	return pkg
}

type key struct{ A, B uint8 }

type entry struct {
	used bool
	key  key
	val  uint16
	time int64
}

// table is a Table by plain search. Its fault, if not empty, is planted.
type table struct {
	entries []entry
	last    int64
	fault   string
}

func (t *table) Indices() (int, int) { return -1, len(t.entries) + 1 }

var pool = []any{key{1, 1}, key{1, 2}, key{2, 1}, key{2, 2}, key{3, 3}}

func (t *table) Keys(param string) []any {
	if param == "K" {
		return pool
	}
	return nil
}

func (t *table) find(k any) int {
	return slices.IndexFunc(t.entries, func(e entry) bool { return e.used && e.key == k })
}

func (t *table) Observer(name string, index ...any) any {
	switch name {
	case "cap":
		return len(t.entries)
	case "last":
		return t.last
	case "dom":
		return t.find(index[0]) >= 0
	case "idx":
		return t.find(index[0])
	}
	i := index[0].(int)
	switch name {
	case "alloc":
		return i >= 0 && i < len(t.entries) && t.entries[i].used
	case "key":
		return t.entries[i].key
	case "val":
		return t.entries[i].val
	}
	return t.entries[i].time
}

func (t *table) insert(k key, v uint16, now int64) (int, bool) {
	i := slices.IndexFunc(t.entries, func(e entry) bool { return !e.used })
	switch {
	case i < 0 && t.fault == "index when full":
		return 1, false
	case i < 0:
		return 0, false
	case t.fault == "full one early" && i == len(t.entries)-1:
		return 0, false
	case t.fault == "index in use" && i > 0:
		i--
	}
	t.entries[i] = entry{true, k, v, now}
	if t.last = now; t.fault == "last not updated" {
		t.last = now - 1
	}
	if t.fault == "effect on another entry" && i > 0 {
		t.entries[0].val++
	}
	return i, true
}

func (t *table) expire(before int64) {
	for i := range t.entries {
		e := &t.entries[i]
		e.used = e.used && (e.time >= before && t.fault != "expires too much" || e.time > before || t.fault == "expires nothing")
	}
}

func (t *table) erase(i int) {
	if t.entries[i].used = t.fault == "erase does nothing"; t.fault == "frame of last" {
		t.last++
	}
}

// run performs a random sequence of operations, each checked.
func (t *table) run(c *check.Checker, seed uint64) error {
	r := rand.New(rand.NewPCG(seed, 1))
	if err := c.Constructed("NewTable", len(t.entries), [5]uint64{}); err != nil {
		return err
	}
	for now := int64(1); now < 60; now++ {
		k, i := pool[r.IntN(len(pool))].(key), r.IntN(len(t.entries))
		var err error
		step := func(op string, args []any, f func() []any) {
			call, failed := c.Before(op, args...)
			if failed == nil {
				failed = call.After(f()...)
			}
			if err == nil {
				err = failed
			}
		}
		step("Lookup", []any{k}, func() []any { return []any{max(t.find(k), 0), t.find(k) >= 0} })
		step("Len", nil, func() []any { return []any{t.len()} })
		if t.find(k) < 0 {
			step("Insert", []any{k, uint16(now), now}, func() []any {
				i, ok := t.insert(k, uint16(now), now)
				return []any{i, ok}
			})
		} else if t.entries[i].used {
			step("Erase", []any{i}, func() []any { t.erase(i); return nil })
		}
		if r.IntN(4) == 0 {
			before := now - r.Int64N(6)
			step("ExpireBefore", []any{before}, func() []any { t.expire(before); return nil })
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (t *table) len() int {
	n := 0
	for _, e := range t.entries {
		if e.used {
			n++
		}
	}
	if t.fault == "wrong length" && n == 2 {
		n++
	}
	return n
}

func TestTable(t *testing.T) {
	typ := load(t).Types["Table"]
	for _, fault := range []struct{ name, want string }{
		{"", ""}, {"index when full", "result i of Insert"}, {"full one early", "result ok of Insert"},
		{"index in use", "after Insert, dom"}, {"last not updated", "last is"}, {"effect on another entry", "after Insert, val[0]"},
		{"expires too much", "after ExpireBefore, alloc"}, {"expires nothing", "after ExpireBefore, alloc"},
		{"erase does nothing", "after Erase, alloc"}, {"frame of last", "after Erase, last"}, {"wrong length", "result n of Len"},
	} {
		t.Run(fault.name, func(t *testing.T) {
			var err error
			for seed := range uint64(20) {
				x := &table{entries: make([]entry, 3), fault: fault.name}
				if err = x.run(check.New(typ, x), seed); err != nil {
					break
				}
			}
			if fault.name == "" && err != nil {
				t.Fatal(err)
			}
			if fault.name != "" && (err == nil || !strings.Contains(err.Error(), fault.want)) {
				t.Fatalf("got %v, want an error with %q", err, fault.want)
			}
		})
	}
}

func TestPrecondition(t *testing.T) {
	x := &table{entries: make([]entry, 3)}
	c := check.New(load(t).Types["Table"], x)
	x.insert(key{1, 1}, 7, 5)
	for _, call := range []struct {
		op   string
		args []any
		want string
	}{
		{"Key", []any{2}, "Key requires"},
		{"Key", []any{-7}, "Key requires"},
		{"Insert", []any{key{1, 1}, uint16(0), int64(9)}, "Insert requires"},
		{"Insert", []any{key{9, 9}, uint16(0), int64(4)}, "Insert requires"},
		{"Refresh", []any{0, int64(4)}, "Refresh requires"},
		{"Refresh", []any{0}, "1 values for 2 parameters"},
		{"Grow", nil, "has no contract"},
	} {
		if _, err := c.Before(call.op, call.args...); err == nil || !strings.Contains(err.Error(), call.want) {
			t.Errorf("%s%v: got %v, want an error with %q", call.op, call.args, err, call.want)
		}
	}
	if _, err := c.Before("Insert", key{9, 9}, uint16(0), int64(5)); err != nil {
		t.Error(err)
	}
}

func TestExposes(t *testing.T) {
	x := &table{entries: make([]entry, 3)}
	x.insert(key{1, 1}, 7, 5)
	x.last = 4
	call, err := check.New(load(t).Types["Table"], x).Before("Len")
	if err == nil {
		err = call.After(1)
	}
	if want := "Table exposes forall i int {time[i]}"; err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("got %v, want an error with %q", err, want)
	}
}

// narrow hides part of what quantifiers range over.
type narrow struct {
	*table
	keys bool
}

func (n narrow) Indices() (int, int) { return 0, 1 }
func (n narrow) Keys(p string) []any {
	if n.keys {
		return n.table.Keys(p)
	}
	return nil
}

func TestNotEnumerable(t *testing.T) {
	for _, keys := range []bool{true, false} {
		x := &table{entries: make([]entry, 3)}
		c := check.New(load(t).Types["Table"], narrow{x, keys})
		call, err := c.Before("Full")
		if err == nil {
			err = call.After(false)
		}
		if want := "does not list index 2"; err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want an error with %q", err, want)
		}
		if err := c.Constructed("NewTable", 3, 0); keys != (err == nil) {
			t.Errorf("without keys: %v, constructor: %v", !keys, err)
		}
	}
}

func TestFunction(t *testing.T) {
	pkg, err := check.Load("../../../packet")
	if err != nil {
		t.Fatal(err)
	}
	op := pkg.Funcs["UpdateChecksum"]
	// RFC 1624 section 4: the checksum 0xdd2f, a word that goes from 0x5555 to 0x3285.
	args := []any{uint16(0xdd2f), uint16(0x5555), uint16(0x3285)}
	if err := check.Function(op, args, []any{uint16(0x0000)}); err != nil {
		t.Error(err)
	}
	// A sum that needs folding twice: 0xffff + 0xffff + 1.
	if err := check.Function(op, []any{uint16(0), uint16(0), uint16(1)}, []any{uint16(0xfffe)}); err != nil {
		t.Error(err)
	}
	if err := check.Function(op, args, []any{uint16(0xffff)}); err == nil {
		t.Error("the result of RFC 1141 was accepted")
	}
}
