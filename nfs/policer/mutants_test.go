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
		verifytest.Bug("classes counted from the end", policerFile, "p.cfg.Limits[int(class)-1]", "p.cfg.Limits[len(p.cfg.Limits)-int(class)]", action), // P6
		verifytest.Bug("capacity zero", configFile, "c.Capacity < 1", "c.Capacity < 0", precondition),
	},
	"new_bucket_red": {
		verifytest.Bug("red passes", policerFile, "return treat(ip, p.cfg.Red, to)", "return nf.Forward(to)", action),
		verifytest.Bug("burst of one byte more", policerFile, "b.Committed+cost <= ", "b.Committed+cost-second <= ", action),
	},
	"red_stays_red": {
		verifytest.Bug("red becomes yellow", policerFile, "if !isRed && b.Excess", "if b.Excess", action), // P2
	},
	"full_explicit": {
		verifytest.Bug("full table passes all", policerFile, "pass(p.cfg.PassWhenFull, to", "pass(true, to", action), // P8
		verifytest.Bug("evicted when full", policerFile, "\ti, known := p.buckets.Lookup(key)\n",
			"\tif p.buckets.Full() {\n\t\tp.buckets.Erase(0)\n\t}\n\ti, known := p.buckets.Lookup(key)\n", append(action, table...)),
	},
	"unlisted_explicit": {
		verifytest.Bug("unlisted addresses pass", policerFile, "pass(p.cfg.PassUnlisted, to", "pass(true, to", action), // P6
		verifytest.Bug("other end of the packet", policerFile, "p.cfg.ByOutside == (from == p.cfg.Inside)", "p.cfg.ByOutside != (from == p.cfg.Inside)", action),
	},
	"unpoliced_free": {
		verifytest.Bug("timer of 32 bits", policerFile, "pkt.Time() - nf.Second<<p.cfg.IdleLog2", // C12
			"pkt.Time() - nf.Time(uint32(nf.Second<<p.cfg.IdleLog2))", table),
		verifytest.Bug("nothing forgotten", policerFile, "\tp.buckets.ExpireBefore(pkt.Time() - nf.Second<<p.cfg.IdleLog2)\n", "", table),
		verifytest.Bug("forgotten a nanosecond early", policerFile, "pkt.Time() - nf.Second<<p.cfg.IdleLog2", "pkt.Time() - nf.Second<<p.cfg.IdleLog2 + 1", table),
		verifytest.Bug("the other direction policed", policerFile, "policed = p.cfg.Outward", "policed = p.cfg.Inward", action),
	},
	"never_early": {
		verifytest.Bug("forgotten before it is full", configFile, "l.Rate<<idleLog2 < l.Burst+l.Excess {", "l.Rate<<idleLog2 < l.Burst {", claim),
		verifytest.Bug("a byte too early", configFile, "l.Rate<<idleLog2 < l.Burst+l.Excess {", "l.Rate<<idleLog2+1 < l.Burst+l.Excess {", claim),
	},
	"never_returned": {
		verifytest.Bug("sent back", policerFile, "return p.cfg.Outside\n", "return p.cfg.Inside\n", claim),
	},
	"never_changed": {
		verifytest.Bug("marked unasked", policerFile, "if t.Mark {", "if !t.Drop {", content), // P4
	},
	"only_marks": {
		verifytest.Bug("another code point", policerFile, "ip.SetDSCP(t.DSCP)", "ip.SetDSCP(t.DSCP ^ 1)", claim),
	},
	"malformed_dropped": {
		verifytest.Bug("malformed datagrams pass", policerFile, "\tif !ok {\n\t\treturn nf.Drop(nf.Malformed)\n\t}\n\taddress",
			"\tif !ok {\n\t\treturn nf.Forward(to)\n\t}\n\taddress", action),
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
