package policer_test

import (
	"testing"

	"vigor/verify/verifytest"
)

const (
	policerFile = "nfs/policer/policer.go"
	configFile  = "nfs/policer/config.go"
)

// What the edits break: what is kept in the table, a precondition of libvig, or a claim.
var (
	precondition = []string{"VIG4002"}
	action       = []string{"VIG3002"}
	table        = []string{"VIG3004"}
	content      = []string{"VIG3003", "VIG3005"}
	claim        = []string{"VIG3001"}
)

// mutants are by the property that refuses them: one that says little is judged sooner than the full spec.
var mutants = map[string][]verifytest.Mutant{
	"new_bucket_full": {
		// Mistakes of the published policer (P7, P5, P8).
		verifytest.Bug("exact fit dropped", policerFile, "b.Committed+cost <= ", "b.Committed+cost < ", action),
		verifytest.Bug("link bytes counted", policerFile, "int64(ip.TotalLength()) * second", "int64(ip.TotalLength()+14) * second", action),
		verifytest.Bug("new bucket empty", policerFile, "p.buckets.Insert(key, Bucket{Time: now}, now)",
			"p.buckets.Insert(key, Bucket{Committed: most, Time: now}, now)", action),
		verifytest.Bug("capacity zero", configFile, "c.Capacity < 1", "c.Capacity < 0", precondition),
	},
	"new_bucket_red": {
		verifytest.Bug("red passes", policerFile, "return nf.Drop(nf.RateExceeded) // red", "return nf.Forward(p.cfg.Inside)", action),
		verifytest.Bug("burst of one byte more", policerFile, "b.Committed+cost <= ", "b.Committed+cost-second <= ", action),
	},
	"full_explicit": {
		verifytest.Bug("full table passes all", policerFile, "if p.cfg.PassWhenFull {", "if true {", action), // P8
		verifytest.Bug("evicted when full", policerFile, "\tkey := p.key(ip)\n",
			"\tkey := p.key(ip)\n\tif p.buckets.Full() {\n\t\tp.buckets.Erase(0)\n\t}\n", append(action, table...)),
	},
	"others_untouched": {
		verifytest.Bug("timer of 32 bits", policerFile, "pkt.Time() - p.cfg.IdleTimeout", // C12
			"pkt.Time() - nf.Time(uint32(p.cfg.IdleTimeout))", table),
		verifytest.Bug("nothing forgotten", policerFile, "\tp.buckets.ExpireBefore(pkt.Time() - p.cfg.IdleTimeout)\n", "", table),
		verifytest.Bug("forgotten a nanosecond early", policerFile, "pkt.Time() - p.cfg.IdleTimeout", "pkt.Time() - p.cfg.IdleTimeout + 1", table),
	},
	"never_early": {
		verifytest.Bug("forgotten before it is full", configFile, "low < (c.Burst+c.Excess)*uint64(second)", "low < c.Burst*uint64(second)", claim),
		verifytest.Bug("nanosecond too short", configFile, "low < (c.Burst+c.Excess)*uint64(second)", "low+1 < (c.Burst+c.Excess)*uint64(second)", claim),
	},
	"inside_free": {
		verifytest.Bug("sent back", policerFile, "return nf.Forward(p.cfg.Outside)", "return nf.Forward(p.cfg.Inside)", action),
	},
	"never_changed": {
		verifytest.Bug("frame changed", policerFile, "\tip, ok := packet.ParseIPv4", "\teth.SetSource(eth.Destination())\n\tip, ok := packet.ParseIPv4", content),
	},
	"malformed_dropped": {
		verifytest.Bug("malformed datagrams pass", policerFile, "\tif !ok {\n\t\treturn nf.Drop(nf.Malformed)\n\t}\n\treturn p.police",
			"\tif !ok {\n\t\treturn nf.Forward(p.cfg.Inside)\n\t}\n\treturn p.police", action),
	},
}

// TestMutants plants one bug at a time.
func TestMutants(t *testing.T) {
	for property, list := range mutants {
		t.Run(property, func(t *testing.T) {
			network := verifytest.NF{Root: "../..", Package: "./nfs/policer", Spec: "nfs/policer/properties/" + property + ".py"}
			network.Refused(t, list)
		})
	}
}
