package journal_test

import (
	"bytes"
	"context"
	"log/slog"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"vigor/dataplane"
	"vigor/dataplane/inspect"
	"vigor/dataplane/journal"
	"vigor/dataplane/memory"
	"vigor/nf"
)

// lines is a log that can be read while it is written.
type lines struct {
	mutex sync.Mutex
	text  bytes.Buffer
}

func (l *lines) Write(b []byte) (int, error) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	return l.text.Write(b)
}

func (l *lines) String() string {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	return l.text.String()
}

// watched runs a loop that drops every frame, half of them because a table is full, and a journal. It
// returns the log after some seconds, and the counters.
func watched(t *testing.T, level slog.Level, stop func(log string) bool) (string, *dataplane.Counters) {
	t.Helper()
	cycle := memory.NewCycle([]dataplane.Frame{{Bytes: []byte{0}}, {Bytes: []byte{1}, Device: 1}}, 1<<60)
	loop := dataplane.NewLoop(nf.Env{Devices: 2}, func(packets []nf.Packet, actions []nf.Action) {
		for i := range packets {
			actions[i] = nf.Drop([]nf.Reason{nf.TableFull, nf.Malformed}[packets[i].Bytes()[0]])
		}
	}, cycle)
	live, err := inspect.NewLive(loop, &struct{}{}, []string{"lan0", "wan0"})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	var log lines
	var group sync.WaitGroup
	group.Go(func() { loop.Run(ctx) })
	group.Go(func() {
		journal.Run(ctx, slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: level})), []*inspect.Live{live})
	})
	for limit := time.Now().Add(20 * time.Second); !stop(log.String()) && time.Now().Before(limit); {
		time.Sleep(10 * time.Millisecond)
	}
	cancel()
	group.Wait()
	return log.String(), &loop.Counters
}

// TestLinesAreFew: millions of packets make one line a second, whose numbers are all that was dropped.
func TestLinesAreFew(t *testing.T) {
	begun := time.Now()
	text, counters := watched(t, slog.LevelInfo, func(log string) bool { return strings.Count(log, "\n") >= 2 })
	most := int(time.Since(begun)/time.Second) + 1
	found := regexp.MustCompile(`(?m)^time=\S+ level=WARN msg="packets dropped" reason=table_full packets=(\d+) from=lan0 shard=0$`).FindAllStringSubmatch(text, -1)
	if n := strings.Count(text, "\n"); len(found) != n || n < 2 || n > most {
		t.Fatalf("%d lines in %v, %d of them about table_full:\n%s", n, time.Since(begun), len(found), text)
	}
	var sum uint64
	for _, m := range found {
		n, err := strconv.ParseUint(m[1], 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		sum += n
	}
	if all := counters.Dropped[0][nf.TableFull]; sum == 0 || sum > all {
		t.Errorf("the lines are about %d packets of %d", sum, all)
	}
}

func TestPacketsOwnReasonsAreForDebugging(t *testing.T) {
	text, _ := watched(t, slog.LevelDebug, func(log string) bool { return strings.Contains(log, "malformed") })
	if !strings.Contains(text, "level=DEBUG msg=\"packets dropped\" reason=malformed") || !strings.Contains(text, "from=wan0") {
		t.Errorf("got:\n%s", text)
	}
}

// stuck is a back end that does not come back before it is told to.
type stuck struct {
	memory.Queue
	free chan struct{}
}

func (s *stuck) Exchange(out, in *dataplane.Batch) error {
	<-s.free
	return s.Queue.Exchange(out, in)
}

func TestStuckAndEnded(t *testing.T) {
	io := &stuck{free: make(chan struct{})}
	loop := dataplane.NewLoop(nf.Env{Devices: 1}, func([]nf.Packet, []nf.Action) {}, io)
	live, err := inspect.NewLive(loop, &struct{}{}, []string{"lan0"})
	if err != nil {
		t.Fatal(err)
	}
	var log lines
	var group sync.WaitGroup
	group.Go(func() { loop.Run(t.Context()) })
	group.Go(func() {
		journal.Run(t.Context(), slog.New(slog.NewTextHandler(&log, nil)), []*inspect.Live{live})
	})
	for limit := time.Now().Add(20 * time.Second); !strings.Contains(log.String(), "stuck"); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(limit) {
			t.Fatal("no line about a loop that is stuck")
		}
	}
	close(io.free)
	group.Wait() // the journal ends with the loop
}
