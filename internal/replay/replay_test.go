package replay

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// meter is a network function with one structure of each kind, and a fault for each way to fail:
// the first byte of the frame selects it.
const meter = `package fixture

import (
	"errors"

	"vigor/libvig"
	"vigor/nf"
)

type Config struct {
	Size  int
	Limit struct{ Rate uint32 }
	mac   [2]uint8
}

func (c Config) Validate() error {
	if c.Size < 1 {
		return errors.New("size must be positive")
	}
	return nil
}

type Flow struct {
	Address uint32
	port    [2]uint8
}

type Usage struct {
	Bytes int64
	Seen  bool
	Pad   [7]bool
}

func (u Usage) Valid(env nf.Env) bool { return u.Bytes >= 0 }

type Meter struct {
	cfg    Config
	env    nf.Env
	flows  *libvig.Table[Flow, Usage]
	inside struct{ chain *libvig.Chain }
	ids    *libvig.Map[uint16]
	tokens *libvig.Vector[uint32]
	total  int64
	on     bool
}

func New(env nf.Env, cfg Config) (*Meter, error) {
	if cfg.Size == 101 {
		return nil, errors.New("size is not round")
	}
	m := &Meter{cfg: cfg, env: env}
	m.flows = libvig.NewTable[Flow, Usage](cfg.Size, env.HashKey)
	m.inside.chain = libvig.NewChain(cfg.Size, libvig.HashKey{})
	m.ids = libvig.NewMap[uint16](cfg.Size, env.HashKey)
	m.tokens = libvig.NewVector[uint32](cfg.Size, cfg.Limit.Rate)
	return m, nil
}

func (m *Meter) Process(p *nf.Packet) nf.Action {
	b := p.Bytes()
	if len(b) == 0 {
		return nf.Drop(nf.Malformed)
	}
	switch b[0] {
	case 1:
		return nf.Forward(nf.Device(b[99]))
	case 2:
		for b[0] == 2 {
		}
	case 3:
		return m.Process(p)
	case 4:
		m.flows.Key(-1)
	case 5:
		var flow Flow
		flow.Address = uint32(b[1])
		flow.port = m.cfg.mac
		i, _ := m.flows.Insert(flow, Usage{Bytes: int64(len(b)), Seen: true}, p.Time())
		m.inside.chain.Allocate(p.Time())
		m.ids.Put(uint16(b[1]), i)
		m.tokens.Set(i, uint32(b[1]))
		m.total += int64(len(b))
		m.on = true
		b[1] = byte(i)
		return nf.Forward(nf.Device(m.env.Devices - 1))
	}
	return nf.Flood()
}
`

// open opens a runner for a network function given as text.
func open(t testing.TB, text string) *Runner {
	t.Helper()
	r, err := Open(context.Background(), sourceOf(text))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = r.Close() })
	return r
}

func sourceOf(text string) Source {
	return Source{
		Dir: "../..", Pattern: "./nfs/fixture", Timeout: time.Second,
		Overlay: map[string][]byte{"nfs/fixture/nf.go": []byte(text)},
	}
}

// parse reads a case.
func parse(t testing.TB, text string) Case {
	t.Helper()
	var c Case
	if err := json.Unmarshal([]byte(text), &c); err != nil {
		t.Fatal(err)
	}
	return c
}

// runOne runs one case.
func runOne(t testing.TB, r *Runner, c Case) Result {
	t.Helper()
	results, err := r.Run(context.Background(), []Case{c})
	if err != nil {
		t.Fatal(err)
	}
	return results[0]
}

// loaded is a state with entries in every structure; FRAME stands for the frame.
const loaded = `{
	"env": {"devices": 2},
	"config": {"Size": 4, "Limit.Rate": 7, "mac[0]": 1, "mac[1]": 2},
	"objects": {
		"flows": {"cap": 4, "free": [0], "entries": [
			{"index": 3, "key": {"Address": 4294967295, "port[0]": 9}, "value": {"Bytes": 9223372036854775807, "Pad[6]": 1}, "time": 50},
			{"index": 1, "key": {"Address": 2}, "value": {"Bytes": 5, "Seen": 1}, "time": 40}]},
		"inside.chain": {"free": [2, 3], "entries": [{"index": 0, "time": 1}]},
		"ids": {"entries": [{"index": 2, "key": 777}, {"index": 1, "key": 65535}]},
		"tokens": {"entries": [{"index": 1, "value": 7}, {"index": 2, "value": 8}]}
	},
	"cells": {"total": -3, "on": 0},
	"packet": {"device": 1, "time": 60, "data": "FRAME"}
}`

func TestStateIsLoadedAndDumped(t *testing.T) {
	r := open(t, meter)
	c := parse(t, strings.Replace(loaded, "FRAME", "0000", 1))
	got := runOne(t, r, c)
	want := Result{
		Status: Ran, Action: &Action{Kind: "flooded"}, Data: Hex{0, 0},
		Objects: map[string]*Object{
			"flows": {Cap: 4, Entries: []Entry{
				{1, valueOf("Address", 2, "port[0]", 0, "port[1]", 0), usage(5, 1, 0), 40, 0},
				{3, valueOf("Address", 4294967295, "port[0]", 9, "port[1]", 0), usage(9223372036854775807, 0, 1), 50, 0},
			}},
			"inside.chain": {Cap: 4, Entries: []Entry{{Index: 0, Time: 1}}},
			"ids": {Cap: 4, Entries: []Entry{
				{Index: 1, Key: valueOf("", 65535)}, {Index: 2, Key: valueOf("", 777)}}},
			"tokens": {Cap: 4, Entries: []Entry{
				{Index: 1, Value: valueOf("", 7)}, {Index: 2, Value: valueOf("", 8)}}},
		},
		Cells: map[string]Value{
			"total": valueOf("", -3), "on": valueOf("", 0), "env.Devices": valueOf("", 2),
			"env.HashKey": valueOf("[0]", 0, "[1]", 0, "[2]", 0, "[3]", 0, "[4]", 0),
		},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("result (-want +got):\n%s", diff)
	}

	// What was dumped is a state again, and the JSON of a result reads back as the same result.
	c.Objects, c.Cells = got.Objects, got.Cells
	if diff := cmp.Diff(want, runOne(t, r, c)); diff != "" {
		t.Errorf("result from the dumped state (-want +got):\n%s", diff)
	}
}

// valueOf makes a Value from paths and numbers in turn.
func valueOf(pairs ...any) Value {
	v := Value{}
	for i := 0; i < len(pairs); i += 2 {
		v[pairs[i].(string)] = json.Number(fmt.Sprint(pairs[i+1]))
	}
	return v
}

// usage makes the value of a flow.
func usage(bytes, seen, last int) Value {
	v := valueOf("Bytes", bytes, "Seen", seen, "Pad[6]", last)
	for i := range 6 {
		v[fmt.Sprintf("Pad[%d]", i)] = "0"
	}
	return v
}

func TestProcessStartsFromTheLoadedState(t *testing.T) {
	got := runOne(t, open(t, meter), parse(t, strings.Replace(loaded, "FRAME", "0509ff", 1)))
	if got.Status != Ran {
		t.Fatal(got)
	}
	if want := (&Action{Kind: "forwarded", Device: 1}); !cmp.Equal(got.Action, want) {
		t.Errorf("action is %v, want %v", got.Action, want)
	}
	if want := (Hex{5, 0, 255}); !cmp.Equal(got.Data, want) {
		t.Errorf("frame is %x, want %x", got.Data, want)
	}
	flows := got.Objects["flows"].Entries
	want := Entry{0, valueOf("Address", 9, "port[0]", 1, "port[1]", 2), usage(3, 1, 0), 60, 0}
	if len(flows) != 3 || !cmp.Equal(flows[0], want) {
		t.Errorf("flows are %v, want three, the first %v", flows, want)
	}
	chain := []Entry{{Index: 0, Time: 1}, {Index: 2, Time: 60}}
	if diff := cmp.Diff(chain, got.Objects["inside.chain"].Entries); diff != "" {
		t.Errorf("chain (-want +got):\n%s", diff)
	}
	tokens := []Entry{{Index: 0, Value: valueOf("", 9)}, {Index: 1, Value: valueOf("", 7)}, {Index: 2, Value: valueOf("", 8)}}
	if diff := cmp.Diff(tokens, got.Objects["tokens"].Entries); diff != "" {
		t.Errorf("vector (-want +got):\n%s", diff)
	}
	if total, on := got.Cells["total"][""], got.Cells["on"][""]; total != "0" || on != "1" {
		t.Errorf("total is %s and on is %s, want 0 and 1", total, on)
	}
}

// TestFailuresAreReported runs cases that do not end well, and after each one that does.
func TestFailuresAreReported(t *testing.T) {
	const frame = `"packet": {"time": 60, "data": "00"}`
	flows := func(object string) string {
		return `{"env": {"devices": 2}, "config": {"Size": 4}, "objects": {"flows": ` + object + `}, ` + frame + `}`
	}
	tests := []struct {
		name, text string
		status     Status
		message    string // part of it
		top        string // part of the innermost line of the stack
	}{
		{"index out of range", strings.Replace(loaded, "FRAME", "01", 1), Panicked,
			"index out of range [99] with length 1", "fixture.(*Meter).Process nfs/fixture/nf.go:66"},
		{"panic inside libvig", strings.Replace(loaded, "FRAME", "04", 1), Panicked,
			"contract: Table.Key requires alloc[i]", "libvig/table.go"},
		{"endless loop", strings.Replace(loaded, "FRAME", "02", 1), TimedOut, "no answer within 1s", ""},
		{"endless recursion", strings.Replace(loaded, "FRAME", "03", 1), Crashed, "stack exceeds", ""},
		{"refused by Validate", `{"config": {"Size": 0}, ` + frame + `}`, InvalidConfig, "size must be positive", ""},
		{"refused by New", `{"config": {"Size": 101}, ` + frame + `}`, NewFailed, "not round", ""},
		{"more memory than there is", `{"config": {"Size": 536870912}, ` + frame + `}`, Crashed, "out of memory", ""},
		{"unknown configuration", `{"config": {"size": 4}, ` + frame + `}`, Refused, `config: fixture.Config has no integer or bool "size"`, ""},
		{"number too large", `{"config": {"Size": 4, "mac[0]": 256}, ` + frame + `}`, Refused, `"mac[0]": 256 is not a value of uint8`, ""},
		{"no number", `{"config": {"Size": 4, "mac[0]": 2.5}, ` + frame + `}`, Refused, `2.5 is not a value of uint8`, ""},
		{"unknown structure", `{"config": {"Size": 4}, "objects": {"table": {}}, ` + frame + `}`, Refused, "no libvig structure named table", ""},
		{"unknown cell", `{"config": {"Size": 4}, "cells": {"flows": 1}, ` + frame + `}`, Refused, "no integer or bool named flows", ""},
		{"bool out of range", `{"config": {"Size": 4}, "cells": {"on": 2}, ` + frame + `}`, Refused, "on: \"\": 2 is not a value of bool", ""},
		{"wrong capacity", flows(`{"cap": 5}`), Refused, "flows: the capacity is 5, and New chose 4", ""},
		{"index out of the structure", flows(`{"entries": [{"index": 4}]}`), Refused, "flows: index 4 is outside 0..3", ""},
		{"index used twice", flows(`{"entries": [{"index": 1}, {"index": 1, "key": {"Address": 1}}]}`), Refused, "index 1 is used twice", ""},
		{"key used twice", flows(`{"entries": [{"index": 1}, {"index": 2}]}`), Refused, "indices 1 and 2 have the same key", ""},
		{"free index in use", flows(`{"entries": [{"index": 1}], "free": [1]}`), Refused, "index 1 is used twice", ""},
		{"last use before an entry's", flows(`{"last": 39, "entries": [{"index": 1, "time": 40}]}`), Refused, "last use at 39 is before that of an entry, 40", ""},
		{"last use in the future", flows(`{"last": 61}`), Refused, "last use at 61 is after the packet's time 60", ""},
		{"negative time", flows(`{"entries": [{"index": 1, "time": -1}]}`), Refused, "times are negative", ""},
		{"time in the future", flows(`{"entries": [{"index": 1, "time": 61}]}`), Refused, "time 61 is after the packet's time 60", ""},
		{"value that is not Valid", flows(`{"entries": [{"index": 1, "value": {"Bytes": -1}}]}`), Refused, "is not Valid", ""},
		{"part that does not exist", flows(`{"entries": [{"index": 1, "key": {"Port": 1}}]}`), Refused, `key: fixture.Flow has no integer or bool "Port"`, ""},
		{"value of a chain", `{"config": {"Size": 4}, "objects": {"inside.chain": {"entries": [{"index": 1, "value": 3}]}}, ` + frame + `}`,
			Refused, "inside.chain: index 1: value: the structure has none", ""},
		{"map in which two keys share an index", `{"config": {"Size": 4}, "objects": {"ids": {"entries": [{"index": 1, "key": 1}, {"index": 1, "key": 2}]}}, ` + frame + `}`,
			Refused, "ids: index 1 is used twice", ""},
		{"vector beyond its end", `{"config": {"Size": 4}, "objects": {"tokens": {"entries": [{"index": 4, "value": 2}]}}, ` + frame + `}`,
			Refused, "tokens: index 4 is outside 0..3", ""},
	}
	r := open(t, meter)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if tt.message == "out of memory" && runtime.GOOS != "linux" {
				t.Skip("the address space is not limited here")
			}
			got := runOne(t, r, parse(t, tt.text))
			if got.Status != tt.status || !strings.Contains(got.Message, tt.message) {
				t.Errorf("got %s: %s; want %s: %s", got.Status, got.Message, tt.status, tt.message)
			}
			if tt.top != "" && (len(got.Stack) == 0 || !strings.Contains(got.Stack[0], tt.top)) {
				t.Errorf("stack is %q, want %s first", got.Stack, tt.top)
			}
			if good := runOne(t, r, parse(t, strings.Replace(loaded, "FRAME", "00", 1))); good.Status != Ran {
				t.Errorf("the next case: %s: %s", good.Status, good.Message)
			}
		})
	}
}

func TestOpenRefuses(t *testing.T) {
	tests := []struct{ name, pattern, text, want string }{
		{"no such package", "./nfs/nowhere", meter, "nowhere"},
		{"two packages", "./...", meter, "more than one package"},
		{"a package of the standard library", "fmt", meter, "no package of a module"},
		{"syntax error", "./nfs/fixture", "package fixture\nfunc", "syntax error"},
		{"type error", "./nfs/fixture", "package fixture\nfunc New() {}", "New"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := sourceOf(tt.text)
			s.Pattern = tt.pattern
			_, err := Open(context.Background(), s)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got error %v, want %q", err, tt.want)
			}
		})
	}
}

// TestManyCases runs 200 cases through one process, and checks that another version of the sources
// is another program.
func TestManyCases(t *testing.T) {
	r := open(t, meter)
	cases := make([]Case, 200)
	for i := range cases {
		cases[i] = parse(t, strings.Replace(loaded, "FRAME", fmt.Sprintf("05%02x", i), 1))
	}
	start := time.Now()
	results, err := r.Run(context.Background(), cases)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%v per case", time.Since(start)/time.Duration(len(cases)))
	for i, got := range results {
		if got.Status != Ran || got.Objects["flows"].Entries[0].Key["Address"] != json.Number(fmt.Sprint(i)) {
			t.Fatalf("case %d: %v", i, got)
		}
	}
	mutant := open(t, strings.Replace(meter, "uint32(b[1])\n\t\tflow.port", "1 + uint32(b[1])\n\t\tflow.port", 1))
	if got := runOne(t, mutant, cases[6]).Objects["flows"].Entries[0].Key["Address"]; got != "7" {
		t.Errorf("the mutant inserts %s, want 7", got)
	}
}

func TestCancelledContextEndsRun(t *testing.T) {
	r := open(t, meter)
	ctx, cancel := context.WithTimeout(context.Background(), 100*time.Millisecond)
	defer cancel()
	_, err := r.Run(ctx, []Case{parse(t, strings.Replace(loaded, "FRAME", "02", 1))})
	if err == nil {
		t.Error("a run in an endless loop does not end with its context")
	}
}

func BenchmarkOpen(b *testing.B) {
	b.Run("warm", func(b *testing.B) {
		for b.Loop() {
			_ = open(b, meter)
		}
	})
	b.Run("cold", func(b *testing.B) {
		for i := 0; b.Loop(); i++ {
			_ = open(b, meter+fmt.Sprintf("\n// %d %d\n", os.Getpid(), i))
		}
	})
}
