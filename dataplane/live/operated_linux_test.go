package live

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"vigor/dataplane"
	"vigor/dataplane/control"
	"vigor/dataplane/inspect"
	"vigor/dataplane/metrics"
	"vigor/dataplane/neighbour"
	"vigor/dataplane/netns"
	"vigor/dataplane/reload"
	"vigor/nf"
	nat "vigor/nfs/natclassic"
)

// operated is a NAT with all that an operator has to watch and to change it.
type operated struct {
	*site
	reloader *reload.Reloader[nat.Config]
	socket   string
	address  string // of the metrics
}

func startNAT(env nf.Env, cfg nat.Config) (any, dataplane.Burst, error) {
	n, err := nat.New(env, cfg)
	return n, func(packets []nf.Packet, actions []nf.Action) {
		for i := range packets {
			actions[i] = n.Process(&packets[i])
		}
	}, err
}

func operatedSite(t *testing.T) *operated {
	t.Helper()
	o := &operated{site: newSite(t), socket: filepath.Join(t.TempDir(), "nat.sock")}
	env, err := dataplane.NewEnv(2)
	if err != nil {
		t.Fatal(err)
	}
	function, process, err := startNAT(env, natConfig(t))
	if err != nil {
		t.Fatal(err)
	}
	o.open(t, backEnds[0], env, []neighbour.Device{
		{Address: neighbour.Address{IP: ip(t, insideOurs), Bits: 24}},
		{Address: neighbour.Address{IP: ip(t, outsideOurs), Bits: 24}, Gateway: ip(t, outsideHost)},
	})
	o.natHosts(t)
	loop := dataplane.NewLoop(env, process, o.layers[0])
	live, err := inspect.NewLive(loop, function, o.Devices())
	if err != nil {
		t.Fatal(err)
	}
	if o.reloader, err = reload.New(loop, live, env, startNAT, natConfig(t), function); err != nil {
		t.Fatal(err)
	}
	m, err := metrics.Listen("127.0.0.1:0", metrics.Config{Live: []*inspect.Live{live}})
	if err != nil {
		t.Fatal(err)
	}
	c, err := control.Listen(o.socket, control.Config{Live: []*inspect.Live{live}})
	if err != nil {
		t.Fatal(err)
	}
	o.address = m.Addr().String()
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error)
	for _, part := range []func(context.Context) error{loop.Run, m.Serve, c.Serve} {
		go func() { done <- part(ctx) }()
	}
	t.Cleanup(func() {
		stop()
		for range 3 {
			if err := <-done; err != nil && !errors.Is(err, context.Canceled) {
				t.Error(err)
			}
		}
		if err := o.layers[0].Close(); err != nil {
			t.Error(err)
		}
	})
	return o
}

// TestOperated: a download goes on, undamaged, while the NAT is reloaded, scraped and shown all the time.
func TestOperated(t *testing.T) {
	netns.Need(t, "curl")
	o := operatedSite(t)
	serve(t, o.outside, ":80")
	ended := make(chan error, 1)
	go func() {
		out, err := program(t, o.inside, "curl", "-sS", "--max-time", "15", "--limit-rate", "600K", "http://"+outsideHost+"/")
		sum := sha256.Sum256([]byte(out))
		if _, want := page(); err == nil && hex.EncodeToString(sum[:]) != want {
			err = errors.New("what was downloaded is damaged or cut short")
		}
		ended <- err
	}()
	for rounds := 0; ; rounds++ {
		select {
		case err := <-ended:
			if err != nil || rounds < 10 {
				t.Errorf("after %d rounds: %v", rounds, err)
			}
			return
		default:
			o.operate(t, rounds)
		}
	}
}

// operate does everything once.
func (o *operated) operate(t *testing.T, round int) {
	t.Helper()
	cfg := natConfig(t)
	cfg.FlowTimeout += nf.Time(round%2) * nf.Minute
	if _, err := o.reloader.Apply(t.Context(), cfg); err != nil {
		t.Fatal(err)
	}
	flows := 0
	err := control.Ask(t.Context(), o.socket, control.Request{Report: "table", Table: "flows"}, func(a control.Answer) error {
		for _, row := range a.Rows {
			if flows++; row[2] != insideHost || row[3] != outsideHost {
				t.Errorf("a flow %v", row)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if flows > 0 { // now a change would break something
		cfg.StartPort++
		if _, err := o.reloader.Apply(t.Context(), cfg); err == nil || !strings.Contains(err.Error(), "start_port would change") {
			t.Errorf("got %v", err)
		}
	}
	response, err := http.Get("http://" + o.address + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusOK || !strings.Contains(string(text), `vigor_table_entries{shard="0",table="flows"}`) {
		t.Errorf("status %d, %v", response.StatusCode, err)
	}
}
