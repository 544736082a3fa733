package firewall_test

import (
	"flag"
	"testing"

	"vigor/verify/verifytest"
)

const (
	wallFile = "nfs/firewall/firewall.go"
	tcpFile  = "nfs/firewall/tcp.go"
	icmpFile = "nfs/firewall/icmp.go"
	ipFile   = "packet/ipv4.go"
)

// What the edits break: the code, or a claim about action, content or flows.
var (
	safety  = []string{"VIG2001", "VIG2002"}
	action  = []string{"VIG3002", "VIG3001"}
	content = []string{"VIG3003", "VIG3005", "VIG3001"}
	table   = []string{"VIG3004", "VIG3002"}
)

// mutants are planted bugs, by the property that refuses each. Mistakes of the published firewall come first: ports
// read in later fragments, lengths not compared, any segment that opens, an update that is lost, RST that closes
// nothing, a full table that lets all out, timers that wrap.
var mutants = []struct {
	property string
	bugs     []verifytest.Mutant
}{
	{"fragments_dropped", []verifytest.Mutant{
		verifytest.Bug("later fragments judged by ports", wallFile, "if ip.IsFragment() {", "if ip.MoreFragments() {", action),
		verifytest.Bug("first fragments judged by ports", wallFile, "if ip.IsFragment() {", "if ip.FragmentOffset() != 0 {", action),
		verifytest.Bug("header beyond the total length", ipFile, "total < h.HeaderLength() || ", "", safety),
		verifytest.Bug("total length beyond the frame", ipFile, " || total > len(b)", "", safety),
	}},
	{"only_syn_opens", []verifytest.Mutant{
		verifytest.Bug("any segment opens", tcpFile, "\t\tif !opens {", "\t\tif !opens && tcp.Flags() == 0 {", action),
		verifytest.Bug("an answer opens", tcpFile, "(packet.SYN|packet.ACK) == packet.SYN", "packet.SYN == packet.SYN", action),
	}},
	{"reset_closes", []verifytest.Mutant{
		verifytest.Bug("the state is set in a copy", tcpFile, "\tf.flows.Set(i, Conn{next, conn.Opener})\n", "\tconn.State = next\n", table),
		verifytest.Bug("RST closes nothing", tcpFile, "return Closed, true", "return c.State, true", table),
	}},
	{"never_evicts", []verifytest.Mutant{
		verifytest.Bug("full table passes all", wallFile, "if f.cfg.WhenFull != Allow {", "if f.cfg.WhenFull > Allow {", action),
		verifytest.Bug("a flow evicted", wallFile, "\tif f.cfg.WhenFull != Allow {\n",
			"\tif f.cfg.WhenFull != Allow {\n\t\tf.flows.Erase(0)\n", table),
	}},
	{"outbound_opens", []verifytest.Mutant{
		verifytest.Bug("opener lost", wallFile, "Conn{State: Opening, Opener: p.Device()}", "Conn{State: Opening}", table),
		verifytest.Bug("outbound asks the rules for inbound", wallFile, "f.outbound, f.outboundHits, f.cfg.OutboundDefault",
			"f.inbound, f.inboundHits, f.cfg.InboundDefault", append(table, action...)),
	}},
	{"replies_forwarded", []verifytest.Mutant{
		verifytest.Bug("timer of 32 bits", wallFile, "p.Time() - f.cfg.FlowTimer", "p.Time() - nf.Time(uint32(f.cfg.FlowTimer))", table),
		verifytest.Bug("sides not exchanged", wallFile, "\t\treturn flow.turned()\n", "\t\treturn flow\n", table),
	}},
	{"outbound_forwarded", []verifytest.Mutant{
		verifytest.Bug("a flow is not refreshed", wallFile, "\t\tf.flows.Refresh(i, p.Time())\n\t\treturn nf.NoReason\n", "\t\t_ = i\n\t\treturn nf.NoReason\n", table),
	}},
	{"unsolicited_blocked", []verifytest.Mutant{
		verifytest.Bug("last rule ignored", wallFile, "if i < rules.Len() {", "if i+1 < rules.Len() {", action),
		verifytest.Bug("default of the other direction", wallFile, "f.inboundHits, f.cfg.InboundDefault", "f.inboundHits, f.cfg.OutboundDefault", action),
	}},
	{"errors_about_flows", []verifytest.Mutant{
		verifytest.Bug("errors pass unseen", icmpFile, "!known || ip.D", "!known && ip.Destination() == 0 || ip.D", action),
		verifytest.Bug("error for anybody", icmpFile, "!known || ip.Destination() != q.Source()", "!known", action),
	}},
	{"errors_change_nothing", []verifytest.Mutant{
		verifytest.Bug("errors keep flows alive", icmpFile, "\t\treturn nf.NoMapping\n\t}\n\treturn nf.NoReason\n",
			"\t\treturn nf.NoMapping\n\t}\n\tif i, known := f.flows.Lookup(flow); known {\n\t\tf.flows.Refresh(i, p.Time())\n\t}\n\treturn nf.NoReason\n", table),
	}},
	{"closed_not_refreshed", []verifytest.Mutant{
		verifytest.Bug("closed connections kept alive", tcpFile, "\t\treturn nf.NoReason // and the end comes no later for it\n",
			"\t\tf.flows.Refresh(i, p.Time())\n\t\treturn nf.NoReason\n", table),
	}},
	{"hop_taken", []verifytest.Mutant{
		verifytest.Bug("last hop forwarded", wallFile, "ip.TTL() <= 1", "ip.TTL() < 1", content),
		verifytest.Bug("no hop taken", wallFile, "\t\tip.DecrementTTL()\n", "", content),
	}},
	{"no_return", []verifytest.Mutant{
		verifytest.Bug("sent back", wallFile, "\t\treturn f.cfg.Outside\n", "\t\treturn f.cfg.Inside\n", action),
	}},
	{"transparent_changes_nothing", []verifytest.Mutant{
		verifytest.Bug("hops taken by a transparent firewall", wallFile, "\tif f.cfg.Routed {\n\t\tip.DecrementTTL()", "\tif ip.TTL() > 1 {\n\t\tip.DecrementTTL()", content),
	}},
}

// fewGroups is of how many properties the first bug is planted where not all are asked for.
const fewGroups = 3

// TestMutants plants one bug at a time: a few of the published firewall's or, if all are asked for, all.
func TestMutants(t *testing.T) {
	for i, group := range mutants {
		t.Run(group.property, func(t *testing.T) {
			bugs := group.bugs
			if flag.Lookup("mutants.all").Value.String() != "true" { // of verifytest
				if i >= fewGroups {
					t.Skip("planted with -mutants.all")
				}
				bugs = bugs[:1]
			}
			t.Parallel()
			network := verifytest.NF{Root: "../..", Package: "./nfs/firewall", Spec: "nfs/firewall/properties/" + group.property + ".py"}
			network.Refused(t, bugs)
		})
	}
}
