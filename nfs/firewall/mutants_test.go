package firewall_test

import (
	"flag"
	"testing"

	"vigor/verify/verifytest"
)

const (
	wallFile  = "nfs/firewall/firewall.go"
	sightFile = "nfs/firewall/sight.go"
	stateFile = "nfs/firewall/state.go"
	ipFile    = "packet/ipv4.go"
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
		verifytest.Bug("any segment opens", stateFile, "e == query || e == syn }", "e == query || e == syn || e == ack }", action),
		verifytest.Bug("an answer opens", stateFile, "\t\t\treturn synACK, true\n", "\t\t\treturn syn, true\n", action),
	}},
	{"reset_closes", []verifytest.Mutant{
		verifytest.Bug("the state is set in a copy", wallFile, "\tf.flows.Set(i, Conn{step.next, conn.Opener})\n", "\tconn.State = step.next\n", table),
		verifytest.Bug("RST closes nothing", stateFile, "step{advance, Closed}", "step{advance, s}", table),
	}},
	{"never_evicts", []verifytest.Mutant{
		verifytest.Bug("full table passes all", wallFile, "if f.cfg.WhenFull != Allow {", "if f.cfg.WhenFull > Allow {", action),
		verifytest.Bug("a flow evicted", wallFile, "\tif f.cfg.WhenFull != Allow {\n",
			"\tif f.cfg.WhenFull != Allow {\n\t\tf.flows.Erase(0)\n", table),
	}},
	{"outbound_opens", []verifytest.Mutant{
		verifytest.Bug("opener lost", wallFile, "Conn{first, p.Device()}", "Conn{first, 0}", table),
		verifytest.Bug("outbound asks the rules for inbound", wallFile, "f.outbound, f.outboundHits, f.cfg.OutboundDefault",
			"f.inbound, f.inboundHits, f.cfg.InboundDefault", append(table, action...)),
	}},
	{"replies_forwarded", []verifytest.Mutant{
		verifytest.Bug("timer of 32 bits", wallFile, "now-f.cfg.ExchangeTimer", "now-nf.Time(uint32(f.cfg.ExchangeTimer))", table),
		verifytest.Bug("sides not exchanged", sightFile, "\treturn dst, src, dstPort, srcPort\n", "\treturn src, dst, srcPort, dstPort\n", table),
	}},
	{"outbound_forwarded", []verifytest.Mutant{
		verifytest.Bug("a flow is not refreshed", wallFile, "\tf.flows.Refresh(i, p.Time(), step.next.timer())\n", "", table),
	}},
	{"unsolicited_blocked", []verifytest.Mutant{
		verifytest.Bug("last rule ignored", wallFile, "if i < rules.Len() {", "if i+1 < rules.Len() {", action),
		verifytest.Bug("default of the other direction", wallFile, "f.inboundHits, f.cfg.InboundDefault", "f.inboundHits, f.cfg.OutboundDefault", action),
	}},
	{"errors_about_flows", []verifytest.Mutant{
		verifytest.Bug("errors pass unseen", wallFile, "f.flows.Lookup(flow); !known", "f.flows.Lookup(flow); !known && flow.Inside == 0", action),
		verifytest.Bug("error for anybody", wallFile, "if ip.Destination() != q.Source() {", "if ip.Destination() == 0 && q.Source() != 0 {", action),
	}},
	{"errors_change_nothing", []verifytest.Mutant{
		verifytest.Bug("errors end flows", wallFile, "if _, known := f.flows.Lookup(flow); !known {\n\t\treturn nf.NoMapping\n\t}\n",
			"i, known := f.flows.Lookup(flow)\n\tif !known {\n\t\treturn nf.NoMapping\n\t}\n\tf.flows.Erase(i)\n", table),
	}},
	{"closed_not_refreshed", []verifytest.Mutant{
		verifytest.Bug("closed connections kept alive", wallFile, "\tcase pass:\n\t\treturn nf.NoReason\n", "\tcase pass:\n", table),
	}},
	{"established_kept", []verifytest.Mutant{
		verifytest.Bug("established connections on the timer of opening", stateFile, "\t\treturn established\n", "\t\treturn opening\n", table),
		verifytest.Bug("never established", stateFile, "step{advance, Established}", "step{advance, s}", table),
		verifytest.Bug("timer of opening for all", wallFile, "f.flows.ExpireBefore(established, now-f.cfg.EstablishedTimer)",
			"f.flows.ExpireBefore(established, now-f.cfg.OpeningTimer)", append(table, action...)),
	}},
	{"silent_forgotten", []verifytest.Mutant{
		verifytest.Bug("opening for ever", wallFile, "\tf.flows.ExpireBefore(opening, now-f.cfg.OpeningTimer)\n", "", action),
	}},
	{"fin_closes", []verifytest.Mutant{
		verifytest.Bug("half closed as long as open", stateFile, "\tcase Established:\n", "\tcase Established, AnswererDone:\n", table),
		verifytest.Bug("one FIN is enough", stateFile, "\treturn AnswererDone\n", "\treturn Closed\n", table),
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
