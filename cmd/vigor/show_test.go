package main

import (
	"bytes"
	"context"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"vigor/dataplane"
	"vigor/dataplane/control"
	"vigor/dataplane/inspect"
	"vigor/dataplane/memory"
	"vigor/nf"
	nat "vigor/nfs/natclassic"
	"vigor/packet"
)

// translating runs the NAT on one datagram after another of one flow, and a control server.
func translating(t *testing.T) (socket string) {
	t.Helper()
	env, err := dataplane.NewEnv(2)
	if err != nil {
		t.Fatal(err)
	}
	n, err := nat.New(env, nat.Config{WAN: 1, ExternalIP: 0xCB007101, StartPort: 2000, Capacity: 100, FlowTimeout: 300 * nf.Second})
	if err != nil {
		t.Fatal(err)
	}
	frame := make([]byte, 60)
	copy(frame[12:], []byte{8, 0, 0x45, 0, 0, 46, 0, 0, 0, 0, 64, byte(packet.UDP), 0, 0, 10, 0, 0, 7, 8, 8, 4, 4, 0x13, 0x88, 0, 53, 0, 26})
	cycle := memory.NewCycle([]dataplane.Frame{{Bytes: frame}}, 1<<60)
	loop := dataplane.NewLoop(env, func(packets []nf.Packet, actions []nf.Action) {
		for i := range packets {
			actions[i] = n.Process(&packets[i])
		}
	}, cycle)
	live, err := inspect.NewLive(loop, n, []string{"lan", "wan"})
	if err != nil {
		t.Fatal(err)
	}
	socket = filepath.Join(t.TempDir(), "s")
	server, err := control.Listen(socket, control.Config{Live: []*inspect.Live{live}})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error)
	go func() { ended <- loop.Run(ctx) }()
	go func() { ended <- server.Serve(ctx) }()
	t.Cleanup(func() { cancel(); <-ended; <-ended })
	return socket
}

func TestShow(t *testing.T) {
	socket := translating(t)
	for _, test := range []struct {
		args   string
		status int
		want   string // words in the order of standard output, or of standard error
	}{
		{"show tables", 0, "shard table kind entries capacity oldest expired 0 flows Table 1 100"},
		{"show flows", 0, "shard index src dst src_port dst_port protocol device age 0 I 10.0.0.7 8.8.4.4 5000 53 17 lan"},
		{"show table flows", 0, "shard index src dst"},
		{"show flows --json", 0, `{"shard":0,"index":I,"src":"10.0.0.7","dst":"8.8.4.4","src_port":5000,"dst_port":53,"protocol":17,"device":"lan","age_seconds":`},
		{"show devices", 0, "shard device interface received"},
		{"show counters --limit 0", 0, "shard device interface dropped packets meaning"},
		{"show backends", 2, `there is no table "backends": there are flows`},
		{"show table tables", 2, `there is no table "tables"`},
		{"show tables flows", 2, `show: unexpected argument "flows" hint vigor show tables`},
		{"show", 2, "show: no report or table given"},
		{"show flows --limit -1", 2, "show: the limit is -1 hint --limit 0 shows all"},
		{"show flows --socket /nowhere/s", 2, "there is no socket /nowhere/s"},
	} {
		args := strings.Fields(test.args)
		if !strings.Contains(test.args, "--socket") {
			args = append(args, "--socket", socket)
		}
		var stdout, stderr bytes.Buffer
		status := run(t.Context(), args, &stdout, &stderr)
		got := stdout.String()
		if test.status != 0 {
			got = stderr.String()
		}
		want := regexp.MustCompile(strings.ReplaceAll(regexp.QuoteMeta(test.want), "I", "[0-9]+")) // an index is random
		if text := strings.Join(strings.Fields(got), " "); status != test.status || !want.MatchString(text) {
			t.Errorf("vigor %s: status %d\n%s%s", test.args, status, stdout.String(), stderr.String())
		}
	}
}
