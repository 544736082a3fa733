package loadbalancer_test

import (
	"flag"
	"testing"

	"vigor/verify/verifytest"
)

const (
	balancerFile = "nfs/loadbalancer/loadbalancer.go"
	configFile   = "nfs/loadbalancer/config.go"
)

// What the edits break: the code, a precondition of libvig, what is kept in a structure, or the spec's claim.
var (
	safety       = []string{"VIG2001", "VIG2002"}
	precondition = []string{"VIG4002"}
	kept         = []string{"VIG4003", "VIG2007"}
	assertion    = []string{"VIG3001"}
	content      = []string{"VIG3003", "VIG3005"}
	unreached    = []string{"VIG3201"}
	state        = []string{"VIG3004", "VIG3002"}
)

// mutants are planted bugs, by the property that refuses each. The first of each group are, where there are such,
// mistakes of the published balancer (M5, M8, M9, M11, M14, and timers).
var mutants = []struct {
	property string
	bugs     []verifytest.Mutant
}{
	{"only_heartbeats_mark", []verifytest.Mutant{
		verifytest.Bug("any UDP from inside registers a backend", balancerFile,
			"ip.Protocol() == packet.UDP && ip.Destination() == b.cfg.HeartbeatTo &&\n\t\tl4.DestinationPort() == b.cfg.HeartbeatPort",
			"ip.Protocol() == packet.UDP", state),
		verifytest.Bug("strangers mark backend 0", balancerFile, "\tif !ok {\n\t\treturn nf.Drop(nf.NotABackend)\n\t}\n\tb.spread", "\t_ = ok\n\tb.spread", state),
	}},
	{"heartbeats_mark_alive", []verifytest.Mutant{
		verifytest.Bug("a backend that moves is not followed", balancerFile,
			"\tb.stations.Set(i, Station{MAC: eth.Source(), Device: p.Device()})\n",
			"\tif b.stations.Get(i).MAC.IsZero() {\n\t\tb.stations.Set(i, Station{MAC: eth.Source(), Device: p.Device()})\n\t}\n", state),
		verifytest.Bug("a device that does not exist", balancerFile, "Device: p.Device()})", "Device: p.Device() + 1})", append(kept, state...)),
		verifytest.Bug("the next backend is marked", balancerFile, "b.spread.Beat(i, p.Time())", "b.spread.Beat(i+1, p.Time())", precondition),
	}},
	{"strangers_mark_nothing", []verifytest.Mutant{
		verifytest.Bug("heartbeats from any network", balancerFile, "b.cfg.Networks[d].has(a)", "b.cfg.Networks[d].Backends", state),
		verifytest.Bug("heartbeats by any device", configFile, "n.Backends && n.Prefix.Contains(a)", "n.Prefix.Contains(a)", state),
		verifytest.Bug("devices that are not described", balancerFile, "int(d) < len(b.cfg.Networks)", "int(d) <= len(b.cfg.Networks)", safety),
	}},
	{"dead_backends_replaced", []verifytest.Mutant{
		verifytest.Bug("a dead backend's flows stay with whoever has its place", balancerFile,
			"if ok && b.spread.Alive(i, since) {", "if ok {", append(assertion, state...)),
		verifytest.Bug("a new choice is not remembered", balancerFile, "\t\tb.flows.Set(f, choice)\n", "", state),
	}},
	{"known_flows_stay", []verifytest.Mutant{
		verifytest.Bug("a backend dies after 32 bits of nanoseconds", balancerFile, "since := now - b.cfg.BackendTimeout",
			"since := now - nf.Time(uint32(b.cfg.BackendTimeout))", append(assertion, state...)),
		verifytest.Bug("every packet is balanced anew", balancerFile, "if ok && b.spread.Alive(i, since) {", "if ok && since < 0 {", assertion),
		verifytest.Bug("alive for one nanosecond less", balancerFile, "b.spread.Alive(i, since)", "b.spread.Alive(i, since+1)", append(assertion, state...)),
		verifytest.Bug("a flow is not refreshed", balancerFile, "\t\t\tb.flows.Refresh(f, now)\n\t\t\treturn i, true\n", "\t\t\treturn i, true\n", state),
		verifytest.Bug("sent to the chosen backend's device by another address", balancerFile, "eth.SetDestination(station.MAC)",
			"eth.SetDestination(eth.Source())", assertion),
	}},
	{"new_flows_by_hash", []verifytest.Mutant{
		verifytest.Bug("no backend is needed", configFile, "if len(c.Backends) == 0 {", "if c.Slots == 0 {", precondition),
		verifytest.Bug("chosen a second after its death", balancerFile, "b.spread.Choose(flow, since)",
			"b.spread.Choose(flow, since-nf.Second)", append(assertion, state...)),
		verifytest.Bug("clients where no device is", balancerFile, "int(cfg.Clients) >= env.Devices", "int(cfg.Clients) > env.Devices", []string{"VIG2007"}),
	}},
	{"full_still_balances", []verifytest.Mutant{
		verifytest.Bug("dropped when full", balancerFile, "\t\tb.flows.Insert(flow, choice, now)\n",
			"\t\tif _, ok := b.flows.Insert(flow, choice, now); !ok {\n\t\t\treturn 0, false\n\t\t}\n", assertion),
		verifytest.Bug("a flow evicted", balancerFile, "\t} else {\n\t\tb.flows.Insert",
			"\t} else {\n\t\tif b.flows.Full() {\n\t\t\tb.flows.Erase(0)\n\t\t}\n\t\tb.flows.Insert", state),
	}},
	{"only_the_service", []verifytest.Mutant{
		verifytest.Bug("no virtual address", balancerFile, "return ip.Destination() == b.cfg.VIP && ", "return ", assertion),
	}},
	{"replies_arrive", []verifytest.Mutant{
		verifytest.Bug("replies from the backend's address", balancerFile,
			"\tpacket.SetSource(ip, l4, b.cfg.VIP, l4.SourcePort())\n", "", content),
	}},
	{"replies_from_the_service", []verifytest.Mutant{
		verifytest.Bug("replies of strangers", balancerFile, "\tif _, ok := b.places.Lookup(ip.Source()); !ok {\n",
			"\tif _, ok := b.places.Lookup(ip.Source()); !ok && ip.Source() == 0 {\n", assertion),
	}},
	{"fragments_dropped", []verifytest.Mutant{
		verifytest.Bug("ports read in later fragments", "packet/ipv4.go", "ipFragmentOffset = 0x1FFF", "ipFragmentOffset = 0x1FFE", append(assertion, unreached...)),
		verifytest.Bug("first fragments balanced", balancerFile, "if ip.IsFragment() {", "if ip.FragmentOffset() != 0 {", assertion),
	}},
	{"only_clients_add_flows", []verifytest.Mutant{
		verifytest.Bug("timer of 32 bits", balancerFile, "p.Time() - b.cfg.FlowTimeout", "p.Time() - nf.Time(uint32(b.cfg.FlowTimeout))", state),
	}},
	{"direct_changes_addresses_only", []verifytest.Mutant{
		verifytest.Bug("the client's frame for another station", balancerFile, "} else if eth.Destination() != b.cfg.OwnMAC {",
			"} else if eth.Destination().IsGroup() {", assertion),
	}},
}

// equivalents are other ways to write the same balancer.
var equivalents = []verifytest.Mutant{
	verifytest.Rewrite("refreshed before it is set", balancerFile,
		"\t\tb.flows.Set(f, choice)\n\t\tb.flows.Refresh(f, now)\n", "\t\tb.flows.Refresh(f, now)\n\t\tb.flows.Set(f, choice)\n"),
}

var network = verifytest.NF{Root: "../..", Package: "./nfs/loadbalancer", Spec: "nfs/loadbalancer/spec.py"}

// TestMutants plants one bug at a time, the first for each property or, if all are asked for, all.
func TestMutants(t *testing.T) {
	for _, group := range mutants {
		t.Run(group.property, func(t *testing.T) {
			t.Parallel()
			one := network
			one.Spec = "nfs/loadbalancer/properties/" + group.property + ".py"
			bugs := group.bugs
			if flag.Lookup("mutants.all").Value.String() != "true" { // of verifytest
				bugs = bugs[:1]
			}
			one.Refused(t, bugs)
		})
	}
}

// TestEquivalents rewrites the balancer without changing what it does.
func TestEquivalents(t *testing.T) { network.Proved(t, equivalents) }
