package nat_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"vigor/verify"
)

// root is the module's root.
const root = "../.."

// mutant is the NAT with one edit.
type mutant struct {
	name     string
	file     string // from the module's root
	old, new string // old occurs exactly once
	// codes are those of which the report must have one, with a confirmed counterexample; none for
	// an edit that changes nothing.
	codes []string
}

const (
	natFile      = "nfs/nat/nat.go"
	configFile   = "nfs/nat/config.go"
	ethernetFile = "packet/ethernet.go"
	ipFile       = "packet/ipv4.go"
	l4File       = "packet/l4.go"
	udpFile      = "packet/transport.go"
)

// What the edits break: the code, a precondition of libvig, or the spec's claim.
var (
	safety       = []string{"VIG2001", "VIG2002"}
	precondition = []string{"VIG4002"}
	action       = []string{"VIG3002"}
	content      = []string{"VIG3003", "VIG3005"}
	table        = []string{"VIG3004", "VIG3002"}
)

var mutants = []mutant{
	// Missing checks.
	{"spoof check without source address", natFile, "flow.Dst != ip.Source() || ", "", action},
	{"spoof check without source port", natFile, " || flow.DstPort != l4.SourcePort()", "", action},
	{"spoof check without protocol", natFile, " || flow.Protocol != uint16(ip.Protocol())", "", action},
	{"destination address unchecked", natFile, "ip.Destination() != n.cfg.ExternalIP", "ip.Destination() == 0", action},
	{"hairpinning", natFile, "if p.Device() == n.cfg.WAN {",
		"if p.Device() == n.cfg.WAN || ip.Destination() == n.cfg.ExternalIP {", action},
	{"first fragments translated", natFile, "if ip.IsFragment() {", "if ip.FragmentOffset() != 0 {", action},
	{"ports read in later fragments", ipFile, "ipFragmentOffset = 0x1FFF", "ipFragmentOffset = 0x1FFE", action},
	{"last hop forwarded", natFile, "ip.TTL() <= 1", "ip.TTL() < 1", action},
	{"header of four words", ipFile, " || h.HeaderLength() < IPv4MinHeaderLen", "", action},
	{"version unchecked", ipFile, "h.Version() != 4 || ", "", action},
	{"outside device unchecked", natFile, "int(cfg.WAN) >= env.Devices", "int(cfg.WAN) > env.Devices", []string{"VIG2007"}},

	// Lengths.
	{"ethernet header of 13 bytes", ethernetFile, "len(frame) < EthernetHeaderLen", "len(frame) < EthernetHeaderLen-1", safety},
	{"transport length unchecked", l4File, " || len(segment) < l4HeaderLen(ip.Protocol())", "", safety},
	{"UDP header one byte short", udpFile, "UDPHeaderLen    = 8", "UDPHeaderLen    = 7", safety},
	{"total length inside the header", ipFile, "total < h.HeaderLength() || ", "", safety},
	{"total length beyond the frame", ipFile, " || total > len(b)", "", safety},
	{"MTU taken for the frame's length", natFile, "if ip.TTL() <= 1 {", "if ip.TTL() <= 1 || len(p.Bytes()) > 1500 {", action},

	// Off by one, order, width.
	{"outside port one higher", natFile, "uint16(int(n.cfg.StartPort)+i)", "uint16(int(n.cfg.StartPort)+i+1)", content},
	{"index one lower on the way in", natFile, "- int(n.cfg.StartPort)\n", "- int(n.cfg.StartPort) - 1\n", table},
	{"port written one byte late", l4File, "setWord(l4.segment, l4SourcePort, port)",
		"setWord(l4.segment, l4SourcePort+1, port)", content},
	{"sum of ports in network order", natFile, "uint16(int(n.cfg.StartPort)+i)",
		"n.cfg.StartPort+(uint16(i)<<8|uint16(i)>>8)", content},
	{"difference of ports in network order", natFile, "int(l4.DestinationPort()) - int(n.cfg.StartPort)",
		"int(l4.DestinationPort()<<8|l4.DestinationPort()>>8) - int(n.cfg.StartPort)", table},
	{"timer of 32 bits", natFile, "p.Time() - n.cfg.FlowTimeout", "p.Time() - nf.Time(uint32(n.cfg.FlowTimeout))", table},
	{"clock of 32 bits", natFile, "p.Time() - n.cfg.FlowTimeout",
		"nf.Time(uint32(p.Time()) - uint32(n.cfg.FlowTimeout))", table},
	{"timer ten times too long", natFile, "p.Time() - n.cfg.FlowTimeout", "p.Time() - 10*n.cfg.FlowTimeout", table},
	{"expired one nanosecond early", natFile, "p.Time() - n.cfg.FlowTimeout", "p.Time() - n.cfg.FlowTimeout + 1", table},
	{"more ports than there are", configFile, "c.Capacity > 1<<16-int(c.StartPort)", "c.Capacity > 1<<16",
		[]string{"VIG3104"}},

	// State.
	{"refresh before the spoof check", natFile, "\tif flow.Dst != ip.Source()",
		"\tn.flows.Refresh(i, p.Time())\n\tif flow.Dst != ip.Source()", table},
	{"no refresh inward", natFile, "\tn.flows.Refresh(i, p.Time()) // only now: a stranger keeps no mapping alive (N8)\n",
		"", table},
	{"no refresh outward", natFile, "\t\tn.flows.Refresh(i, p.Time())\n", "\t\t_ = i\n", table},
	{"no expiry", natFile, "\tn.flows.ExpireBefore(p.Time() - n.cfg.FlowTimeout)\n", "", table},
	{"fullness ignored", natFile, "p.Time()); !ok {", "p.Time()); !ok && n.flows.Len() == 0 {", action},
	{"a mapping evicted", natFile, "\ti, ok := n.flows.Lookup(flow)\n",
		"\tif n.flows.Full() {\n\t\tn.flows.Erase(0)\n\t}\n\ti, ok := n.flows.Lookup(flow)\n", table},
	{"ports of the key swapped", natFile, "SrcPort: l4.SourcePort(), DstPort: l4.DestinationPort(),",
		"SrcPort: l4.DestinationPort(), DstPort: l4.SourcePort(),", table},
	{"device left out of the key", natFile, "uint16(ip.Protocol()), Device: p.Device(),", "uint16(ip.Protocol()),", table},
	{"reply by the device it came from", natFile, "nf.Forward(flow.Device)", "nf.Forward(p.Device())", action},

	// Contracts.
	{"key of a free index", natFile, "!n.flows.Allocated(i)", "i < 0 || i >= n.flows.Cap()", precondition},
	{"insert though present", natFile, "\tif ok {\n\t\tn.flows.Refresh", "\tif ok && flow.SrcPort != 4242 {\n\t\tn.flows.Refresh",
		precondition},
	{"capacity zero", configFile, "c.Capacity < 1", "c.Capacity < 0", precondition},
	{"device of a flow out of range", natFile, "Device: p.Device(),", "Device: p.Device() + 1,",
		[]string{"VIG4003", "VIG3004"}},

	// Checksums.
	{"UDP datagram without checksum gets one", l4File, "\tif before == 0 {\n\t\treturn 0\n\t}\n", "", content},
	{"computed checksum 0 sent", l4File, "return 0xFFFF\n\t}\n\treturn after", "return 0\n\t}\n\treturn after", content},
	{"transport checksum without port", l4File, "UpdateChecksum(updateAddress(before, from, to), portFrom, portTo)",
		"updateAddress(before, from, to)", content},
	{"header checksum without TTL", ipFile, "\th.SetChecksum(UpdateChecksum(h.Checksum(), before, after))\n", "", content},
	{"inside port not restored", natFile, "flow.Src, flow.SrcPort)", "flow.Src, l4.DestinationPort())", content},
	{"TTL kept outward", natFile, "+i))\n\tip.DecrementTTL()\n", "+i))\n", content},
}

// equivalents are other ways to write the same NAT: they must be proved, too.
var equivalents = []mutant{
	{"sum of ports in 16 bits", natFile, "uint16(int(n.cfg.StartPort)+i)", "n.cfg.StartPort+uint16(i)", nil},
	{"difference of ports in 16 bits", natFile, "int(l4.DestinationPort()) - int(n.cfg.StartPort)",
		"int(l4.DestinationPort() - n.cfg.StartPort)", nil},
	{"later fragments left to ParseL4", natFile, "if ip.IsFragment() {", "if ip.MoreFragments() {", nil},
	{"spoof check in another order", natFile, "flow.Dst != ip.Source() || flow.DstPort != l4.SourcePort()",
		"flow.DstPort != l4.SourcePort() || flow.Dst != ip.Source()", nil},
}

// run verifies the mutant against the full spec; the edit exists in an overlay only.
func (m mutant) run(t *testing.T) *verify.Report {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, m.file))
	if err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(string(text), m.old); n != 1 {
		t.Fatalf("%q occurs %d times in %s, want once", m.old, n, m.file)
	}
	edited := strings.Replace(string(text), m.old, m.new, 1)
	report, err := verify.Run(t.Context(), verify.Config{
		Dir: root, Package: "./nfs/nat", Spec: "nfs/nat/spec.py",
		Overlay: map[string][]byte{m.file: []byte(edited)},
	})
	if err != nil {
		t.Fatal(err)
	}
	return report
}

// findings are the diagnostics of a report, those about the NF first.
func findings(r *verify.Report) []verify.Diagnostic {
	list := slices.Clone(r.Diagnostics)
	for _, s := range r.Specs {
		list = append(list, s.Diagnostics...)
	}
	return list
}

// confirmed reports whether the compiled NF behaved as the diagnostic says.
func confirmed(d verify.Diagnostic) bool {
	for _, note := range d.Notes {
		if note.Label == "confirmed" {
			return true
		}
	}
	return false
}

// TestMutants plants one bug at a time. Each must be found, with a counterexample that the compiled NF
// confirms.
func TestMutants(t *testing.T) {
	if testing.Short() {
		t.Skip("each mutant is verified and compiled")
	}
	for _, m := range mutants {
		t.Run(strings.ReplaceAll(m.name, " ", "_"), func(t *testing.T) {
			report := m.run(t)
			if report.Outcome != verify.Violated {
				t.Errorf("got %v, want violated", report.Outcome)
			}
			good := slices.ContainsFunc(findings(report), func(d verify.Diagnostic) bool {
				return slices.Contains(m.codes, d.Code.String()) && confirmed(d)
			})
			if !good {
				t.Errorf("no confirmed counterexample with one of %v", m.codes)
			}
			for _, d := range findings(report) {
				t.Logf("%v: %v %s %v", d.Span, d.Code, d.Message, d.Notes)
			}
		})
	}
}

// TestEquivalents rewrites the NAT without changing what it does.
func TestEquivalents(t *testing.T) {
	if testing.Short() {
		t.Skip("each rewrite is verified and compiled")
	}
	for _, m := range equivalents {
		t.Run(strings.ReplaceAll(m.name, " ", "_"), func(t *testing.T) {
			if report := m.run(t); report.Outcome != verify.Proved {
				t.Errorf("got %v, want proved; %v", report.Outcome, findings(report))
			}
		})
	}
}
