package policer_test

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"vigor/dataplane"
	"vigor/dataplane/afpacket"
	"vigor/dataplane/looptest"
	"vigor/dataplane/netns"
	"vigor/nf"
	"vigor/nfs/policer"
)

const (
	liveRate  = 1_000_000 // bytes per second
	liveBurst = 32 << 10
	payload   = 1000 // of a datagram; 28 bytes of headers come before it
)

// TestIperf has iperf3 send through the policer, four times what passes as datagrams, and as much as TCP
// likes, and compares what arrives with rate and burst, in bytes of IP packets. Above the bound there is
// no tolerance; below, a busy machine has some.
func TestIperf(t *testing.T) {
	netns.Need(t, "ip", "iperf3")
	lab := netns.New(t, 2)
	loop := startLive(t, lab)
	lab.Hosts[inside].Address(t, netns.HostDevice, "10.0.0.1/24")
	lab.Hosts[outside].Address(t, netns.HostDevice, "10.0.0.2/24")
	lab.Hosts[inside].Start(t, "iperf3", "-s", "-p", "5201")

	end, took := measure(t, lab, "-u", "-b", "32M", "-l", "1000", "-t", "2")
	passed := (end.Sum.Packets - end.Sum.Lost) * (payload + 28)
	compare(t, "UDP", passed, end.Sum.Seconds, took, 4)
	if end.Sum.Lost < end.Sum.Packets/2 {
		t.Errorf("%.0f datagrams of %.0f were lost, want about three quarters", end.Sum.Lost, end.Sum.Packets)
	}

	end, took = measure(t, lab, "-t", "2")
	compare(t, "TCP", end.Received.Bytes, end.Received.Seconds, took, 20) // a policer's drops slow TCP down further

	var dropped uint64
	if err := loop.Do(t.Context(), func() { dropped = loop.Counters.Dropped[outside][nf.RateExceeded] }); err != nil || dropped == 0 {
		t.Errorf("%d packets were dropped as more than the rate, %v", dropped, err)
	}
}

// compare checks what arrived in about so many seconds, at most the time that was taken in all. It is at
// least a fraction of what the rate allows.
func compare(t *testing.T, what string, bytes, seconds float64, took time.Duration, fraction float64) {
	t.Helper()
	most := liveRate*took.Seconds() + liveBurst
	t.Logf("%s: %.0f bytes in %.2f s, in %.2f s at most %.0f may pass", what, bytes, seconds, took.Seconds(), most)
	if bytes > most {
		t.Errorf("%s: %.0f bytes passed in %v, more than %.0f", what, bytes, took, most)
	}
	if bytes < liveRate*seconds/fraction {
		t.Errorf("%s: %.0f bytes passed in %.2f s, less than 1/%v of the rate", what, bytes, seconds, fraction)
	}
}

// measured is what iperf3 says at the end.
type measured struct {
	Sum struct {
		Packets, Seconds float64
		Lost             float64 `json:"lost_packets"`
	}
	Received struct{ Bytes, Seconds float64 } `json:"sum_received"`
}

// measure runs iperf3 from outside to inside, again while the server does not listen yet or is busy.
func measure(t *testing.T, lab *netns.Lab, args ...string) (measured, time.Duration) {
	t.Helper()
	var r struct {
		End   measured
		Error string
	}
	for range 50 {
		r.Error = ""
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		start := time.Now()
		out, err := lab.Hosts[outside].Command(ctx, "iperf3", append([]string{"-c", "10.0.0.1", "-p", "5201", "-J"}, args...)...).Output()
		took := time.Since(start)
		cancel()
		if bad := json.Unmarshal(out, &r); bad != nil {
			t.Fatalf("iperf3 %v writes %q: %v, %v", args, out, bad, err)
		}
		if !strings.Contains(r.Error, "unable to connect") && !strings.Contains(r.Error, "busy") {
			if r.Error != "" {
				t.Fatalf("iperf3 %v: %s", args, r.Error)
			}
			return r.End, took
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Fatalf("iperf3 %v: %s", args, r.Error)
	return r.End, 0
}

// startLive runs the policer on packet sockets until the test ends.
func startLive(t *testing.T, lab *netns.Lab) *dataplane.Loop {
	var io *afpacket.IO
	lab.Own.Do(t, func() {
		var err error
		if io, err = afpacket.Open(lab.Devices(), afpacket.Config{}); err != nil {
			t.Fatal(err)
		}
	})
	env := nf.Env{Devices: 2, HashKey: [5]uint64{5, 4, 3, 2, 1}}
	cfg := testConfig()
	cfg.Limits[0].Rate, cfg.Limits[0].Burst, cfg.PassOther = liveRate, liveBurst, true
	p, err := policer.New(env, cfg)
	if err != nil {
		t.Fatal(err)
	}
	return looptest.Start(t, env, p.Process, io)
}
