package firewall_test

import (
	"os"
	"strings"
	"testing"

	"vigor/dataplane/config"
	"vigor/libvig"
	"vigor/nfs/firewall"
)

// readRules reads firewall.yaml with another list of rules for inbound.
func readRules(t *testing.T, rules string) (firewall.Config, error) {
	t.Helper()
	text, err := os.ReadFile("firewall.yaml")
	if err != nil {
		t.Fatal(err)
	}
	before, rest, _ := strings.Cut(string(text), "inbound:\n")
	_, after, _ := strings.Cut(rest, "inbound_default")
	var cfg firewall.Config
	_, err = config.Read("f.yaml", []byte(before+"inbound: "+rules+"\ninbound_default"+after), &cfg)
	return cfg, err
}

func TestRules(t *testing.T) {
	const all, ports = ^uint32(0), ^uint16(0)
	for text, want := range map[string]libvig.ClassifierRule{
		"allow any": {SrcHigh: all, DstHigh: all, SrcPortHigh: ports, DstPortHigh: ports, Value: 1},
		"deny tcp to any port 25": {SrcHigh: all, DstHigh: all, SrcPortHigh: ports, DstPortLow: 25, DstPortHigh: 25,
			Protocol: 6},
		"allow udp from 10.0.0.0/8 port 1024-65535 to 192.0.2.1-192.0.2.9 port 53": {SrcLow: 10 << 24, SrcHigh: 11<<24 - 1,
			DstLow: 0xC0000201, DstHigh: 0xC0000209, SrcPortLow: 1024, SrcPortHigh: ports, DstPortLow: 53, DstPortHigh: 53,
			Protocol: 17, Value: 1},
		"allow icmp from 0.0.0.0/0 to 10.0.0.80": {SrcHigh: all, DstLow: 0x0A000050, DstHigh: 0x0A000050,
			SrcPortHigh: ports, DstPortHigh: ports, Protocol: 1, Value: 1},
	} {
		cfg, err := readRules(t, "\n  - "+text)
		if err != nil || len(cfg.Inbound) != 1 || cfg.Inbound[0] != want {
			t.Errorf("%s: got %+v, %v, want %+v", text, cfg.Inbound, err, want)
		}
	}
}

func TestRulesRefused(t *testing.T) {
	for text, want := range map[string]string{
		"permit tcp":                       `a rule begins with allow or deny, not with "permit"`,
		"allow":                            "not followed by a protocol",
		"allow sctp":                       `there is no protocol "sctp"`,
		"allow tcp from":                   `"from" is not followed by an address`,
		"allow tcp from 10.0.0.1/8":        "the first address of the network is 10.0.0.0/8",
		"allow tcp from 10.0.0":            "10.0.0",
		"allow tcp from 10.0.0.9-10.0.0.1": "begins above its end",
		"allow tcp to any port":            "not followed by a number",
		"allow tcp to any port 65536":      "is no port",
		"allow tcp to any port 443-80":     "begins above its end",
		"allow icmp to any port 7":         "only tcp and udp have ports",
		"allow any to any port 7":          "only tcp and udp have ports",
		"allow tcp to any from any":        `"from" is out of place`,
		"allow tcp port 7":                 `"port" is out of place`,
		"{protocol: tcp}":                  "expected text of the form `deny tcp",
		`""`:                               "a rule begins with allow or deny",
	} {
		_, err := readRules(t, "\n  - allow any\n  - "+text)
		if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "f.yaml:11:5: inbound[1]: ") {
			t.Errorf("%s: got %v, want %q at f.yaml:11:5", text, err, want)
		}
	}
	if _, err := readRules(t, "allow any"); err == nil || !strings.Contains(err.Error(), "a sequence, each element text of the form") {
		t.Errorf("got %v, want a hint at a sequence", err)
	}
	var p firewall.Policy
	if err := p.UnmarshalText([]byte("maybe")); err == nil || !strings.Contains(err.Error(), "allow and deny") {
		t.Errorf("got %v, want the policies that there are", err)
	}
}
