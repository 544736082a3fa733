package bench

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"vigor/dataplane"
	"vigor/libvig"
	"vigor/nf"
)

// model is a flow table made of a Go map: it forwards packets of flows it has room for, answers to the
// flows from the other side, and nothing else.
type model struct {
	capacity int
	timeout  nf.Time
	last     map[string]nf.Time // by source and destination address and source port

	begun, known int
}

func (m *model) process(packets []nf.Packet, actions []nf.Action) {
	for i := range packets {
		actions[i] = m.one(&packets[i])
	}
}

func (m *model) one(p *nf.Packet) nf.Action {
	b := bytes.Clone(p.Bytes())
	if p.Device() == 1 {
		answer(b)
	}
	key, now := string(b[atSource:atDestinationPort]), p.Time()
	last, ok := m.last[key]
	if ok && now-last > m.timeout {
		delete(m.last, key)
		ok = false
	}
	switch {
	case ok:
		m.known++
	case p.Device() == 1:
		return nf.Drop(nf.NoMapping)
	default:
		if m.alive(now) >= m.capacity {
			return nf.Drop(nf.TableFull)
		}
		m.begun++
	}
	m.last[key] = now
	return nf.Forward(1 - p.Device())
}

// alive is the number of flows, those that have expired left out if that matters.
func (m *model) alive(now nf.Time) int {
	if len(m.last) >= m.capacity {
		m.expire(now)
	}
	return len(m.last)
}

func (m *model) expire(now nf.Time) {
	for key, last := range m.last {
		if now-last > m.timeout {
			delete(m.last, key)
		}
	}
}

// start builds a model; latest is the one built last.
func start(latest **model) func(nf.Env, settings) (any, dataplane.Burst, error) {
	return func(_ nf.Env, c settings) (any, dataplane.Burst, error) {
		m := &model{capacity: c.Capacity, timeout: c.Timeout, last: map[string]nf.Time{}}
		*latest = m
		return m, m.process, nil
	}
}

// small is a scenario that takes no time.
var small = Scenario{Traffic: Random, Frame: MinFrame, Entries: 1000, Burst: 32, Ring: 1 << 16, IO: Memory}

// TestScenarios: hits are hits, misses begin flows, turnovers replace all flows, and the table is as
// full as it should be.
func TestScenarios(t *testing.T) {
	d := describe(t)
	for _, traffic := range Traffics {
		for _, turnovers := range []int{0, 2} {
			var m *model
			s := small
			s.Traffic, s.Turnovers = traffic, turnovers
			u, err := newSubject(d, s, starter(d, start(&m)), false)
			if err != nil {
				t.Fatalf("%s, %d turnovers: %v", traffic, turnovers, err)
			}
			if want := 900 * (turnovers + 1); m.begun != want {
				t.Errorf("%s: %d flows begun by %d turnovers, want %d", traffic, m.begun, turnovers, want)
			}
			m.begun, m.known = 0, 0
			r, err := u.round(Effort{Warm: 1, Chunks: 3, Bursts: 10})
			if err != nil {
				t.Fatalf("%s: %v", traffic, err)
			}
			packets := 4*ChunkSize + 10*s.Burst
			begun, known := 0, packets
			if traffic == Miss {
				begun, known = packets, 0
			}
			if m.begun != begun || m.known != known || r.Sent != 1 {
				t.Errorf("%s, %d turnovers: %d packets began flows and %d were of known ones, want %d and %d; %v sent",
					traffic, turnovers, m.begun, m.known, begun, known, r.Sent)
			}
			if m.expire(u.traffic.Now); len(m.last) < 890 || len(m.last) > 960 {
				t.Errorf("%s: %d flows are alive, want 900", traffic, len(m.last))
			}
		}
	}
}

func TestScenariosAreImpossible(t *testing.T) {
	forgetful, silent, three := describe(t), describe(t), describe(t)
	forgetful.Expires, silent.Reply, three.Devices = 0, false, 3
	for _, test := range []struct {
		name   string
		d      *File
		change func(s *Scenario)
		want   string
	}{
		{"short frame", describe(t), func(s *Scenario) { s.Frame = 63 }, "frames have 64 to 1518 bytes"},
		{"long frame", describe(t), func(s *Scenario) { s.Frame = 1519 }, "frames have 64 to 1518 bytes"},
		{"negative turnovers", describe(t), func(s *Scenario) { s.Turnovers = -1 }, "turnovers are not negative"},
		{"no entries", describe(t), func(s *Scenario) { s.Entries = 0 }, "there must be entries"},
		{"no burst", describe(t), func(s *Scenario) { s.Burst = 0 }, "a burst has 1 to 64 frames"},
		{"large burst", describe(t), func(s *Scenario) { s.Burst = 65 }, "a burst has 1 to 64 frames"},
		{"large table", describe(t), func(s *Scenario) { s.Entries = 6000 }, "at most 5000 entries: there are no more"},
		{"miss", forgetful, func(s *Scenario) { s.Traffic = Miss }, "it forgets no flow"},
		{"turnover", forgetful, func(s *Scenario) { s.Turnovers = 1 }, "it forgets no flow"},
		{"three devices", three, func(s *Scenario) { s.IO = DPDK }, "frames go round"},
		{"time on devices", describe(t), func(s *Scenario) { s.IO, s.Turnovers = DPDK, 1 }, "on devices time passes by itself"},
		{"reply", silent, func(s *Scenario) { s.Traffic = Reply }, "does not say that there are replies"},
	} {
		var m *model
		s := small
		test.change(&s)
		_, err := newSubject(test.d, s, starter(test.d, start(&m)), false)
		var impossible *impossibleError
		if !errors.As(err, &impossible) || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: got %v, want %q", test.name, err, test.want)
		}
	}
	s, d := small, describe(t)
	s.Entries, s.Frame, d.Entries.Most = 4<<20, 1500, 0
	if err := s.check(d); err == nil || !strings.Contains(err.Error(), "more than 4294967295 bytes together") {
		t.Errorf("frames of 5 GB: got %v", err)
	}
}

// TestTable: where the table is not as full as the description says, nothing is measured.
func TestTable(t *testing.T) {
	type pair struct {
		flows *libvig.Table[uint32, struct{}] `spec:"flows"`
	}
	for _, test := range []struct {
		table    string
		learns   bool
		perReply uint32 // entries that a reply makes
		want     string // empty if all is well
	}{
		{"flows", false, 0, ""},
		{"flows", true, 1, ""},
		{"flows", true, 0, "the table flows has 450 entries, and there should be 900"},
		{"flows", false, 1, "the table flows has 1000 entries, and there should be 900"},
		{"sessions", false, 0, "there is no structure sessions: there are flows"},
	} {
		d := describe(t)
		d.Table, d.ReplyLearns = test.table, test.learns
		build := func(env nf.Env, entries int) (any, dataplane.Burst, error) {
			n := &pair{libvig.NewTable[uint32, struct{}](entries, env.HashKey)}
			learn := func(key uint32) {
				if _, ok := n.flows.Lookup(key); !ok {
					n.flows.Insert(key, struct{}{}, 0)
				}
			}
			return n, func(packets []nf.Packet, actions []nf.Action) {
				for i := range packets {
					b, from := packets[i].Bytes(), packets[i].Device()
					at := [2]int{atSource, atDestination}[from]
					if from == 0 || test.perReply == 1 {
						learn(binary.BigEndian.Uint32(b[at:])<<1 | uint32(from))
					}
					actions[i] = nf.Forward(1 - from)
				}
			}, nil
		}
		s := small
		s.Traffic = Reply
		_, err := newSubject(d, s, build, false)
		if test.want == "" && err != nil || test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)) {
			t.Errorf("%+v: got %v", test, err)
		}
	}
}

// TestSmallerTable: where 90 % of the nominal size fit, the table is as large as the function allows.
func TestSmallerTable(t *testing.T) {
	d := describe(t)
	d.Entries.Most = 950
	var m *model
	u, err := newSubject(d, small, starter(d, start(&m)), false)
	if err != nil || u.state.Entries != 950 || m.capacity != 950 || u.state.Flows != 900 {
		t.Errorf("got %+v, %v", u.state, err)
	}
}

// TestDropsAreRefused: what drops its packets is not measured, whether from the start or later.
func TestDropsAreRefused(t *testing.T) {
	d := describe(t)
	var process dataplane.Burst
	begin := func(nf.Env, int) (any, dataplane.Burst, error) { return nil, process, nil }
	process = func(packets []nf.Packet, actions []nf.Action) {
		for i := range packets {
			actions[i] = nf.Drop(nf.TableFull)
		}
	}
	want := "bench.yaml: of 900 first packets of flows only 0 are sent, 100 % were promised; most drops: table_full: "
	if _, err := newSubject(d, small, begin, false); err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("got %v, want %q", err, want)
	}
	left := 2000
	process = func(packets []nf.Packet, actions []nf.Action) {
		for i := range packets {
			actions[i] = nf.Forward(1)
			if left--; left < 0 {
				actions[i] = nf.Drop(nf.WrongPeer)
			}
		}
	}
	u, err := newSubject(d, small, begin, false)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := u.round(Effort{Chunks: 1}); err == nil || !strings.Contains(err.Error(), "measured packets only 200 are sent") {
		t.Errorf("got %v", err)
	}
}

// TestAllocationsAreSeen: a function that allocates cannot hide it, nor where. What else happens in the program is none
// of its allocations.
func TestAllocationsAreSeen(t *testing.T) {
	defer func(before int) { runtime.MemProfileRate = before }(runtime.MemProfileRate)
	watchAllocations()
	d := describe(t)
	var keep []*int
	for _, allocates := range []bool{false, true} {
		begin := func(nf.Env, int) (any, dataplane.Burst, error) {
			return nil, func(packets []nf.Packet, actions []nf.Action) {
				if allocates {
					keep = append(keep, new(int))
				}
				for i := range packets {
					actions[i] = nf.Forward(1)
				}
			}, nil
		}
		u, err := newSubject(d, small, begin, false)
		if err != nil {
			t.Fatal(err)
		}
		stop, stopped := make(chan bool), make(chan []byte)
		go func() {
			var other []byte
			for {
				select {
				case <-stop:
					stopped <- other
					return
				default:
					other = make([]byte, 100)
				}
			}
		}()
		r, err := u.round(Effort{Warm: 1, Chunks: 2, Bursts: 100})
		close(stop)
		<-stopped
		if strings.Contains(r.AllocatedBy, "TestAllocationsAreSeen") != allocates || strings.Contains(r.AllocatedBy, "scenario_test.go:") != allocates {
			t.Errorf("allocates: %v, by %q", allocates, r.AllocatedBy)
		}
		if err != nil || (r.Allocations > 0) != allocates || len(r.Function) != 2 || len(r.Harness) != 2 {
			t.Errorf("%d allocations, %v; allocates: %v", r.Allocations, err, allocates)
		}
		if l := u.latency(); l.All.Bursts != 100 || l.All.P50 <= 0 || l.All.Max < l.All.P999 || l.Undisturbed.Bursts > 100 {
			t.Errorf("latencies %+v", l)
		}
	}
}

// TestProgram speaks to a program as vigor bench does.
func TestProgram(t *testing.T) {
	file := t.TempDir() + "/" + FileName
	writeFile(t, file, good)
	var m *model
	in := `{"round":{"chunks":1}}
		{"setup":{"traffic":"random","frame":64,"entries":100,"burst":8,"ring":1}}
		{"round":{"warm":0,"chunks":2,"bursts":3}} {"round":{"chunks":0}} {"finish":true} {"memory":[4096]} {}
		{"setup":{"traffic":"random","frame":64,"entries":100000,"burst":8,"ring":1}}`
	var out bytes.Buffer
	profile := filepath.Join(t.TempDir(), "profile")
	if err := run(start(&m), []string{"--description", file, "--record", profile}, strings.NewReader(in), &out); err != nil {
		t.Fatal(err)
	}
	if text, err := os.ReadFile(profile); err != nil || !bytes.HasPrefix(text, []byte{0x1f, 0x8b}) { // compressed
		t.Errorf("the profile of the rounds: % x, %v", text[:min(len(text), 9)], err)
	}
	answers := json.NewDecoder(&out)
	for i, check := range []func(r Response) bool{
		func(r Response) bool { return r.Error == "nothing is set up" },
		func(r Response) bool { return r.State != nil && r.State.Flows == 90 && r.Error == "" },
		func(r Response) bool { return r.Round != nil && len(r.Round.Function) == 2 && r.Round.Sent == 1 },
		func(r Response) bool { return strings.Contains(r.Error, "a round of 0 chunks") },
		func(r Response) bool { return r.Latency != nil && r.Latency.All.Bursts == 3 },
		func(r Response) bool { return len(r.Memory) == 1 && r.Memory[0] > 0 },
		func(r Response) bool { return r.Error == "the request asks for nothing" },
		func(r Response) bool { return strings.HasPrefix(r.Impossible, "at most 5000 entries") && r.Error == "" },
	} {
		var r Response
		if err := answers.Decode(&r); err != nil || !check(r) {
			t.Errorf("answer %d: %+v, %v", i, r, err)
		}
	}
	out.Reset()
	err := run(start(&m), []string{"--description", file, "--record", file + "/profile"}, strings.NewReader(in), &out)
	if err != nil || !strings.Contains(out.String(), `{"error":"recording a profile: `) {
		t.Errorf("a profile in no folder: %v\n%s", err, &out)
	}
	for _, test := range []struct {
		args []string
		in   string
		want string
	}{
		{[]string{"--description", file}, "{", "reading a request"},
		{[]string{"--description", "none.yaml"}, "", "none.yaml"},
		{[]string{"--frob"}, "", "frob"},
	} {
		if err := run(start(&m), test.args, strings.NewReader(test.in), &out); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%v: got %v, want %q", test.args, err, test.want)
		}
	}
}

// TestDroppedBefore: what is to be dropped before the flows must be, all of it.
func TestDroppedBefore(t *testing.T) {
	d := describe(t)
	d.Before = []Prelude{{Count: 5, Packet: d.Packet, Dropped: true}}
	seen, most := 0, 0
	begin := func(nf.Env, int) (any, dataplane.Burst, error) {
		return nil, func(packets []nf.Packet, actions []nf.Action) {
			for i := range packets {
				actions[i] = nf.Drop(nf.LinkControl)
				if seen++; seen > most {
					actions[i] = nf.Forward(1)
				}
			}
		}, nil
	}
	most = 5
	if _, err := newSubject(d, small, begin, false); err != nil {
		t.Error(err)
	}
	seen, most = 0, 4
	want := "bench.yaml: of packets of before[0] 1 are sent, all were said to be dropped"
	if _, err := newSubject(d, small, begin, false); err == nil || err.Error() != want {
		t.Errorf("got %v, want %q", err, want)
	}
}
