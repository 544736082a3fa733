package natclassic_test

import (
	"testing"

	"vigor/verify/verifytest"
)

const (
	natFile      = "nfs/natclassic/natclassic.go"
	configFile   = "nfs/natclassic/config.go"
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

var mutants = []verifytest.Mutant{
	// Missing checks.
	verifytest.Bug("spoof check without source address", natFile, "flow.Dst != ip.Source() || ", "", action),
	verifytest.Bug("spoof check without source port", natFile, " || flow.DstPort != l4.SourcePort()", "", action),
	verifytest.Bug("spoof check without protocol", natFile, " || flow.Protocol != uint16(ip.Protocol())", "", action),
	verifytest.Bug("destination address unchecked", natFile, "ip.Destination() != n.cfg.ExternalIP", "ip.Destination() == 0", action),
	verifytest.Bug("hairpinning", natFile, "if p.Device() == n.cfg.WAN {",
		"if p.Device() == n.cfg.WAN || ip.Destination() == n.cfg.ExternalIP {", action),
	verifytest.Bug("first fragments translated", natFile, "if ip.IsFragment() {", "if ip.FragmentOffset() != 0 {", action),
	verifytest.Bug("ports read in later fragments", ipFile, "ipFragmentOffset = 0x1FFF", "ipFragmentOffset = 0x1FFE", action),
	verifytest.Bug("last hop forwarded", natFile, "ip.TTL() <= 1", "ip.TTL() < 1", action),
	verifytest.Bug("header of four words", ipFile, " || h.HeaderLength() < IPv4MinHeaderLen", "", action),
	verifytest.Bug("version unchecked", ipFile, "h.Version() != 4 || ", "", action),
	verifytest.Bug("outside device unchecked", natFile, "int(cfg.WAN) >= env.Devices", "int(cfg.WAN) > env.Devices", []string{"VIG2007"}),

	// Lengths.
	verifytest.Bug("ethernet header of 13 bytes", ethernetFile, "len(frame) < EthernetHeaderLen", "len(frame) < EthernetHeaderLen-1", safety),
	verifytest.Bug("transport length unchecked", l4File, " || len(segment) < l4HeaderLen(ip.Protocol())", "", safety),
	verifytest.Bug("UDP header one byte short", udpFile, "UDPHeaderLen    = 8", "UDPHeaderLen    = 7", safety),
	verifytest.Bug("total length inside the header", ipFile, "total < h.HeaderLength() || ", "", safety),
	verifytest.Bug("total length beyond the frame", ipFile, " || total > len(b)", "", safety),
	verifytest.Bug("MTU taken for the frame's length", natFile, "if ip.TTL() <= 1 {", "if ip.TTL() <= 1 || len(p.Bytes()) > 1500 {", action),

	// Off by one, order, width.
	verifytest.Bug("outside port one higher", natFile, "uint16(int(n.cfg.StartPort)+i)", "uint16(int(n.cfg.StartPort)+i+1)", content),
	verifytest.Bug("index one lower on the way in", natFile, "- int(n.cfg.StartPort)\n", "- int(n.cfg.StartPort) - 1\n", table),
	verifytest.Bug("port written one byte late", l4File, "setWord(l4.segment, l4SourcePort, port)",
		"setWord(l4.segment, l4SourcePort+1, port)", content),
	verifytest.Bug("sum of ports in network order", natFile, "uint16(int(n.cfg.StartPort)+i)",
		"n.cfg.StartPort+(uint16(i)<<8|uint16(i)>>8)", content),
	verifytest.Bug("difference of ports in network order", natFile, "int(l4.DestinationPort()) - int(n.cfg.StartPort)",
		"int(l4.DestinationPort()<<8|l4.DestinationPort()>>8) - int(n.cfg.StartPort)", table),
	verifytest.Bug("timer of 32 bits", natFile, "p.Time() - n.cfg.FlowTimeout", "p.Time() - nf.Time(uint32(n.cfg.FlowTimeout))", table),
	verifytest.Bug("clock of 32 bits", natFile, "p.Time() - n.cfg.FlowTimeout",
		"nf.Time(uint32(p.Time()) - uint32(n.cfg.FlowTimeout))", table),
	verifytest.Bug("timer ten times too long", natFile, "p.Time() - n.cfg.FlowTimeout", "p.Time() - 10*n.cfg.FlowTimeout", table),
	verifytest.Bug("expired one nanosecond early", natFile, "p.Time() - n.cfg.FlowTimeout", "p.Time() - n.cfg.FlowTimeout + 1", table),
	verifytest.Bug("more ports than there are", configFile, "c.Capacity > 1<<16-int(c.StartPort)", "c.Capacity > 1<<16",
		[]string{"VIG3104"}),

	// State.
	verifytest.Bug("refresh before the spoof check", natFile, "\tif flow.Dst != ip.Source()",
		"\tn.flows.Refresh(i, p.Time())\n\tif flow.Dst != ip.Source()", table),
	verifytest.Bug("no refresh inward", natFile, "\tn.flows.Refresh(i, p.Time()) // only now: a stranger keeps no mapping alive (N8)\n",
		"", table),
	verifytest.Bug("no refresh outward", natFile, "\t\tn.flows.Refresh(i, p.Time())\n", "\t\t_ = i\n", table),
	verifytest.Bug("no expiry", natFile, "\tn.flows.ExpireBefore(p.Time() - n.cfg.FlowTimeout)\n", "", table),
	verifytest.Bug("fullness ignored", natFile, "p.Time()); !ok {", "p.Time()); !ok && n.flows.Len() == 0 {", action),
	verifytest.Bug("a mapping evicted", natFile, "\ti, ok := n.flows.Lookup(flow)\n",
		"\tif n.flows.Full() {\n\t\tn.flows.Erase(0)\n\t}\n\ti, ok := n.flows.Lookup(flow)\n", table),
	verifytest.Bug("ports of the key swapped", natFile, "SrcPort: l4.SourcePort(), DstPort: l4.DestinationPort(),",
		"SrcPort: l4.DestinationPort(), DstPort: l4.SourcePort(),", table),
	verifytest.Bug("device left out of the key", natFile, "uint16(ip.Protocol()), Device: p.Device(),", "uint16(ip.Protocol()),", table),
	verifytest.Bug("reply by the device it came from", natFile, "nf.Forward(flow.Device)", "nf.Forward(p.Device())", action),

	// Contracts.
	verifytest.Bug("key of a free index", natFile, "!n.flows.Allocated(i)", "i < 0 || i >= n.flows.Cap()", precondition),
	verifytest.Bug("insert though present", natFile, "\tif ok {\n\t\tn.flows.Refresh", "\tif ok && flow.SrcPort != 4242 {\n\t\tn.flows.Refresh",
		precondition),
	verifytest.Bug("capacity zero", configFile, "c.Capacity < 1", "c.Capacity < 0", precondition),
	verifytest.Bug("device of a flow out of range", natFile, "Device: p.Device(),", "Device: p.Device() + 1,",
		[]string{"VIG4003", "VIG3004"}),

	// Checksums.
	verifytest.Bug("UDP datagram without checksum gets one", l4File, "\tif before == 0 {\n\t\treturn 0\n\t}\n", "", content),
	verifytest.Bug("computed checksum 0 sent", l4File, "return 0xFFFF\n\t}\n\treturn after", "return 0\n\t}\n\treturn after", content),
	verifytest.Bug("transport checksum without port", l4File, "UpdateChecksumOfThree(before, uint16(from>>16), uint16(to>>16), uint16(from), uint16(to), portFrom, portTo)",
		"updateAddress(before, from, to)", content),
	verifytest.Bug("header checksum without TTL", ipFile, "\th.SetChecksum(UpdateChecksum(h.Checksum(), before, after))\n", "", content),
	verifytest.Bug("inside port not restored", natFile, "flow.Src, flow.SrcPort)", "flow.Src, l4.DestinationPort())", content),
	verifytest.Bug("TTL kept outward", natFile, "+i))\n\tip.DecrementTTL()\n", "+i))\n", content),
}

// equivalents are other ways to write the same NAT: they must be proved, too.
var equivalents = []verifytest.Mutant{
	verifytest.Rewrite("sum of ports in 16 bits", natFile, "uint16(int(n.cfg.StartPort)+i)", "n.cfg.StartPort+uint16(i)"),
	verifytest.Rewrite("difference of ports in 16 bits", natFile, "int(l4.DestinationPort()) - int(n.cfg.StartPort)",
		"int(l4.DestinationPort() - n.cfg.StartPort)"),
	verifytest.Rewrite("later fragments left to ParseL4", natFile, "if ip.IsFragment() {", "if ip.MoreFragments() {"),
	verifytest.Rewrite("spoof check in another order", natFile, "flow.Dst != ip.Source() || flow.DstPort != l4.SourcePort()",
		"flow.DstPort != l4.SourcePort() || flow.Dst != ip.Source()"),
}

var network = verifytest.NF{Root: "../..", Package: "./nfs/natclassic", Spec: "nfs/natclassic/spec.py"}

// TestMutants plants one bug at a time. Each must be found, with a counterexample that the compiled NAT
// confirms.
func TestMutants(t *testing.T) { network.Refused(t, mutants) }

// TestEquivalents rewrites the NAT without changing what it does.
func TestEquivalents(t *testing.T) { network.Proved(t, equivalents) }
