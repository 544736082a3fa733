package metrics_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil/promlint"

	"vigor/dataplane"
	"vigor/dataplane/inspect"
	"vigor/dataplane/memory"
	"vigor/dataplane/metrics"
	"vigor/libvig"
	"vigor/nf"
)

// porter is the network function of these tests: it knows the first bytes of frames for a second, and
// drops every fourth frame.
type porter struct {
	seen  *libvig.Table[uint8, uint8] `spec:"seen"`
	spare *libvig.Chain               `spec:"spare"`
	names *libvig.Vector[uint8]       `spec:"names"`
	index *libvig.Map[uint8]          `spec:"index"`
	// class has timers of its own for each class.
	class *libvig.ClassTable[uint8, uint8] `spec:"class"`
}

func (p *porter) process(packets []nf.Packet, actions []nf.Action) {
	for i := range packets {
		now, key := packets[i].Time(), packets[i].Bytes()[0]
		p.seen.ExpireBefore(now - nf.Second)
		if j, ok := p.seen.Lookup(key); ok {
			p.seen.Refresh(j, now)
		} else {
			p.seen.Insert(key, 0, now)
		}
		p.class.ExpireBefore(0, now)
		if j, ok := p.class.Lookup(key); ok {
			p.class.Refresh(j, now, 0)
		} else {
			p.class.Insert(key, 0, now, 0)
		}
		actions[i] = nf.Forward(1 - packets[i].Device())
		if key%4 == 3 {
			actions[i] = nf.Drop(nf.WrongPeer)
		}
	}
}

// gate is a back end that can be held.
type gate struct {
	*memory.Cycle
	hold atomic.Bool
	held chan struct{} // receives when an exchange waits
	free chan struct{}
}

func (g *gate) Exchange(out, in *dataplane.Batch) error {
	if g.hold.Load() {
		g.held <- struct{}{}
		<-g.free
	}
	return g.Cycle.Exchange(out, in)
}

// running starts shards with 16 different frames of 60 bytes each, on device 0.
func running(t *testing.T, shards int) ([]*inspect.Live, *gate) {
	t.Helper()
	var list []*inspect.Live
	var g *gate
	for range shards {
		frames := make([]dataplane.Frame, 16)
		for i := range frames {
			frames[i] = dataplane.Frame{Bytes: append([]byte{byte(i)}, make([]byte, 59)...)}
		}
		g = &gate{Cycle: memory.NewCycle(frames, 1<<60), held: make(chan struct{}), free: make(chan struct{})}
		g.Tick = nf.Millisecond
		secret := [5]uint64{1, 2, 3, 4, 5}
		p := &porter{libvig.NewTable[uint8, uint8](100, secret), libvig.NewChain(5, libvig.HashKey{}), libvig.NewVector(3, uint8(1)), libvig.NewMap[uint8](7, secret),
			libvig.NewClassTable[uint8, uint8](9, 2, secret)}
		loop := dataplane.NewLoop(nf.Env{Devices: 2}, p.process, g)
		live, err := inspect.NewLive(loop, p, []string{"lan0", `wa"n`})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(context.Background())
		ended := make(chan error)
		go func() { ended <- loop.Run(ctx) }()
		t.Cleanup(func() { cancel(); <-ended })
		list = append(list, live)
	}
	return list, g
}

// get asks a server that listens.
func get(t *testing.T, url string) (status int, body string) {
	t.Helper()
	response, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(text)
}

// serve starts a server and returns its address.
func serve(t *testing.T, cfg metrics.Config) (*metrics.Server, string) {
	t.Helper()
	s, err := metrics.Listen("127.0.0.1:0", cfg)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error)
	go func() { ended <- s.Serve(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	return s, "http://" + s.Addr().String()
}

// value finds the value of a series.
func value(t *testing.T, text, series string) float64 {
	t.Helper()
	m := regexp.MustCompile(`(?m)^` + regexp.QuoteMeta(series) + ` (\S+)$`).FindStringSubmatch(text)
	if m == nil {
		t.Fatalf("no %s in:\n%s", series, text)
	}
	var x float64
	if _, err := fmt.Sscan(m[1], &x); err != nil {
		t.Fatal(err)
	}
	return x
}

var testBuild = metrics.Build{NF: "vigor/nfs/porter", Hash: "abc", Outcome: "proved", Go: "go1.26"}

// TestScrapesWhileTrafficFlows: the numbers of one scrape agree with each other, and go up.
func TestScrapesWhileTrafficFlows(t *testing.T) {
	live, _ := running(t, 2)
	s, url := serve(t, metrics.Config{Live: live, Build: testBuild, Neighbours: func(shard int) int { return 40 + shard }})
	for _, err := range []error{nil, errors.New("capacity"), errors.New("wan")} {
		s.Reloaded(err)
	}
	var before, filled float64
	for filled < 16 {
		_, text := get(t, url+"/metrics")
		filled = value(t, text, `vigor_table_entries{shard="1",table="seen"}`)
	}
	for range 5 {
		status, text := get(t, url+"/metrics")
		if status != http.StatusOK {
			t.Fatalf("status %d: %s", status, text)
		}
		for shard := range 2 {
			lan := fmt.Sprintf(`{device="0",interface="lan0",shard="%d"}`, shard)
			wan := fmt.Sprintf(`{device="1",interface="wa\"n",shard="%d"}`, shard)
			drops := fmt.Sprintf(`vigor_dropped_packets_total{device="0",interface="lan0",reason="wrong_peer",shard="%d"}`, shard)
			only := fmt.Sprintf(`{shard="%d"}`, shard)
			received := value(t, text, "vigor_received_packets_total"+lan)
			sent := value(t, text, "vigor_sent_packets_total"+wan)
			if received*60 != value(t, text, "vigor_received_bytes_total"+lan) || sent*60 != value(t, text, "vigor_sent_bytes_total"+wan) {
				t.Error("bytes and packets do not agree")
			}
			// The last burst, of 32, has been decided about and not been sent, unless it was sampled.
			if waiting := received - sent - value(t, text, drops); waiting != 0 && waiting != 24 {
				t.Errorf("%v received, %v sent, %v dropped", received, sent, value(t, text, drops))
			}
			if value(t, text, "vigor_burst_packets_sum"+only) != received || value(t, text, "vigor_steps_total"+only) != received/32 {
				t.Error("bursts and packets do not agree")
			}
			if n := value(t, text, "vigor_burst_latency_seconds_count"+only); n == 0 || n > received/32/64+1 {
				t.Errorf("%v bursts are sampled of %v", n, received/32)
			}
			if got := value(t, text, "vigor_neighbours"+only); got != float64(40+shard) {
				t.Errorf("%v neighbours", got)
			}
			if shard == 1 {
				if received <= before {
					t.Error("nothing was received between two scrapes")
				}
				before = received
			}
		}
		if value(t, text, `vigor_table_capacity_entries{shard="0",table="seen"}`) != 100 || value(t, text, `vigor_table_entries{shard="0",table="spare"}`) != 0 ||
			value(t, text, `vigor_table_oldest_seconds{shard="0",table="seen"}`) < 0 {
			t.Error("the tables are not as they are")
		}
		if value(t, text, `vigor_table_oldest_seconds{shard="1",table="class"}`) < 0 || value(t, text, `vigor_table_expired_total{shard="1",table="class"}`) == 0 {
			t.Error("entries with classes do not grow old")
		}
		for _, absent := range []string{`vigor_table_oldest_seconds{shard="0",table="spare"}`, `table="names"`, `vigor_table_expired_total{shard="0",table="index"}`} {
			if strings.Contains(text, absent) {
				t.Errorf("%s is there", absent)
			}
		}
		if value(t, text, `vigor_reloads_total{outcome="applied"}`) != 1 || value(t, text, `vigor_reloads_total{outcome="refused"}`) != 2 {
			t.Error("the reloads are not counted")
		}
		value(t, text, `vigor_build_info{go_version="go1.26",identity="abc",nf="vigor/nfs/porter",outcome="proved"}`)
	}
}

// TestLint puts the exposition to Prometheus' own checks.
func TestLint(t *testing.T) {
	live, _ := running(t, 1)
	_, url := serve(t, metrics.Config{Live: live, Build: testBuild, Neighbours: func(int) int { return 1 }})
	_, text := get(t, url+"/metrics")
	problems, err := promlint.New(strings.NewReader(text)).Lint()
	if err != nil || len(problems) > 0 {
		t.Errorf("%v, %v", problems, err)
	}
}

// TestDocumented compares the table of docs/observing.md with what is served: names, types and labels.
func TestDocumented(t *testing.T) {
	live, _ := running(t, 1)
	_, url := serve(t, metrics.Config{Live: live, Build: testBuild, Neighbours: func(int) int { return 1 }})
	var text string
	for !strings.Contains(text, "vigor_table_oldest_seconds") {
		_, text = get(t, url+"/metrics")
	}
	var served []string
	for _, family := range regexp.MustCompile(`(?m)^# TYPE (\w+) (\w+)\n\w+(?:\{(.*)\})? `).FindAllStringSubmatch(text, -1) {
		var labels []string
		for _, label := range regexp.MustCompile(`(\w+)="`).FindAllStringSubmatch(family[3], -1) {
			if label[1] != "le" {
				labels = append(labels, "`"+label[1]+"`")
			}
		}
		slices.Sort(labels)
		served = append(served, fmt.Sprintf("| `%s` | %s | %s |", family[1], family[2], strings.Join(labels, ", ")))
	}
	doc, err := os.ReadFile("../../docs/observing.md")
	if err != nil {
		t.Fatal(err)
	}
	documented := regexp.MustCompile("(?m)^\\| `vigor_\\w+` \\| \\w+ \\| [^|]*\\|").FindAllString(string(doc), -1)
	slices.Sort(served)
	slices.Sort(documented)
	if !slices.Equal(served, documented) {
		t.Errorf("served:\n%s\ndocumented:\n%s", strings.Join(served, "\n"), strings.Join(documented, "\n"))
	}
}

func TestHealth(t *testing.T) {
	live, g := running(t, 1)
	var down atomic.Pointer[error]
	s, url := serve(t, metrics.Config{Live: live, Ready: func() error {
		if err := down.Load(); err != nil {
			return *err
		}
		return nil
	}})
	check := func(what, path string, status int, want string) {
		t.Helper()
		got, body := get(t, url+path)
		if got != status || !strings.Contains(body, want) {
			t.Errorf("%s: %s is %d %q, want %d %q", what, path, got, body, status, want)
		}
	}
	check("running", "/healthz", 200, "ok")
	check("running", "/readyz", 200, "ok")
	cable := errors.New("device 1, wan: no carrier")
	down.Store(&cable)
	check("a device down", "/healthz", 200, "ok")
	check("a device down", "/readyz", 503, "no carrier")
	down.Store(nil)
	g.hold.Store(true)
	<-g.held
	check("held", "/healthz", 503, "shard 0: the loop has not finished a step within 1s")
	check("held", "/readyz", 503, "has not finished a step")
	check("held", "/metrics", 500, "shard 0 does not answer")
	g.hold.Store(false)
	close(g.free)
	check("freed", "/readyz", 200, "ok")
	s.Drain()
	check("draining", "/healthz", 200, "ok")
	check("draining", "/readyz", 503, "draining")
}

// TestEnded: when the loop has ended, nothing is healthy and nothing hangs.
func TestEnded(t *testing.T) {
	p := &porter{}
	loop := dataplane.NewLoop(nf.Env{Devices: 2}, p.process, &memory.Queue{})
	live, err := inspect.NewLive(loop, p, []string{"a", "b"})
	if err != nil {
		t.Fatal(err)
	}
	if err := loop.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	_, url := serve(t, metrics.Config{Live: []*inspect.Live{live}})
	for path, status := range map[string]int{"/healthz": 503, "/readyz": 503, "/metrics": 500} {
		if got, body := get(t, url+path); got != status || !strings.Contains(body, "the loop has ended") {
			t.Errorf("%s: %d %q", path, got, body)
		}
	}
}

// TestFault: what cannot be shown fails a scrape, and nothing else.
func TestFault(t *testing.T) {
	live, _ := running(t, 1)
	live[0].Devices = []string{"\xff"} // no label can have this value
	_, url := serve(t, metrics.Config{Live: live})
	for path, status := range map[string]int{"/metrics": 500, "/healthz": 200} {
		if got, body := get(t, url+path); got != status {
			t.Errorf("%s: %d %q", path, got, body)
		}
	}
}

func TestRefusedRequests(t *testing.T) {
	live, _ := running(t, 1)
	s, _ := serve(t, metrics.Config{Live: live})
	for _, test := range []struct {
		method, path string
		status       int
	}{
		{"POST", "/metrics", 405}, {"DELETE", "/healthz", 405}, {"PUT", "/readyz", 405},
		{"GET", "/", 404}, {"GET", "/metrics/x", 404}, {"GET", "/debug/pprof/", 404},
	} {
		w := httptest.NewRecorder()
		s.Handler().ServeHTTP(w, httptest.NewRequest(test.method, test.path, nil))
		if w.Code != test.status {
			t.Errorf("%s %s: %d, want %d", test.method, test.path, w.Code, test.status)
		}
	}
	conn, err := net.Dial("tcp", s.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	request := append([]byte("GET /metrics HTTP/1.1\r\nHost: x\r\nX: "), bytes.Repeat([]byte("a"), 64<<10)...)
	go conn.Write(append(request, "\r\n\r\n"...))
	conn.SetReadDeadline(time.Now().Add(10 * time.Second))
	answer := make([]byte, 64)
	n, err := conn.Read(answer)
	if err != nil || !strings.Contains(string(answer[:n]), "431") {
		t.Errorf("a large header: %q, %v", answer[:n], err)
	}
}

// TestManyConnections: whoever holds connections open gets so many and no more.
func TestManyConnections(t *testing.T) {
	live, _ := running(t, 1)
	s, url := serve(t, metrics.Config{Live: live})
	var open int
	for range 100 {
		conn, err := net.Dial("tcp", s.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		conn.SetReadDeadline(time.Now().Add(20 * time.Millisecond))
		if _, err := conn.Read(make([]byte, 1)); errors.Is(err, os.ErrDeadlineExceeded) {
			open++
		}
	}
	if open != 64 {
		t.Errorf("%d connections stay open, want 64", open)
	}
	if _, err := http.Get(url + "/healthz"); err == nil {
		t.Error("another one is answered")
	}
}

func TestListenRefuses(t *testing.T) {
	taken, err := metrics.Listen("127.0.0.1:0", metrics.Config{})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	defer func() {
		if err := taken.Serve(ctx); err != nil {
			t.Error(err)
		}
	}()
	for _, address := range []string{taken.Addr().String(), "127.0.0.1", "127.0.0.1:99999", "nowhere:x"} {
		if s, err := metrics.Listen(address, metrics.Config{}); err == nil {
			t.Errorf("%q: listens at %v", address, s.Addr())
		} else if !strings.HasPrefix(err.Error(), "serving metrics: ") {
			t.Errorf("%q: %v", address, err)
		}
	}
}

// BenchmarkScrape is what a scrape costs in all; the loop is kept for a copy of the counters alone.
func BenchmarkScrape(b *testing.B) {
	p := &porter{}
	loop := dataplane.NewLoop(nf.Env{Devices: 2}, func(packets []nf.Packet, actions []nf.Action) {}, memory.NewCycle([]dataplane.Frame{{Bytes: make([]byte, 64)}}, 1<<60))
	live, err := inspect.NewLive(loop, p, []string{"a", "b"})
	if err != nil {
		b.Fatal(err)
	}
	s, err := metrics.Listen("127.0.0.1:0", metrics.Config{Live: []*inspect.Live{live}})
	if err != nil {
		b.Fatal(err)
	}
	ctx, cancel := context.WithCancel(b.Context())
	defer cancel()
	go loop.Run(ctx)
	handler := s.Handler()
	for b.Loop() {
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, httptest.NewRequest("GET", "/metrics", nil))
		if w.Code != http.StatusOK {
			b.Fatal(w.Code)
		}
	}
}
