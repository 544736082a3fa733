package nat_test

import (
	"flag"
	"testing"

	"vigor/verify/verifytest"
)

const (
	natFile    = "nfs/nat/nat.go"
	icmpFile   = "nfs/nat/icmp.go"
	reportFile = "nfs/nat/report.go"
	connFile   = "nfs/nat/connection.go"
	staticFile = "nfs/nat/static.go"
	queryFile  = "packet/query.go"
	quoteFile  = "packet/requote.go"
	configFile = "nfs/nat/config.go"
	l4File     = "packet/l4.go"
)

// What the edits break: a precondition of libvig, or the spec's claim. Those in packages that nfs/natclassic
// uses in the same way are planted there.
var (
	precondition = []string{"VIG4002"}
	action       = []string{"VIG3002"}
	content      = []string{"VIG3003", "VIG3005"}
	table        = []string{"VIG3004", "VIG3002"}
)

var mutants = []verifytest.Mutant{
	// Mapping and filtering.
	verifytest.Bug("mapping by peer", natFile, "Endpoint{ip.Source(),", "Endpoint{ip.Destination(),", table),
	verifytest.Bug("sender without device", natFile, "p.Device(), uint64(ip.Protocol())}", "0, uint64(ip.Protocol())}", table),
	verifytest.Bug("filter without protocol", staticFile, "target.Protocol == uint64(protocol)", "target.Protocol != 0", action),
	verifytest.Bug("filter by peer's port", natFile, "ip.Protocol())\n\tif !ok {", "ip.Protocol())\n\tif !ok || l4.SourcePort() == 0 {", action),
	verifytest.Bug("destination address unchecked", natFile, "&& ip.Destination() != n.cfg.ExternalIP { // N24\n\t\treturn nf.Drop(nf.NotOurAddress)\n\t}\n\tif ",
		"{\n\t\treturn n.inward(p, ip, l4)\n\t}\n\tif ", action),
	verifytest.Bug("another address from outside sent back", natFile, "if p.Device() == n.cfg.WAN && ip.Destination()",
		"if p.Device() == 77 && ip.Destination()", action),

	// Hairpinning.
	verifytest.Bug("no hairpinning", natFile, "if ip.Destination() == n.cfg.ExternalIP {",
		"if p.Device() == n.cfg.WAN {", action),
	verifytest.Bug("inside address shown", natFile, "packet.SetEndpoints(ip, l4, n.cfg.ExternalIP, shown,",
		"packet.SetEndpoints(ip, l4, ip.Source(), shown,", content),
	verifytest.Bug("inside port shown", natFile, "packet.SetEndpoints(ip, l4, n.cfg.ExternalIP, shown,",
		"packet.SetEndpoints(ip, l4, n.cfg.ExternalIP, l4.SourcePort()+shown-shown,", content),
	verifytest.Bug("no mapping made", natFile, "\ti, ok := n.sender(p, ip, l4)\n", "\ti, ok := n.mappings.Lookup(endpoint(p, ip, l4.SourcePort()))\n", table),
	verifytest.Bug("hairpin sent outside", natFile, "return nf.Forward(target.Device)", "return nf.Forward(n.cfg.WAN)", action),
	verifytest.Bug("back by the device it came from", natFile, "return nf.Forward(target.Device)", "return nf.Forward(p.Device())", action),
	verifytest.Bug("target refreshed by a stranger", natFile, "\tif p.Device() == n.cfg.WAN {\n\t\tn.hear(",
		"\tif at >= 0 {\n\t\tn.mappings.Refresh(at, p.Time(), onUDP)\n\t}\n\tif p.Device() == n.cfg.WAN {\n\t\tn.hear(", table),
	verifytest.Bug("checksum of both ends without a port", l4File, "after = UpdateChecksumOfTwo(after, oldSourcePort, sourcePort, oldDestinationPort, destinationPort)",
		"after = UpdateChecksumOfTwo(after, oldSourcePort, sourcePort, oldDestinationPort, oldDestinationPort)", content),
	verifytest.Bug("header checksum of both ends without an address", l4File,
		"ip.SetChecksum(updateAddress(updateAddress(ip.Checksum(), oldSource, source), oldDestination, destination))",
		"ip.SetChecksum(updateAddress(ip.Checksum(), oldDestination, destination))", content),

	// Queries of ICMP.
	verifytest.Bug("queries let in", icmpFile, "if p.Device() == n.cfg.WAN || ip", "if ip", action),
	verifytest.Bug("queries for the outside address sent out", icmpFile, " || ip.Destination() == n.cfg.ExternalIP {", " {", action),
	verifytest.Bug("replies let out", icmpFile, "if p.Device() != n.cfg.WAN {", "if p.Device() == 77 {", action),
	verifytest.Bug("reply to a port", icmpFile, "if target.Protocol != uint64(packet.ICMP) {", "if target.Protocol == 0 {", action),
	verifytest.Bug("reply refreshes", icmpFile, "\ttarget := n.mappings.Key(i)\n", "\ttarget := n.mappings.Key(i)\n\tn.mappings.Refresh(i, p.Time(), onICMP)\n", table),
	verifytest.Bug("reply for another address", icmpFile, "if ip.Destination() != n.cfg.ExternalIP { // N24", "if ip.Destination() == 0 {", action),
	verifytest.Bug("timestamps not translated", queryFile, "h.Type() == ICMPEchoRequest || h.Type() == ICMPTimestamp", "h.Type() == ICMPEchoRequest", action),
	verifytest.Bug("identifier shown", queryFile, "setWord(h, icmpIdentifier, identifier)", "setWord(h, icmpIdentifier, h.Identifier())", content),
	verifytest.Bug("message of zeros with checksum 0", queryFile, "if sum == 0 {", "if sum == 1 {", content),

	// Errors of ICMP.
	verifytest.Bug("error keeps a mapping alive", reportFile, "\t\tto = target.Device\n", "\t\tto = target.Device\n\t\tif i, ok := n.mappings.Lookup(target); ok {\n\t\t\tn.mappings.Refresh(i, p.Time(), onUDP)\n\t\t}\n", table),
	verifytest.Bug("error ends a mapping", reportFile, "\t\tto = target.Device\n", "\t\tto = target.Device\n\t\tif i, ok := n.mappings.Lookup(target); ok {\n\t\t\tn.mappings.Erase(i)\n\t\t}\n", table),
	verifytest.Bug("error about a later fragment", reportFile, "if q.FragmentOffset() != 0 {", "if q.FragmentOffset() > 0x1FFF {", action),
	verifytest.Bug("error for another than the sender", reportFile, "if q.Source() != ip.Destination() {", "if q.Source() == 0 {", action),
	verifytest.Bug("error from who has no mapping", reportFile, "\t\tif !ok {\n", "\t\tif !ok && sender == 4242 {\n", action),
	verifytest.Bug("hairpinned error sent outside", reportFile, "to = target.Device", "to = n.cfg.WAN", action),
	verifytest.Bug("error about a reply let in", reportFile, "return q.Identifier(), 0, q.QuotesQuery()", "return q.Identifier(), 0, true", action),
	verifytest.Bug("damaged error let in", reportFile, "if !m.ChecksumOK() || !q", "if !q", action),
	verifytest.Bug("error about a damaged header", reportFile, " || !q.HeaderChecksumOK() {", " {", action),
	verifytest.Bug("right errors dropped", reportFile, "if !m.ChecksumOK()", "if m.ChecksumOK()", action),
	verifytest.Bug("outer header checked for the quoted one", reportFile, "!q.HeaderChecksumOK()", "!ip.HeaderChecksumOK()", action),
	verifytest.Bug("quoted options not summed", reportFile, "!q.HeaderChecksumOK()", "packet.Checksum(q[:packet.IPv4MinHeaderLen], 0) != 0", action),
	verifytest.Bug("error summed with what pads the frame", reportFile, "!m.ChecksumOK()", "packet.Checksum(p.Bytes()[14+ip.HeaderLength():], 0) != 0", action),
	verifytest.Bug("error summed without its header", reportFile, "!m.ChecksumOK()", "packet.Checksum(m.Payload(), 0) != 0", action),
	verifytest.Bug("quoted datagram verified", reportFile, "|| !q.HeaderChecksumOK() {",
		"|| !q.HeaderChecksumOK() || packet.Checksum(packet.IPv4Header(q).Payload(), 0) != 0 {", action),
	verifytest.Bug("sender of an error shown", quoteFile, "\tsetLong(ip, ipSource, uint32(address))\n\tip.SetChecksum(updateAddress(ip.Checksum(), outer, address))\n",
		"\t_ = outer\n", content),
	verifytest.Bug("quoted address shown", quoteFile, "setLong(quoted, ipDestination, uint32(address))", "setLong(quoted, ipDestination, uint32(before))", content),
	verifytest.Bug("quoted port not restored", quoteFile, "setWord(segment, at, port)", "setWord(segment, at, word(segment, at))", content),
	verifytest.Bug("quoted header's checksum left", quoteFile, "\tquoted.SetChecksum(updateAddress(quoted.Checksum(), from, to))\n", "", content),
	verifytest.Bug("checksum of an error left", quoteFile, "\tsetWord(m, icmpChecksum, UpdateChecksum(m.Checksum(), word(segment, at), port))\n", "", content),
	verifytest.Bug("quoted options taken for ports", quoteFile, "segment := quoted.Payload()", "segment := quoted[IPv4MinHeaderLen:]", content),
	verifytest.Bug("quoted UDP checksum becomes none", quoteFile, "if after == 0 {", "if after == 1 {", content),

	// Datagrams that are not translated.
	verifytest.Bug("first fragments translated", natFile, "if ip.IsFragment() {", "if ip.FragmentOffset() != 0 {", action),
	verifytest.Bug("last hop forwarded", natFile, "ip.TTL() <= 1", "ip.TTL() < 1", action),
	verifytest.Bug("outside device unchecked", natFile, "int(cfg.WAN) >= env.Devices", "int(cfg.WAN) > env.Devices", []string{"VIG2007"}),

	// Off by one, order, width.
	verifytest.Bug("sum of ports in network order", natFile, "return uint16(int(n.cfg.StartPort) + i), nf.NoReason",
		"return n.cfg.StartPort + (uint16(i)<<8 | uint16(i)>>8), nf.NoReason", content),
	verifytest.Bug("index one lower on the way in", staticFile, "- int(n.cfg.StartPort)\n", "- int(n.cfg.StartPort) - 1\n", table),
	verifytest.Bug("timer of 32 bits", natFile, "now-n.cfg.UDPTimeout", "now-nf.Time(uint32(n.cfg.UDPTimeout))", table),
	verifytest.Bug("more ports than there are", configFile, "c.Capacity > 1<<16-int(c.StartPort)", "c.Capacity > 1<<16",
		[]string{"VIG3104"}),

	// State.
	verifytest.Bug("no refresh", natFile, "\tn.mappings.Refresh(i, p.Time(), timer) // N8\n", "", table),
	verifytest.Bug("a mapping evicted", natFile, "\tsender := endpoint(p, ip, port)\n",
		"\tif n.mappings.Full() {\n\t\tn.mappings.Erase(0)\n\t}\n\tsender := endpoint(p, ip, port)\n", table),

	// Static mappings.
	verifytest.Bug("all static ports lead to the first endpoint", staticFile, "own := n.staticEndpoints.Key(i)", "own := n.staticEndpoints.Key(0)", append(content, action...)),
	verifytest.Bug("a port for two endpoints", staticFile, "return outer.Port, true, i == j", "return outer.Port, true, j >= 0", action),
	verifytest.Bug("an endpoint behind two ports", staticFile, "return Endpoint(own), -1, i == j", "return Endpoint(own), -1, j >= 0", action),
	verifytest.Bug("static ports of any protocol", staticFile, "Outside{port, uint16(protocol)}", "Outside{port, uint16(packet.TCP)}", action),
	verifytest.Bug("a mapping for a static endpoint", natFile, "\tif listed {\n", "\tif listed && port == 0 {\n", table),
	verifytest.Bug("errors from static endpoints", reportFile, "\tif listed {\n", "\tif listed && port == 0 {\n", append(content, action...)),
	verifytest.Bug("device of a static mapping unchecked", staticFile, "int(f.Value.Device) >= env.Devices", "int(f.Value.Device) > env.Devices", []string{"VIG2007"}),

	// Connections of TCP and their timers.
	verifytest.Bug("established connections on the timer of opening", connFile, "\treturn onEstablished\n", "\treturn onOpening\n", table),
	verifytest.Bug("timer of opening for established ones", natFile, "now-n.cfg.TCPEstablished", "now-n.cfg.TCPOpening", table),
	verifytest.Bug("closed connections for ever", natFile, "\tn.mappings.ExpireBefore(onClosing, now-n.cfg.TCPClosing)\n", "", table),
	verifytest.Bug("the inside's FIN is enough", connFile, "\t\treturn InsideDone\n", "\t\treturn Closed\n", table),
	verifytest.Bug("the peer's FIN is enough", connFile, "Conn{peer, port, OutsideDone}, true", "Conn{peer, port, Closed}, true", table),
	verifytest.Bug("FIN of another port of the peer's host", connFile, "if c.Peer != peer || c.PeerPort != port {", "if c.Peer != peer {", table),
	verifytest.Bug("FIN from outside forgotten", natFile, "\tif conn, news := n.mappings.At(i).heard(peer, port); news {\n\t\tn.mappings.Set(i, conn)\n\t}\n", "", table),
	verifytest.Bug("FIN from outside ends a mapping", natFile, "heard(peer, port); news {\n\t\tn.mappings.Set(i, conn)\n", "heard(peer, port); news {\n\t\tn.mappings.Erase(i)\n\t\t_ = conn\n", table),
	verifytest.Bug("second peer not noticed", connFile, "return Conn{State: Shared}, true", "return c, true", table),
	verifytest.Bug("second peer after the first is done makes it shared", connFile, "\tif c.State.over() {\n\t\treturn Conn{peer, port, None.after(e)}, true\n\t}\n", "", table),
	verifytest.Bug("RST keeps a mapping alive", connFile, "\t\treturn c, false\n\t}\n\tif same", "\t\treturn c, true\n\t}\n\tif same", table),
	verifytest.Bug("RST for another peer closes", connFile, "if same && c.State.established() {", "if c.State.established() {", table),
	verifytest.Bug("last minutes after RST again and again", connFile, "if same && c.State.established() {", "if same && c.State != Shared {", table),
	verifytest.Bug("an old SYN shortens", connFile, "case e == syn && (s == Opening || s.over()):", "case e == syn:", table),
	verifytest.Bug("an answer taken for a request", connFile, "case flags&(packet.SYN|packet.ACK) == packet.SYN:", "case flags&packet.SYN != 0:", table),
	verifytest.Bug("no life after RST", connFile, "(s == None || s == Opening || s == Reset)", "(s == None || s == Opening)", table),
	verifytest.Bug("state of a copy", natFile, "\t\tn.mappings.Set(i, conn)\n\t\tn.mappings.Refresh(i, p.Time(), conn.State.timer())\n", "\t\tn.mappings.Refresh(i, p.Time(), conn.State.timer())\n", table),

	// Contracts.
	verifytest.Bug("key of a free index", staticFile, "if n.mappings.Allocated(at) {", "if at >= 0 && at < n.mappings.Cap() {", precondition),
	verifytest.Bug("insert though present", natFile, "\tif !ok {\n\t\treturn n.mappings.Insert", "\tif !ok || sender.Port == 4242 {\n\t\treturn n.mappings.Insert",
		precondition),
}

// byProperty are bugs that the property of this name refuses by itself.
var byProperty = []struct {
	property string
	bug      verifytest.Mutant
}{
	{"timers_long_enough", verifytest.Bug("established connections for two hours only", configFile, "2*nf.Hour + 4*nf.Minute", "2 * nf.Hour", []string{"VIG3001"})},
	{"static_unshared", verifytest.Bug("static ports among those that others get", staticFile, "0 <= at && at < c.Capacity", "0 < at && at < c.Capacity", []string{"VIG3001"})},
	{"half_closed_kept", verifytest.Bug("the inside's FIN is enough", connFile, "\t\treturn InsideDone\n", "\t\treturn Closed\n", table)},
	{"both_fins_close", verifytest.Bug("both FIN change nothing", connFile, "\tcase Closed, Reset:\n", "\tcase Reset:\n", table)},
	{"established_kept", verifytest.Bug("never established", connFile, "\t\treturn Established\n", "\t\treturn Opening\n", table)},
	{"syn_opens", verifytest.Bug("established by SYN", connFile, "\t\treturn Opening\n", "\t\treturn Established\n", table)},
	{"reset_closes", verifytest.Bug("RST closes nothing", connFile, "return Conn{peer, port, Reset}, true", "return c, true", table)},
	{"resets_refresh_nothing", verifytest.Bug("RST keeps a mapping alive", connFile, "\t\treturn c, false\n\t}\n\tif same", "\t\treturn c, true\n\t}\n\tif same", table)},
	{"shared_never_shortened", verifytest.Bug("FIN of one peer closes for all", connFile, "return Conn{State: Shared}, true", "return Conn{peer, port, c.State.after(e)}, true", table)},
	{"fin_from_outside", verifytest.Bug("FIN of anybody", connFile, "if c.Peer != peer || c.PeerPort != port {", "if c.PeerPort != port {", table)},
}

// equivalents are other ways to write the same NAT: they must be proved, too.
var equivalents = []verifytest.Mutant{
	verifytest.Rewrite("quoted header checked first", reportFile, "!m.ChecksumOK() || !q.HeaderChecksumOK()",
		"!q.HeaderChecksumOK() || packet.Checksum(ip[ip.HeaderLength():], 0xFFFF) != 0"),
	verifytest.Rewrite("difference of ports in 16 bits", staticFile, "at = int(port) - int(n.cfg.StartPort)", "at = int(port - n.cfg.StartPort)"),
	verifytest.Rewrite("endpoint by the port", staticFile, "return Endpoint(own), -1, i == j", "return Endpoint(n.staticPorts.At(i)), -1, i == j"),
}

var network = verifytest.NF{Root: "../..", Package: "./nfs/nat", Spec: "nfs/nat/spec.py"}

// TestMutants plants one bug at a time. Each must be found, with a counterexample that the compiled NAT
// confirms.
// Unless all are asked for it is few of them, from all over the list, for the full spec is large.
func TestMutants(t *testing.T) {
	list := mutants
	if flag.Lookup("mutants.all").Value.String() != "true" { // of verifytest
		list = nil
		for i := 0; i < len(mutants); i += step {
			list = append(list, mutants[i])
		}
	}
	network.Refused(t, list)
}

// TestPropertyMutants asks one property about each bug; all of them if all are asked for.
func TestPropertyMutants(t *testing.T) {
	for i, m := range byProperty {
		t.Run(m.property, func(t *testing.T) {
			if flag.Lookup("mutants.all").Value.String() != "true" && i%3 != 0 {
				t.Skip("planted with -mutants.all")
			}
			one := network
			one.Spec = "nfs/nat/properties/" + m.property + ".py"
			one.Refused(t, []verifytest.Mutant{m.bug})
		})
	}
}

// step is the distance of the mutants that are planted where not all are asked for.
const step = 9

// TestEquivalents rewrites the NAT without changing what it does.
func TestEquivalents(t *testing.T) { network.Proved(t, equivalents) }
