package config_test

import (
	"log/slog"
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"vigor/dataplane/config"
	"vigor/packet"
)

// pair is the configuration of these tests' network function.
type pair struct{ Left uint16 }

const live = `left: 0
dataplane:
  driver: afpacket
  devices:
    - interface: eth0
      address: 10.0.0.1/24
      gateway: 10.0.0.254
    - interface: eth1
  burst: 16
  busy_poll: true
  cores: [3]
  shards: 1
  confine: false
  huge_pages: true
  metrics: 127.0.0.1:9100
  control: /run/nf.sock
  user: nobody
  group: 65534
  log_level: warn
`

func TestReadSection(t *testing.T) {
	var nf pair
	got, err := config.Read("x.yaml", []byte(live), &nf)
	if err != nil {
		t.Fatal(err)
	}
	want := &config.Dataplane{
		Driver: config.AFPacket,
		Devices: []config.Device{
			{Interface: "eth0", Address: config.Address{IP: 0x0A000001, Bits: 24}, Gateway: 0x0A0000FE},
			{Interface: "eth1"},
		},
		Burst: 16, BusyPoll: true, Cores: []int{3}, Shards: 1, HugePages: true, Metrics: "127.0.0.1:9100",
		Control: "/run/nf.sock", User: "nobody", Group: "65534", LogLevel: config.LogLevel(slog.LevelWarn),
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// TestSectionDefaults: what may be left out has a value that says so.
func TestSectionDefaults(t *testing.T) {
	var nf struct{}
	got, err := config.Read("x.yaml", []byte("dataplane: {driver: tap, devices: [{interface: tap0}]}\n"), &nf)
	if err != nil {
		t.Fatal(err)
	}
	want := &config.Dataplane{Driver: config.TAP, Devices: []config.Device{{Interface: "tap0"}}, Burst: 32, Shards: 1, Confine: true}
	if diff := cmp.Diff(want, got); diff != "" || got.LogLevel.Level() != slog.LevelInfo {
		t.Error(got.LogLevel.Level(), diff)
	}
	if got, err := config.Read("x.yaml", nil, &nf); got != nil || err != nil {
		t.Errorf("without a section: %v, %v", got, err)
	}
}

func TestSectionErrors(t *testing.T) {
	replace := func(old, new string) string {
		if !strings.Contains(live, old) {
			t.Fatalf("%q is not in the sample", old)
		}
		return strings.Replace(live, old, new, 1)
	}
	many := "dataplane: {driver: tap, devices: [" + strings.Repeat("{interface: t},", 64) + "{interface: t}]}\n"
	for _, test := range []struct{ name, text, want string }{
		{"a word", "left: 0\ndataplane: yes\n", `x.yaml:2:12: "yes": expected a mapping with driver, devices, burst`},
		{"nothing", "left: 0\ndataplane:\n", "nothing: expected a mapping with driver"},
		{"twice", live + "dataplane: {driver: tap}\n", `x.yaml:20:1: not YAML: mapping key "dataplane" already defined`},
		{"twice, in one line", "{left: 0, dataplane: 1, dataplane: 2}\n", `mapping key "dataplane" already defined`},
		{"no driver", replace("  driver: afpacket\n", ""), "x.yaml:3:3: driver is missing: one of afpacket, afxdp, tap, dpdk"},
		{"unknown driver", replace("afpacket", "pf_ring"), `x.yaml:3:11: driver: there is no driver "pf_ring": there are afpacket, afxdp, tap, dpdk`},
		{"no devices", "left: 0\ndataplane: {driver: tap}\n", "x.yaml:2:12: devices is missing: a sequence, each element a mapping with interface, address, gateway"},
		{"an empty list", "left: 0\ndataplane: {driver: tap, devices: []}\n", "x.yaml:2:35: devices: 0 devices: the number is 1 to 64"},
		{"65 devices", "left: 0\n" + many, "devices: 65 devices: the number is 1 to 64"},
		{"one device", "left: 0\ndataplane: {driver: tap, devices: eth0}\n", `x.yaml:2:35: devices: "eth0": expected a sequence`},
		{"misspelt", replace("busy_poll", "busypoll"), "x.yaml:10:3: unknown field busypoll: there are driver, devices, burst, busy_poll"},
		{"misspelt in a device", replace("gateway", "gw"), "x.yaml:7:7: unknown field gw: there are interface, address, gateway"},
		{"no interface", replace("    - interface: eth1", "    - address: 10.1.0.1/24"), "x.yaml:8:7: interface is missing: text"},
		{"empty interface", replace("eth1", `""`), `x.yaml:8:18: interface: "" is not the name of an interface`},
		{"long interface", replace("eth1", "a23456789012345b"), `x.yaml:8:18: interface: "a23456789012345b" is not the name of an interface, which has at most 15 bytes`},
		{"path as interface", replace("eth1", "/dev/x"), `x.yaml:8:18: interface: "/dev/x" is not the name`},
		{"interface twice", replace("eth1", "eth0"), "x.yaml:8:18: interface: eth0 is a device already"},
		{"no length", replace("10.0.0.1/24", "10.0.0.1"), `x.yaml:6:16: address: "10.0.0.1" has no length of the network: write it behind the address, as in 10.0.0.1/24`},
		{"length 32", replace("10.0.0.1/24", "10.0.0.1/32"), `x.yaml:6:16: address: "10.0.0.1/32": the length of the network is 1 to 31`},
		{"length 0", replace("10.0.0.1/24", "10.0.0.1/0"), "the length of the network is 1 to 31"},
		{"no IPv4", replace("10.0.0.1/24", "fe80::1/64"), `x.yaml:6:16: address: "fe80::1" is not an address`},
		{"the network", replace("10.0.0.1/24", "10.0.0.0/24"), "x.yaml:6:16: address: 10.0.0.0 names the whole network of 24 bits"},
		{"its broadcast", replace("10.0.0.1/24", "10.0.0.255/24"), "x.yaml:6:16: address: 10.0.0.255 names the whole network"},
		{"multicast", replace("10.0.0.1/24", "224.0.0.1/24"), "x.yaml:6:16: address: 224.0.0.1 is not the address of one host"},
		{"loopback", replace("10.0.0.1/24", "127.0.0.1/8"), "x.yaml:6:16: address: 127.0.0.1 is not the address of one host"},
		{"gateway elsewhere", replace("10.0.0.254", "10.0.1.254"), "x.yaml:7:16: gateway: 10.0.1.254 is not in the device's network, 10.0.0.0/24"},
		{"gateway is the device", replace("10.0.0.254", "10.0.0.1"), "x.yaml:7:16: gateway: 10.0.0.1 is the device's own address"},
		{"gateway alone", replace("      address: 10.0.0.1/24\n", ""), "x.yaml:6:16: gateway: the device has no address: set address too"},
		{"burst 0", replace("burst: 16", "burst: 0"), "x.yaml:9:10: burst: 0: the number is 1 to 64"},
		{"burst 65", replace("burst: 16", "burst: 65"), "x.yaml:9:10: burst: 65: the number is 1 to 64"},
		{"burst of words", replace("burst: 16", "burst: many"), `x.yaml:9:10: burst: "many": expected a number`},
		{"busy_poll 1", replace("true", "1"), `x.yaml:10:14: busy_poll: "1": expected true or false`},
		{"one core", replace("[3]", "1"), `x.yaml:11:10: cores: "1": expected a sequence`},
		{"core twice", replace("[3]", "[1, 1]"), "x.yaml:11:14: cores: 1 comes twice"},
		{"core -1", replace("[3]", "[-1]"), "x.yaml:11:11: cores: -1: a processor has a number from 0 to 1023"},
		{"core 1024", replace("[3]", "[1024]"), "x.yaml:11:11: cores: 1024: a processor has a number from 0 to 1023"},
		{"no shards", replace("shards: 1", "shards: 0"), "x.yaml:12:11: shards: 0: the number is 1 to 64"},
		{"more shards than cores", replace("shards: 1", "shards: 3"), "x.yaml:11:10: cores: 1 processors for shards: 3: name as many as there are shards"},
		{"port alone", replace("127.0.0.1:9100", "9100"), `x.yaml:15:12: metrics: "9100": expected text`},
		{"empty address", replace("127.0.0.1:9100", "''"), `metrics: "" is not an address with a port`},
		{"empty socket", replace("/run/nf.sock", "''"), `control: "": expected an absolute path`},
		{"an alias", "left: 0\ndataplane: &a {driver: tap, devices: *a}\n", "devices: "},
		{"a device of nothing", "left: 0\ndataplane: {driver: tap, devices: [null]}\n", "x.yaml:2:36: nothing: expected a mapping with interface"},
		{"no port", replace("127.0.0.1:9100", "127.0.0.1"), `x.yaml:15:12: metrics: "127.0.0.1" is not an address with a port, as in 127.0.0.1:9100`},
		{"host name", replace("127.0.0.1:9100", "localhost:9100"), `metrics: "localhost:9100" is not an address with a port`},
		{"relative socket", replace("/run/nf.sock", "nf.sock"), `x.yaml:16:12: control: "nf.sock": expected an absolute path of at most 90 bytes`},
		{"long socket", replace("/run/nf.sock", "/run/"+strings.Repeat("x", 86)), "expected an absolute path of at most 90 bytes"},
		{"no user", replace("  user: nobody\n", ""), "x.yaml:17:10: group: there is no user: set user too"},
		{"empty user", replace("nobody", `""`), "x.yaml:17:9: user: empty: write a name or a number"},
		{"two users", replace("nobody", "[a, b]"), "x.yaml:17:9: user: a sequence: expected a name or a number"},
		{"level", replace("warn", "warning"), `x.yaml:19:14: log_level: there is no level "warning": there are debug, info, warn, error`},
		{"level with offset", replace("warn", "WARN+1"), `there is no level "WARN+1"`},
	} {
		t.Run(test.name, func(t *testing.T) {
			var into pair
			section, err := config.Read("x.yaml", []byte(test.text), &into)
			if err == nil || section != nil || !strings.Contains(err.Error(), test.want) || !strings.HasPrefix(err.Error(), "x.yaml:") {
				t.Errorf("got  %v\nwant %s", err, test.want)
			}
		})
	}
}

// TestReservedName: the section's name is no field's.
func TestReservedName(t *testing.T) {
	var into struct{ Dataplane int }
	_, err := config.Read("x.yaml", []byte("dataplane: 1\n"), &into)
	if err == nil || !strings.Contains(err.Error(), "the field Dataplane of struct { Dataplane int } has the name dataplane in files") {
		t.Errorf("got %v", err)
	}
	var other struct{ DataPlane uint8 }
	if _, err := config.Read("x.yaml", []byte("data_plane: 1\n"), &other); err != nil || other.DataPlane != 1 {
		t.Errorf("data_plane is another name: %v", err)
	}
}

// TestGuide: docs/operating.md describes the keys that there are, with their defaults, in their order, and
// its example can be read.
func TestGuide(t *testing.T) {
	text, err := os.ReadFile("../../docs/operating.md")
	if err != nil {
		t.Fatal(err)
	}
	guide := string(text)
	keysOf := func(v any) (keys []string) {
		for i := range reflect.TypeOf(v).NumField() {
			keys = append(keys, config.SnakeCase(reflect.TypeOf(v).Field(i).Name))
		}
		return keys
	}
	for title, want := range map[string][]string{
		"Keys of the section `dataplane`": keysOf(config.Dataplane{}), "Keys of each device": keysOf(config.Device{}),
	} {
		_, table, _ := strings.Cut(guide, "\n"+title)
		_, table, _ = strings.Cut(table, "|---|---|---|\n")
		table, _, _ = strings.Cut(table, "\n\n")
		var got []string
		for row := range strings.SplitSeq(table, "\n") {
			key, _, _ := strings.Cut(strings.TrimPrefix(row, "| `"), "`")
			got = append(got, key)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", title, diff)
		}
	}
	_, example, _ := strings.Cut(guide, "```yaml\n")
	example, _, _ = strings.Cut(example, "```")
	var nat struct {
		WAN, StartPort                                                  uint16
		ExternalIP                                                      packet.IPv4
		Capacity                                                        int
		Static                                                          []string
		UDPTimeout, ICMPTimeout, TCPOpening, TCPEstablished, TCPClosing int64
	}
	if d, err := config.Read("example", []byte(example), &nat); err != nil || len(d.Devices) != 2 {
		t.Errorf("the example: %v", err)
	}
	for key, want := range map[string]string{"burst": "32", "shards": "1", "confine": "true", "log_level": "info", "busy_poll": "false", "huge_pages": "false"} {
		if !strings.Contains(guide, "\n| `"+key+"` | "+want+" |") {
			t.Errorf("the default of %s is %s", key, want)
		}
	}
}
