package reload_test

import (
	"encoding/binary"
	"strings"
	"testing"

	"vigor/dataplane"
	"vigor/nf"
	nat "vigor/nfs/natclassic"
)

func startNAT(env nf.Env, cfg nat.Config) (any, dataplane.Burst, error) {
	n, err := nat.New(env, cfg)
	return n, func(packets []nf.Packet, actions []nf.Action) {
		for i := range packets {
			actions[i] = n.Process(&packets[i])
		}
	}, err
}

const (
	ours   = 0xCB007101 // 203.0.113.1
	inside = 0x0A000001
	peer   = 0x08080808
)

func testNAT() nat.Config {
	return nat.Config{WAN: 1, ExternalIP: ours, StartPort: 2000, Capacity: 100, FlowTimeout: 300 * nf.Second}
}

// datagram is an UDP datagram without a checksum.
func datagram(from nf.Device, at nf.Time, src, dst uint32, srcPort, dstPort uint16) dataplane.Frame {
	b := make([]byte, 60)
	b[12] = 8
	b[14], b[22], b[23] = 0x45, 64, 17
	binary.BigEndian.PutUint16(b[16:], 46)
	binary.BigEndian.PutUint32(b[26:], src)
	binary.BigEndian.PutUint32(b[30:], dst)
	binary.BigEndian.PutUint16(b[34:], srcPort)
	binary.BigEndian.PutUint16(b[36:], dstPort)
	binary.BigEndian.PutUint16(b[38:], 26)
	return dataplane.Frame{Bytes: b, Device: from, Time: at}
}

// answers sends a datagram out at one time, reloads, and reports whether an answer at another time
// comes back in.
func answers(t *testing.T, timeout nf.Time, at nf.Time) bool {
	t.Helper()
	r := run(t, startNAT, testNAT())
	out, ok := r.send(t, datagram(0, 10*nf.Second, inside, peer, 5000, 53))
	if !ok || out.Device != 1 {
		t.Fatalf("the first datagram goes to device %d, %t", out.Device, ok)
	}
	cfg := testNAT()
	cfg.FlowTimeout = timeout
	report, err := r.Apply(t.Context(), cfg)
	if err != nil || len(report.Kept) != 1 || report.Entries != 1 {
		t.Fatalf("%+v, %v", report, err)
	}
	port := binary.BigEndian.Uint16(out.Bytes[34:])
	back, ok := r.send(t, datagram(1, at, peer, ours, 53, port))
	if ok && (back.Device != 0 || binary.BigEndian.Uint32(back.Bytes[30:]) != inside || binary.BigEndian.Uint16(back.Bytes[36:]) != 5000) {
		t.Errorf("the answer goes to device %d: % x", back.Device, back.Bytes)
	}
	return ok
}

// TestTimerOfOldFlows: a flow that began under one timer lives by the new one.
func TestTimerOfOldFlows(t *testing.T) {
	for _, test := range []struct {
		timeout, at nf.Time // in seconds; the flow's last packet is at 10
		want        bool
	}{
		{300, 310, true}, {300, 311, false}, // as before
		{120, 130, true}, {120, 131, false}, // shorter
		{900, 910, true}, {900, 911, false}, // longer
	} {
		if got := answers(t, test.timeout*nf.Second, test.at*nf.Second); got != test.want {
			t.Errorf("timeout %d s: an answer at %d s comes in: %t", test.timeout, test.at, got)
		}
	}
}

// TestWhatBreaksFlows: a change that breaks connections is refused while there is one.
func TestWhatBreaksFlows(t *testing.T) {
	for want, change := range map[string]func(c *nat.Config){
		"external_ip would change from 203.0.113.1 to 203.0.113.2": func(c *nat.Config) { c.ExternalIP++ },
		"start_port would change from 2000 to 3000":                func(c *nat.Config) { c.StartPort = 3000 },
		"wan would change from device 1 to 2":                      func(c *nat.Config) { c.WAN = 2 },
		"the capacity of flows would change from 100 to 101":       func(c *nat.Config) { c.Capacity++ },
		"flow_timeout is 1 ns":                                     func(c *nat.Config) { c.FlowTimeout = 1 },
		"wan is device 9, but":                                     func(c *nat.Config) { c.WAN = 9 },
	} {
		cfg := testNAT()
		change(&cfg)
		invalid := strings.Contains(want, " is ")
		for flows, refuse := range []bool{invalid, true} {
			r := run(t, startNAT, testNAT())
			for range flows {
				r.send(t, datagram(0, 0, inside, peer, 5000, 53))
			}
			_, err := r.Apply(t.Context(), cfg)
			if (err != nil) != refuse || refuse && !strings.Contains(err.Error(), want) {
				t.Errorf("with %d flows: %v; want %q", flows, err, want)
			}
		}
	}
}
