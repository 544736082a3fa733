package control_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"vigor/dataplane"
	"vigor/dataplane/control"
	"vigor/dataplane/inspect"
	"vigor/dataplane/memory"
	"vigor/dataplane/neighbour"
	"vigor/libvig"
	"vigor/nf"
	"vigor/packet"
)

// visit is a key with a field of each kind.
type visit struct {
	Src    packet.IPv4
	Port   uint16
	Inside nf.Device
	Mac    packet.MAC
	Closed bool
	Tag    [3]uint8
	hidden packet.IPv4 // not exported, and an address all the same
	Limits struct{ Low, HighMark int16 }
}

// account is a value that shares a name with the key.
type account struct{ Port, Bytes uint32 }

// desk is the network function of these tests; it drops every frame.
type desk struct {
	visits *libvig.Table[visit, account]   `spec:"visits"`
	many   *libvig.Table[uint32, struct{}] `spec:"many"`
	marks  *libvig.Vector[int8]            `spec:"marks"`
	rooms  *libvig.Chain                   `spec:"rooms"`
	names  *libvig.Map[packet.IPv4]        `spec:"names"`
	opened uint16                          `spec:"opened"`
	front  nf.Device                       `spec:"front"`
	hidden uint16
}

func (d *desk) process(packets []nf.Packet, actions []nf.Action) {
	for i := range packets {
		actions[i] = nf.Drop(nf.NoMapping)
	}
}

const entries = 3000 // of the table many

func newDesk() *desk {
	secret := [5]uint64{1, 2, 3, 4, 5}
	d := &desk{libvig.NewTable[visit, account](4, secret), libvig.NewTable[uint32, struct{}](5000, secret),
		libvig.NewVector(2, int8(-3)), libvig.NewChain(4, libvig.HashKey{}), libvig.NewMap[packet.IPv4](4, secret), 17, 1, 18}
	v := visit{Src: 0x0A000001, Port: 5000, Inside: 1, Mac: packet.MAC{2, 0, 0, 0, 0, 9}, Closed: true, Tag: [3]uint8{1, 2, 3}, hidden: 0x08080808}
	v.Limits.Low, v.Limits.HighMark = -5, 7
	d.visits.Insert(v, account{1, 70000}, 0)
	d.visits.Insert(visit{Inside: 9}, account{}, 1500*nf.Millisecond)
	for i := range uint32(entries) {
		d.many.Insert(i, struct{}{}, 0)
	}
	d.rooms.Allocate(0)
	d.names.Put(0x7F000001, 3)
	return d
}

// running starts shards, and a server for them at a socket.
func running(t testing.TB, shards int) (path string) {
	t.Helper()
	var list []*inspect.Live
	ctx, cancel := context.WithCancel(context.Background())
	for range shards {
		cycle := memory.NewCycle([]dataplane.Frame{{Bytes: make([]byte, 60), Time: 0}}, 1<<60)
		cycle.Tick = 1
		d := newDesk()
		loop := dataplane.NewLoop(nf.Env{Devices: 2}, d.process, cycle)
		live, err := inspect.NewLive(loop, d, []string{"lan0", "wan0"})
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, live)
		ended := make(chan error)
		go func() { ended <- loop.Run(ctx) }()
		t.Cleanup(func() { cancel(); <-ended })
	}
	path = filepath.Join(t.TempDir(), "s")
	s, err := control.Listen(path, control.Config{Live: list, Neighbours: neighbours, Build: control.Build{NF: "vigor/nfs/desk", Hash: "sha256:12", Outcome: "proved", Go: "go1.26"}})
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error)
	go func() { ended <- s.Serve(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	return path
}

// neighbours are those of each shard; their order is none.
func neighbours(shard int) []neighbour.Neighbour {
	return []neighbour.Neighbour{
		{Device: 1, Address: 0xC0000201, State: "asking", Age: 2 * nf.Second, Waiting: 3},
		{Device: 0, Address: 0x0A000009, State: "known", MAC: packet.MAC{2, 0, 0, 0, 0, 9}, Age: nf.Minute},
		{Device: 0, Address: 0x0A000002, State: "failed", Age: 0},
	}
}

// show is what a client prints.
func show(t *testing.T, path string, r control.Request, asJSON bool) (string, error) {
	t.Helper()
	var out strings.Builder
	p := &control.Printer{Out: &out, JSON: asJSON}
	err := control.Ask(t.Context(), path, r, p.Print)
	return out.String(), err
}

// TestShow compares reports for people; ages and counts that run are compared by their form.
func TestShow(t *testing.T) {
	path := running(t, 1)
	for _, test := range []struct {
		request control.Request
		want    []string // lines; a prefix where it ends in …
	}{
		{control.Request{Report: "table", Table: "visits"}, []string{
			"shard  index  src       port  inside  mac                closed  tag      hidden   limits.low  limits.high_mark  value.port  bytes    age",
			"    0      0  10.0.0.1  5000  wan0    02:00:00:00:00:09  true    [1 2 3]  8.8.8.8          -5                 7           1  70000…",
			"    0      1  0.0.0.0      0  9       00:00:00:00:00:00  false   [0 0 0]  0.0.0.0           0                 0           0      0…",
		}},
		{control.Request{Report: "neighbours"}, []string{
			"shard  interface  address    station            state   since  waiting",
			"    0  lan0       10.0.0.2   -                  failed     0s        0",
			"    0  lan0       10.0.0.9   02:00:00:00:00:09  known    1m0s        0",
			"    0  wan0       192.0.2.1  -                  asking     2s        3",
		}},
		{control.Request{Report: "table", Table: "marks"}, []string{
			"shard  index  value", "    0      0     -3", "    0      1     -3",
		}},
		{control.Request{Report: "table", Table: "rooms"}, []string{"shard  index    age", "    0      0…"}},
		{control.Request{Report: "table", Table: "names"}, []string{"shard  index  key", "    0      3  127.0.0.1"}},
		{control.Request{Report: "table", Table: "many", Limit: 2}, []string{
			"shard  index  key    age", "    0      0    0…", "    0      1    1…", "… and more: --limit 2 is reached, --limit 0 shows all",
		}},
		{control.Request{Report: "table", Table: "marks", Limit: 2}, []string{
			"shard  index  value", "    0      0     -3", "    0      1     -3",
		}},
		{control.Request{Report: "tables"}, []string{
			"shard  table   kind    entries  capacity  oldest  expired", "    0  many    Table      3000      5000…",
			"    0  marks   Vector        2         2       -        0", "    0  names   Map           1         4       -        0",
			"    0  rooms   Chain         1         4…", "    0  visits  Table         2         4…",
		}},
		{control.Request{Report: "values"}, []string{"shard  name    value", "    0  front   wan0", "    0  opened  17"}},
		{control.Request{Report: "build"}, []string{
			"function        outcome  identity   go", "vigor/nfs/desk  proved   sha256:12  go1.26",
		}},
	} {
		got, err := show(t, path, test.request, false)
		if err != nil {
			t.Fatal(err)
		}
		lines := strings.Split(strings.TrimSuffix(got, "\n"), "\n")
		if len(lines) != len(test.want) {
			t.Fatalf("%v gives\n%s", test.request, got)
		}
		for i, want := range test.want {
			start, open := strings.CutSuffix(want, "…")
			aged := strings.Contains(test.want[0], "age") || strings.Contains(test.want[0], "oldest")
			if lines[i] != want && !(open && strings.HasPrefix(lines[i], start)) && !(aged && similar(lines[i], want)) {
				t.Errorf("%v, line %d:\n got %q\nwant %q", test.request, i, lines[i], want)
			}
		}
	}
}

// similar compares lines of which a column is as wide as the ages.
func similar(a, b string) bool {
	return strings.Join(strings.Fields(a), " ") == strings.Join(strings.Fields(b), " ")
}

func TestShowAsJSON(t *testing.T) {
	path := running(t, 2)
	for _, test := range []struct {
		request control.Request
		rows    int
		want    map[string]any // of the first row
	}{
		{control.Request{Report: "table", Table: "visits"}, 4, map[string]any{"shard": 0., "index": 0., "src": "10.0.0.1", "inside": "wan0", "closed": "true", "bytes": 70000.}},
		{control.Request{Report: "table", Table: "many"}, 2 * entries, map[string]any{"key": 0.}},
		{control.Request{Report: "table", Table: "many", Limit: entries + 1}, entries + 1, nil},
		{control.Request{Report: "tables"}, 10, map[string]any{"table": "many", "entries": 3000., "capacity": 5000., "expired": 0.}},
		{control.Request{Report: "devices"}, 4, map[string]any{"device": 0., "interface": "lan0", "sent": 0.}},
		{control.Request{Report: "counters"}, 2, map[string]any{"interface": "lan0", "dropped": "no_mapping", "meaning": nf.NoMapping.Doc()}},
	} {
		got, err := show(t, path, test.request, true)
		if err != nil {
			t.Fatal(err)
		}
		lines := strings.Split(strings.TrimSuffix(got, "\n"), "\n")
		var row map[string]any
		if err := json.Unmarshal([]byte(lines[0]), &row); err != nil || len(lines) != test.rows {
			t.Errorf("%v: %d rows, %v, first %s", test.request, len(lines), err, lines[0])
		}
		for key, want := range test.want {
			if row[key] != want {
				t.Errorf("%v: %s is %v, want %v", test.request, key, row[key], want)
			}
		}
		if age, ok := row["age_seconds"].(float64); strings.Contains(lines[0], "age") && (!ok || age < 0 || age > 3600) {
			t.Errorf("%v: age %v", test.request, row["age_seconds"])
		}
	}
}

// TestRefusedRequests: each gets an error that helps, and the connection can be used again.
func TestRefusedRequests(t *testing.T) {
	path := running(t, 1)
	conn, err := net.Dial("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(10 * time.Second))
	lines := bufio.NewReader(conn)
	for _, test := range []struct{ request, want string }{
		{`{"report":"table","table":"flows"}`, `there is no table "flows": there are many, marks, names, rooms, visits`},
		{`{"report":"table"}`, `there is no table ""`},
		{`{"report":"everything"}`, `there is no report "everything": there are build, counters, devices, neighbours, tables, values, and table`},
		{`{"report":"tables","table":"visits"}`, `is not of one table`},
		{`{"report":"tables","limit":-1}`, `the limit is negative`},
		{`{"report":"tables","limit":99999999999999999999}`, `cannot be read`},
		{`{"report":"tables","depth":3}`, `unknown field`},
		{`{"report":"tables"} {"report":"tables"}`, `more than one value`},
		{`tables`, `cannot be read`},
		{``, `cannot be read`},
		{`null`, `there is no report ""`},
		{`[]`, `cannot be read`},
		{"\x00\xff", `cannot be read`},
	} {
		fmt.Fprintf(conn, "%s\n", test.request)
		line, err := lines.ReadString('\n')
		var a control.Answer
		if err != nil || json.Unmarshal([]byte(line), &a) != nil || !strings.Contains(a.Error, test.want) {
			t.Errorf("%q: %q, %v; want %q", test.request, line, err, test.want)
		}
	}
	fmt.Fprintln(conn, `{"report":"tables","limit":1}`)
	if line, err := lines.ReadString('\n'); err != nil || !strings.Contains(line, "columns") {
		t.Errorf("after all: %q, %v", line, err)
	}
}

func TestLongRequest(t *testing.T) {
	path := running(t, 1)
	conn, err := net.Dial("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(10 * time.Second))
	go fmt.Fprintf(conn, `{"report":"%s`, strings.Repeat("x", 5000)) // no end of the line
	line, err := bufio.NewReader(conn).ReadString('\n')
	if err != nil || !strings.Contains(line, "longer than 1024 bytes") {
		t.Errorf("got %q, %v", line, err)
	}
}

// TestManyConnections: whoever holds connections open keeps others out, but gets no more than eight, and
// nobody waits without an answer.
func TestManyConnections(t *testing.T) {
	path := running(t, 1)
	var held []net.Conn
	for range 8 {
		conn, err := net.Dial("unix", path)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		held = append(held, conn)
		fmt.Fprintln(conn, `{"report":"build"}`)
		if _, err := conn.Read(make([]byte, 1)); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := show(t, path, control.Request{Report: "build"}, false); err == nil || !strings.Contains(err.Error(), "8 connections already") {
		t.Errorf("the ninth: %v", err)
	}
	held[0].Close()
	for try := 0; ; try++ {
		_, err := show(t, path, control.Request{Report: "build"}, false)
		if err == nil {
			return
		}
		if try == 500 {
			t.Fatalf("after one has gone: %v", err)
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// TestClientGoesAway in the middle of a long answer, again and again: the server goes on.
func TestClientGoesAway(t *testing.T) {
	path := running(t, 1)
	for range 50 {
		conn, err := net.Dial("unix", path)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintln(conn, `{"report":"table","table":"many"}`)
		conn.Read(make([]byte, 10))
		conn.Close()
	}
	for try := 0; ; try++ {
		got, err := show(t, path, control.Request{Report: "table", Table: "many"}, true)
		if err == nil && strings.Count(got, "\n") == entries {
			return
		}
		if try == 500 {
			t.Fatalf("got %d rows, %v", strings.Count(got, "\n"), err)
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// TestEndedLoop: an answer, not a hang.
func TestEndedLoop(t *testing.T) {
	d := newDesk()
	loop := dataplane.NewLoop(nf.Env{Devices: 2}, d.process, &memory.Queue{})
	live, err := inspect.NewLive(loop, d, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := loop.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "s")
	s, err := control.Listen(path, control.Config{Live: []*inspect.Live{live}})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error)
	go func() { ended <- s.Serve(ctx) }()
	for _, r := range []control.Request{{Report: "tables"}, {Report: "devices"}, {Report: "table", Table: "many"}} {
		if _, err := show(t, path, r, false); err == nil || !strings.Contains(err.Error(), "shard 0: the loop has ended") {
			t.Errorf("%v: %v", r, err)
		}
	}
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

// FuzzRequest writes anything to the socket: each line gets an answer that ends, and the loop goes on.
func FuzzRequest(f *testing.F) {
	for _, seed := range []string{`{"report":"table","table":"visits","limit":1}`, `{"report":"tables"}`, `{}`, `{"limit":1e3}`, "\x00"} {
		f.Add([]byte(seed))
	}
	path := running(f, 1)
	f.Fuzz(func(t *testing.T, request []byte) {
		conn, err := net.Dial("unix", path)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		conn.SetDeadline(time.Now().Add(10 * time.Second))
		line := strings.ReplaceAll(string(request), "\n", " ")
		fmt.Fprintf(conn, "%s\n", line)
		answers := bufio.NewReader(conn)
		for {
			text, err := answers.ReadString('\n')
			if err != nil {
				t.Fatalf("%q: no end of the answer: %v", line, err)
			}
			var a control.Answer
			if err := json.Unmarshal([]byte(text), &a); err != nil {
				t.Fatalf("%q: %q: %v", line, text, err)
			}
			if a.Error != "" || a.End != nil {
				return
			}
		}
	})
}
