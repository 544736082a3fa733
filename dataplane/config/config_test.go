package config_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"vigor/dataplane/config"
	"vigor/nf"
	"vigor/packet"
)

// sample has a field of every kind.
type sample struct {
	WAN         nf.Device
	ExternalIP  packet.IPv4
	Gateway     packet.MAC
	Capacity    int
	Offset      int8
	Rate        uint64
	FlowTimeout nf.Time
	Strict      bool
	Name        string
	Rules       []rule
	Pair        [2]uint16
}

type rule struct {
	DstPort uint16
	Allow   bool
}

// Validate refuses two names, to see that it is asked; of one it does not say which field is wrong.
func (s sample) Validate() error {
	switch s.Name {
	case "forbidden":
		return errors.New("name is forbidden")
	case "contradictory":
		return errors.New("names contradict")
	}
	return nil
}

const good = `# a comment
wan: 1
external_ip: 203.0.113.1
gateway: 02:00:00:00:00:01   # another
capacity: 60_000
offset: -128
rate: 0xffffffffffffffff
flow_timeout: 2h4m
strict: true
name: "outer wall"
rules:
  - dst_port: 80
    allow: true
  - {dst_port: 443, allow: false}
pair: [1, 65535]
`

func TestRead(t *testing.T) {
	var got sample
	if _, err := config.Read("x.yaml", []byte(good), &got); err != nil {
		t.Fatal(err)
	}
	want := sample{
		WAN: 1, ExternalIP: 0xCB007101, Gateway: packet.MAC{2, 0, 0, 0, 0, 1}, Capacity: 60000, Offset: -128,
		Rate: 1<<64 - 1, FlowTimeout: 124 * nf.Minute, Strict: true, Name: "outer wall",
		Rules: []rule{{80, true}, {443, false}}, Pair: [2]uint16{1, 65535},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// TestByteOrderMark: it is no part of the first key.
func TestByteOrderMark(t *testing.T) {
	var into rule
	if _, err := config.Read("x.yaml", []byte("\ufeffdst_port: 80\nallow: true\n"), &into); err != nil || into != (rule{80, true}) {
		t.Errorf("got %v, %v", into, err)
	}
}

func TestErrorsHavePlaceCauseAndCure(t *testing.T) {
	replace := func(old, new string) string {
		if !strings.Contains(good, old) {
			t.Fatalf("%q is not in the sample", old)
		}
		return strings.Replace(good, old, new, 1)
	}
	for _, test := range []struct{ name, text, want string }{
		{"empty", "", "x.yaml:1:1: the file is empty: it must set wan, external_ip,"},
		{"only a comment", "# nothing\n", "x.yaml:1:1: the file is empty"},
		{"a sequence", "- 1\n", "x.yaml:1:1: a sequence: expected a mapping with wan, external_ip"},
		{"a word", "hello\n", `x.yaml:1:1: "hello": expected a mapping with wan`},
		{"not YAML", "wan: [1\n", "x.yaml:1:6: not YAML: "},
		{"tab", "wan:\n\t1\n", "not YAML: "},
		{"second document", good + "---\nwan: 2\n", "x.yaml:17:1: a second document"},
		{"unknown field", replace("capacity", "capacitee"), "x.yaml:5:1: unknown field capacitee: there are wan, external_ip"},
		{"Go name", replace("external_ip", "ExternalIP"), "x.yaml:3:1: unknown field ExternalIP: there are wan, external_ip"},
		{"missing", replace("capacity: 60_000\n", ""), "x.yaml:2:1: capacity is missing: a number from -9223372036854775808 to"},
		{"missing text", replace("external_ip: 203.0.113.1\n", ""), "external_ip is missing: text of the form 0.0.0.0"},
		{"twice", good + "wan: 2\n", "x.yaml:16:"},
		{"device too large", replace("wan: 1", "wan: 65536"), "x.yaml:2:6: wan: 65536 does not fit: a number from 0 to 65535"},
		{"negative device", replace("wan: 1", "wan: -1"), "x.yaml:2:6: wan: -1 does not fit: a number from 0 to 65535"},
		{"too small", replace("-128", "-129"), "x.yaml:6:9: offset: -129 does not fit: a number from -128 to 127"},
		{"fraction", replace("60_000", "6.5"), `x.yaml:5:11: capacity: "6.5": expected a number from`},
		{"quoted number", replace("60_000", `"60000"`), `x.yaml:5:11: capacity: "60000": expected a number from`},
		{"leading zero", replace("60_000", "0777"), "x.yaml:5:11: capacity: 0777: leave out the leading zeros"},
		{"nothing", replace(" 60_000", ""), "capacity: nothing: expected a number"},
		{"address", replace("203.0.113.1", "203.0.113"), `x.yaml:3:14: external_ip: "203.0.113" is not an address: an IPv4 address has four`},
		{"address as a list", replace("203.0.113.1", "[203]"), "x.yaml:3:14: external_ip: a sequence: expected text of the form 0.0.0.0"},
		{"MAC", replace("02:00:00:00:00:01", "02:00"), "gateway: \"02:00\" is not an address"},
		{"no unit", replace("2h4m", "300"), "x.yaml:8:15: flow_timeout: 300 has no unit: write 300s"},
		{"unknown unit", replace("2h4m", "3 days"), `x.yaml:8:15: flow_timeout: "3 days": expected a duration such as 300s`},
		{"300 years", replace("2h4m", "3000000h"), `flow_timeout: "3000000h": expected a duration`},
		{"yes", replace("true", "yes"), `x.yaml:9:9: strict: "yes": expected true or false`},
		{"number as text", replace(`"outer wall"`, "7"), `x.yaml:10:7: name: "7": expected text`},
		{"mapping for a list", replace("[1, 65535]", "{a: 1}"), "pair: a mapping: expected a sequence, each element a number from 0 to 65535"},
		{"three for two", replace("[1, 65535]", "[1, 2, 3]"), "x.yaml:15:7: pair has 3 elements, want 2"},
		{"inside a list", replace("443", "65536"), "x.yaml:14:16: dst_port: 65536 does not fit"},
		{"missing inside a list", replace(", allow: false", ""), "x.yaml:14:5: allow is missing: true or false"},
		{"long word", strings.Repeat("a", 1000), `x.yaml:1:1: "` + strings.Repeat("a", 64) + `"…: expected a mapping`},
		{"long key", strings.Repeat("a", 65) + ": 1\n", `unknown field "` + strings.Repeat("a", 64) + `"…: there are`},
		{"key with a hidden character", replace("wan", "wan\u200b"), `x.yaml:2:1: unknown field "wan\u200b": there are`},
		{"alias", replace("wan: 1", "wan: &a 1"), "wan: "},
		{"Validate", replace("outer wall", "forbidden"), "x.yaml:10:7: name is forbidden"},
		{"Validate of several", replace("outer wall", "contradictory"), "x.yaml: names contradict"},
	} {
		t.Run(test.name, func(t *testing.T) {
			var into sample
			_, err := config.Read("x.yaml", []byte(test.text), &into)
			if err == nil || !strings.Contains(err.Error(), test.want) || !strings.HasPrefix(err.Error(), "x.yaml:") {
				t.Errorf("got  %v\nwant %s", err, test.want)
			}
		})
	}
}

func TestAllProblemsAreReported(t *testing.T) {
	var into rule
	_, err := config.Read("x.yaml", []byte("dst_port: 70000\nallow: 1\nnote: hi\n"), &into)
	if err == nil || strings.Count(err.Error(), "\n") != 2 {
		t.Errorf("got %v, want three lines", err)
	}
}

func TestNoFields(t *testing.T) {
	var into struct{}
	if _, err := config.Read("x.yaml", nil, &into); err != nil {
		t.Error(err)
	}
	if _, err := config.Read("x.yaml", []byte("a: 1\n"), &into); err == nil || !strings.Contains(err.Error(), "there are no fields") {
		t.Errorf("got %v, want an error about field a", err)
	}
}

func TestReadFile(t *testing.T) {
	name := filepath.Join(t.TempDir(), "nf.yaml")
	if err := os.WriteFile(name, []byte(good), 0o600); err != nil {
		t.Fatal(err)
	}
	var into sample
	if _, err := config.ReadFile(name, &into); err != nil || into.WAN != 1 {
		t.Errorf("got wan %d, %v", into.WAN, err)
	}
	if _, err := config.ReadFile(name+".none", &into); err == nil {
		t.Error("a missing file is no error")
	}
}

func TestSnakeCase(t *testing.T) {
	for name, want := range map[string]string{
		"WAN": "wan", "ExternalIP": "external_ip", "FlowTimeout": "flow_timeout", "SrcMACAddress": "src_mac_address",
		"Port2Start": "port2_start", "A": "a",
	} {
		if got := config.SnakeCase(name); got != want {
			t.Errorf("%s is %s, want %s", name, got, want)
		}
	}
}

// FuzzRead: no text makes the reader fail otherwise than by an error.
func FuzzRead(f *testing.F) {
	f.Add(good)
	f.Add(good + strings.TrimPrefix(live, "left: 0\n"))
	f.Add("dataplane: {driver: tap, devices: [{interface: a}, null, {interface: &b c}], cores: [*b], shards: 2}\n")
	f.Add("<<: *a\n? [x]\n: !!int 3\n")
	f.Fuzz(func(t *testing.T, text string) {
		var into sample
		_, _ = config.Read("x.yaml", []byte(text), &into)
	})
}

// route is an element that is not always valid.
type route struct {
	To     packet.Prefix
	Metric uint8
}

func (r route) Validate() error {
	if r.Metric == 0 {
		return errors.New("metric is 0: the best is 1")
	}
	return nil
}

// TestElements: what is wrong with an element is reported where the element stands.
func TestElements(t *testing.T) {
	type routes struct{ Routes []route }
	const first = "routes:\n  - {to: 10.0.0.0/8, metric: 1}\n"
	for _, test := range []struct{ text, want string }{
		{first, ""},
		{"routes: []\n", ""},
		{first + "  - {to: 10.0.0.0/8, metric: 0}\n", "x.yaml:3:5: routes[1]: metric is 0: the best is 1"},
		{first + "  - to: 10.0.0.0/8\n    metric: 0\n", "x.yaml:3:5: routes[1]: metric is 0"},
		{first + "  - {to: 10.0.0.1/8, metric: 0}\n", `x.yaml:3:10: to: "10.0.0.1/8" is not a prefix: the first address of the network is 10.0.0.0/8`},
		{first + "  - {to: 10.0.0.0/8, metrik: 1}\n", "x.yaml:3:22: unknown field metrik: there are to, metric"},
		{first + "  - {to: 10.0.0.0/8}\n", "metric is missing"},
		{"routes: 7\n", `x.yaml:1:9: routes: "7": expected a sequence, each element a mapping with to, metric`},
	} {
		var got routes
		_, err := config.Read("x.yaml", []byte(test.text), &got)
		if (err == nil) != (test.want == "") || err != nil && !strings.Contains(err.Error(), test.want) {
			t.Errorf("%.60s: got %v, want %q", test.text, err, test.want)
		}
	}
}

// groups is a configuration whose Validate says which element of which list is wrong.
type groups struct{ Inside, Outside []uint16 }

func (g groups) Validate() error {
	check := func(n uint16) error {
		if n == 0 {
			return errors.New("0 is no group")
		}
		return nil
	}
	if err := nf.ValidateEach(g.Inside, check); err != nil {
		return fmt.Errorf("inside: %w", err)
	}
	if err := nf.ValidateEach(g.Outside, check); err != nil {
		return fmt.Errorf("outside: %w", err)
	}
	return nf.ValidateEach([]uint16{g.Outside[0] - 7}, check)
}

func TestElementsByTheWhole(t *testing.T) {
	for text, want := range map[string]string{
		"inside: [1, 0]\noutside: [1]\n":           "x.yaml:1:13: inside: element 1: 0 is no group",
		"inside: [1, 2]\noutside:\n  - 1\n  - 0\n": "x.yaml:4:5: outside: element 1: 0 is no group",
		"inside: [1, 2]\noutside: [7]\n":           "x.yaml: element 0: 0 is no group",
		"inside: [1, 2]\noutside: [8]\n":           "",
	} {
		var got groups
		_, err := config.Read("x.yaml", []byte(text), &got)
		if (err == nil) != (want == "") || err != nil && err.Error() != want {
			t.Errorf("%q: got %v, want %q", text, err, want)
		}
	}
}

// sets is a configuration with sets of devices.
type sets struct {
	All, Some []nf.Devices
	Uplinks   nf.Devices
}

func TestSets(t *testing.T) {
	var c sets
	if _, err := config.Read("x.yaml", []byte("all: [[63], [0, 5, 2]]\nsome:\n- - 1\n- []\nuplinks: []\n"), &c); err != nil {
		t.Fatal(err)
	}
	want := sets{All: []nf.Devices{1 << 63, 0b100101}, Some: []nf.Devices{2, 0}}
	if diff := cmp.Diff(want, c); diff != "" {
		t.Error(diff)
	}
	for text, want := range map[string]string{
		"7":          `x.yaml:1:10: uplinks: "7": expected a sequence of numbers of devices, such as [0, 2]`,
		"[0, 64]":    "x.yaml:1:14: uplinks: 64 is no device: they are numbered 0 to 63",
		"[0, 70000]": "x.yaml:1:14: uplinks: 70000 does not fit: a number from 0 to 65535",
		"[1, 1]":     "x.yaml:1:14: uplinks: device 1 is in the set already",
		"[-1]":       "x.yaml:1:11: uplinks: -1 does not fit",
		"[eth0]":     `x.yaml:1:11: uplinks: "eth0": expected a number from 0 to 65535`,
		"[[1]]":      "x.yaml:1:11: uplinks: a sequence: expected a number",
	} {
		_, err := config.Read("x.yaml", []byte("uplinks: "+text+"\nall: []\nsome: []\n"), new(sets))
		if err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%s: got %v, want %s", text, err, want)
		}
	}
}

func TestLongList(t *testing.T) {
	var got struct{ Ports []uint16 }
	for n, want := range map[int]string{nf.MaxList: "", nf.MaxList + 1: "x.yaml:1:8: ports has 65536 elements, the most are 65535"} {
		_, err := config.Read("x.yaml", []byte("ports: ["+strings.Repeat("7,", n)+"]\n"), &got)
		if (err == nil) != (want == "") || err != nil && err.Error() != want {
			t.Errorf("%d: got %v, want %q", n, err, want)
		}
	}
}

// words is a list of lengths, which files give as words of that length.
type words []int

func (w words) ElementExample() string { return "`abc`" }

func (w words) UnmarshalElement(i int, text []byte) error {
	if strings.Contains(string(text), " ") {
		return errors.New("more than one word")
	}
	w[i] = len(text)
	return nil
}

// TestElementsFromText: a list reads the text of its elements, and what it says of one has that one's place.
func TestElementsFromText(t *testing.T) {
	var got struct{ Words words }
	if _, err := config.Read("c.yaml", []byte("words:\n  - ab\n  - \"abc\"\n  - 1234\n"), &got); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(words{2, 3, 4}, got.Words); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	for text, want := range map[string]string{
		"words:\n  - ab\n  - a b\n":    "c.yaml:3:5: words[1]: more than one word",
		"words:\n  - ab\n  - {a: b}\n": "c.yaml:3:5: words[1]: a mapping: expected text of the form `abc`",
		"words:\n  - ab\n  - [a]\n":    "c.yaml:3:5: words[1]: a sequence: expected text of the form `abc`",
		"words: ab\n":                  "c.yaml:1:8: words: \"ab\": expected a sequence, each element text of the form `abc`",
		"{}\n":                         "words is missing: a sequence, each element text of the form `abc`",
	} {
		if _, err := config.Read("c.yaml", []byte(text), &got); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want %q", text, err, want)
		}
	}
}

// TestAddressesAsNumbers: a number of 32 bits may be written as an address, one of another width not.
func TestAddressesAsNumbers(t *testing.T) {
	for text, want := range map[string]uint32{"10.0.0.1": 0x0A000001, "255.255.255.255": 1<<32 - 1, "0x0A000002": 0x0A000002, "7": 7} {
		var got struct{ Low uint32 }
		if _, err := config.Read("x.yaml", []byte("low: "+text+"\n"), &got); err != nil || got.Low != want {
			t.Errorf("%s is read as %#x, %v, want %#x", text, got.Low, err, want)
		}
	}
	for _, text := range []string{"10.0.0", "10.0.0.256", "4294967296"} {
		var got struct{ Low uint32 }
		if _, err := config.Read("x.yaml", []byte("low: "+text+"\n"), &got); err == nil || !strings.Contains(err.Error(), "or an address such as 10.0.0.1") {
			t.Errorf("%s is read as %#x, %v", text, got.Low, err)
		}
	}
	var wide struct{ Low uint64 }
	if _, err := config.Read("x.yaml", []byte("low: 10.0.0.1\n"), &wide); err == nil {
		t.Error("an address is read as 64 bits")
	}
}
