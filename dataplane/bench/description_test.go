package bench

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"vigor/nf"
	"vigor/packet"
)

const good = `devices: 2
config:
  capacity: $entries
  timeout: 10s
entries:
  most: 5000
  why: there are no more
expires: 10s
sent: 100
packet:
  device: 0
  source_mac: 02:00:00:00:00:01
  destination_mac: 02:00:00:00:00:02
  source: 10.0.0.0
  destination: 198.51.100.1
  protocol: udp
  source_port: 0
  destination_port: 53
sequential: [source_port, source]
random: [source, destination, source_port]
reply: true
`

// settings is the configuration in good.
type settings struct {
	Capacity int
	Timeout  nf.Time
}

func TestReadDescription(t *testing.T) {
	d, err := Read("bench.yaml", []byte(good))
	if err != nil {
		t.Fatal(err)
	}
	if d.Devices != 2 || d.Entries.Most != 5000 || d.Packet.Protocol != Protocol(packet.UDP) || len(d.Random) != 3 {
		t.Errorf("got %+v", d.Description)
	}
	var c settings
	if err := d.configuration(77, &c); err != nil || c != (settings{77, 10 * nf.Second}) {
		t.Errorf("configuration %+v, %v", c, err)
	}
}

// TestDescriptionsOfFunctions reads those of the repository.
func TestDescriptionsOfFunctions(t *testing.T) {
	files, err := filepath.Glob("../../nfs/*/" + FileName)
	if err != nil || len(files) < 2 {
		t.Fatalf("found %v, %v", files, err)
	}
	for _, file := range files {
		if _, err := ReadFile(file); err != nil {
			t.Error(err)
		}
	}
}

func TestDescriptionsAreRefused(t *testing.T) {
	for _, test := range []struct{ old, new, want string }{
		{"devices: 2", "devises: 2", "bench.yaml:1:1: unknown field devises"},
		{"devices: 2", "devices: two", `bench.yaml:1:10: devices: "two": expected a number`},
		{"devices: 2", "devices: 65", "devices is 65: the number must be 1 to 64"},
		{"devices: 2", "devices: 2\ndevices: 3", "bench.yaml:2:1: "},
		{"expires: 10s", "expires: -5s", "expires is -5s: a time is not negative"},
		{"sent: 100\n", "", "bench.yaml:1:1: sent is missing"},
		{"sent: 100", "sent: 0", "sent is 0: give a percentage from 1 to 100"},
		{"sent: 100", "sent: 101", "sent is 101"},
		{"most: 5000\n  why: there are no more", "most: 5000\n  why: ''", "entries: most must be positive, and why must say"},
		{"device: 0", "device: 2", "packet: device is 2, but devices are numbered 0 to 1"},
		{"protocol: udp", "protocol: icmp", `bench.yaml:16:13: protocol: there is no protocol "icmp"`},
		{"source_mac: 02:00:00:00:00:01", "source_mac: 02:00", "bench.yaml:12:15: "},
		{"[source_port, source]", "[source_port, ttl]", `bench.yaml:19:27: sequential[1]: "ttl" does not vary: one of`},
		{"[source_port, source]", "[source_port, source_port]", "sequential: source_port comes twice"},
		{"[source, destination, source_port]", "[source]", "random: the fields have 24 bits together"},
		{"reply: true", "reply: yes please", "bench.yaml:21:8: "},
		{"reply: true", "before:\n  - count: 0\n    packet: {device: 0, source_mac: 02:00:00:00:00:01, destination_mac: 02:00:00:00:00:02, source: 1.2.3.4, destination: 1.2.3.4, protocol: tcp, source_port: 1, destination_port: 2}", "before: count is 0"},
		{"reply: true", "before:\n  - count: 16777217\n    packet: {device: 0, source_mac: 02:00:00:00:00:01, destination_mac: 02:00:00:00:00:02, source: 1.2.3.4, destination: 1.2.3.4, protocol: tcp, source_port: 1, destination_port: 2}", "before: count is 16777217: at most 16777216 packets"},
		{"devices: 2\n", "devices: [2\n", "not YAML"},
		{"reply: true", "dataplane:\n  driver: tap\n  devices: [{interface: a}]", "has no section dataplane"},
	} {
		text := strings.Replace(good, test.old, test.new, 1)
		if text == good {
			t.Fatalf("%q changes nothing", test.old)
		}
		if _, err := Read("bench.yaml", []byte(text)); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%q: got %v, want %q", test.new, err, test.want)
		}
	}
}

// TestConfigurationIsRefused: positions are those in the whole file.
func TestConfigurationIsRefused(t *testing.T) {
	for _, test := range []struct{ old, new, want string }{
		{"  timeout: 10s", "  timeout: 10", "bench.yaml:4:12: timeout: 10 has no unit"},
		{"  timeout: 10s", "  timeouts: 10s", "bench.yaml:4:3: unknown field timeouts"},
		{"  capacity: $entries\n  timeout: 10s", "", "the file is empty"},
		{"config:\n  capacity: $entries\n  timeout: 10s", "config: {capacity: $entries, timeout: soon}", "bench.yaml:2:39: timeout"},
	} {
		d, err := Read("bench.yaml", []byte(strings.Replace(good, test.old, test.new, 1)))
		if err != nil {
			t.Fatal(err)
		}
		var c settings
		if err := d.configuration(1024, &c); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%q: got %v, want %q", test.new, err, test.want)
		}
	}
}

func writeFile(t *testing.T, name, text string) {
	t.Helper()
	if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}
