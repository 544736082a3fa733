package bridge_test

import (
	"testing"

	"vigor/verify/verifytest"
)

const (
	bridgeFile   = "nfs/bridge/bridge.go"
	configFile   = "nfs/bridge/config.go"
	addressFile  = "packet/address.go"
	ethernetFile = "packet/ethernet.go"
)

// What the edits break: the code, what is kept in the table, a precondition of libvig, or the spec's
// claim.
var (
	safety       = []string{"VIG2001", "VIG2002"}
	precondition = []string{"VIG4002"}
	device       = []string{"VIG2007"}
	kept         = []string{"VIG4003"}
	action       = []string{"VIG3002"}
	content      = []string{"VIG3003", "VIG3005"}
	table        = []string{"VIG3004", "VIG3002"}
)

var mutants = []verifytest.Mutant{
	// Mistakes of the published bridge (B1, B2, B4, B6).
	verifytest.Bug("a station that moves is not followed", bridgeFile, "\tb.stations.Set(i, Station{p.Device()})\n", "", table),
	verifytest.Bug("group sources learned", bridgeFile, "from.IsGroup() || from.IsZero()", "from.IsZero()", table),
	verifytest.Bug("timer of 32 bits", bridgeFile, "p.Time() - b.cfg.AgeingTime", "p.Time() - nf.Time(uint32(b.cfg.AgeingTime))", table),
	verifytest.Bug("flooded to one device", bridgeFile, "\ti, ok := b.stations.Lookup(to)\n\tif !ok {\n\t\treturn nf.Flood()",
		"\ti, ok := b.stations.Lookup(to)\n\tif !ok {\n\t\treturn nf.Forward(1 - p.Device()&1)", action),

	// Static entries.
	verifytest.Bug("static address learned", bridgeFile, "\tif _, static := b.static.Lookup(from); static {\n\t\treturn\n\t}\n", "", table),
	verifytest.Bug("static address moved", bridgeFile, "\tif _, static := b.static.Lookup(from); static {\n\t\treturn\n\t}\n\ti, ok := b.stations.Lookup(from)\n",
		"\ti, ok := b.stations.Lookup(from)\n\tif _, static := b.static.Lookup(from); static && !ok {\n\t\treturn\n\t}\n", table),
	verifytest.Bug("addresses of filters learned", bridgeFile, "if _, static := b.static.Lookup(from); static {",
		"if i, static := b.static.Lookup(from); static && b.static.At(i) != 0 {", table),
	verifytest.Bug("static only for the destination", bridgeFile, "if _, static := b.static.Lookup(from); static {",
		"if _, static := b.static.Lookup(from); static && from[0] == 0x02 {", table),
	verifytest.Bug("what was learned before what is static", bridgeFile, "\tif i, ok := b.static.Lookup(to); ok { // B9",
		"\t_, learned := b.stations.Lookup(to)\n\tif i, ok := b.static.Lookup(to); ok && !learned {", action),
	verifytest.Bug("static entries of groups ignored", bridgeFile, "if i, ok := b.static.Lookup(to); ok { // B9",
		"if i, ok := b.static.Lookup(to); ok && !to.IsGroup() {", action),
	verifytest.Bug("static entries of groups only", bridgeFile, "if i, ok := b.static.Lookup(to); ok { // B9",
		"if i, ok := b.static.Lookup(to); ok && to.IsGroup() {", action),
	verifytest.Bug("static entry of the sender", bridgeFile, "if i, ok := b.static.Lookup(to); ok { // B9",
		"if i, ok := b.static.Lookup(eth.Source()); ok {", action),
	verifytest.Bug("the entry before", bridgeFile, "return relay(b.static.At(i), p.Device())", "return relay(b.static.At(max(i-1, 0)), p.Device())", action),
	verifytest.Bug("the entry after", bridgeFile, "return relay(b.static.At(i), p.Device())", "return relay(b.static.At(i+1), p.Device())", precondition),
	verifytest.Bug("filter flooded", bridgeFile, "return nf.Drop(nf.StaticEntry)", "return nf.Flood()", action),
	verifytest.Bug("filter as if there were no entry", bridgeFile, "if i, ok := b.static.Lookup(to); ok { // B9",
		"if i, ok := b.static.Lookup(to); ok && b.static.At(i) != 0 {", action),
	verifytest.Bug("static entry to one device", bridgeFile, "return nf.ForwardAll(others)", "return nf.ForwardAll(others & -others)", action),
	verifytest.Bug("devices of entries not checked", bridgeFile, "func(e Static) error { return existing(e, env) }", "relayed", device),
	verifytest.Bug("one device too many in an entry", configFile, "e.Value>>env.Devices != 0", "e.Value>>env.Devices>>1 != 0", device),
	verifytest.Bug("entries aged", bridgeFile, "return relay(b.static.At(i), p.Device())",
		"if p.Time() > 1000*b.cfg.AgeingTime {\n\t\t\treturn nf.Flood()\n\t\t}\n\t\treturn relay(b.static.At(i), p.Device())", action),

	// Learning and ageing.
	verifytest.Bug("zero source learned", bridgeFile, "from.IsGroup() || from.IsZero()", "from.IsGroup()", table),
	verifytest.Bug("nothing learned", bridgeFile, "\tb.learn(eth.Source(), p)\n", "", table),
	verifytest.Bug("destination learned", bridgeFile, "b.learn(eth.Source(), p)", "b.learn(eth.Destination(), p)", table),
	verifytest.Bug("known station not refreshed", bridgeFile, "\tb.stations.Refresh(i, p.Time())\n", "", table),
	verifytest.Bug("no ageing", bridgeFile, "\tb.stations.ExpireBefore(p.Time() - b.cfg.AgeingTime)\n", "", table),
	verifytest.Bug("aged one nanosecond early", bridgeFile, "p.Time() - b.cfg.AgeingTime", "p.Time() - b.cfg.AgeingTime + 1", table),
	verifytest.Bug("learned on another device", bridgeFile, "b.stations.Insert(from, Station{p.Device()}",
		"b.stations.Insert(from, Station{p.Device() &^ 1}", table),
	verifytest.Bug("device that does not exist", bridgeFile, "b.stations.Insert(from, Station{p.Device()}",
		"b.stations.Insert(from, Station{p.Device() + 1}", append(kept, table...)),
	verifytest.Bug("evicted when full", bridgeFile, "\tif !ok {\n\t\tb.stations.Insert",
		"\tif !ok {\n\t\tif b.stations.Full() {\n\t\t\tb.stations.Erase(0)\n\t\t}\n\t\tb.stations.Insert", table),
	verifytest.Bug("dropped when full", bridgeFile, "\tb.learn(eth.Source(), p)\n",
		"\tb.learn(eth.Source(), p)\n\tif b.stations.Full() {\n\t\treturn nf.Drop(nf.TableFull)\n\t}\n", action),
	verifytest.Bug("insert though present", bridgeFile, "\tif !ok {\n\t\tb.stations.Insert", "\tif !ok || from[5] == 9 {\n\t\tb.stations.Insert",
		precondition),
	verifytest.Bug("learned before the header is checked", ethernetFile, "len(frame) < EthernetHeaderLen", "len(frame) < 6", safety),

	// Filtering and relay.
	verifytest.Bug("reserved addresses relayed", bridgeFile, "if reserved(to) {", "if reserved(to) && !to.IsGroup() {", action),
	verifytest.Bug("one reserved address too many", bridgeFile, "a[5] < 0x10", "a[5] <= 0x10", action),
	verifytest.Bug("one reserved address too few", bridgeFile, "a[5] < 0x10", "a[5] < 0x0F", action),
	verifytest.Bug("own segment not filtered", bridgeFile, "if station.Device == p.Device() {", "if station.Device == p.Device()+1 {", action),
	verifytest.Bug("groups looked up", bridgeFile, "if to.IsGroup() {", "if to.IsBroadcast() {", action),
	verifytest.Bug("looked up by source", bridgeFile, "b.stations.Lookup(to)", "b.stations.Lookup(eth.Source())", action),
	verifytest.Bug("short frames flooded", bridgeFile, "return nf.Drop(nf.Malformed)", "return nf.Flood()", action),
	verifytest.Bug("frame changed", bridgeFile, "\treturn nf.Forward(station.Device)", "\teth.SetSource(to)\n\treturn nf.Forward(station.Device)", content),
	verifytest.Bug("address read one byte late", ethernetFile, "MAC(b[i : i+6])",
		"MAC(b[i+1 : i+7])", table),
	verifytest.Bug("group bit in the wrong byte", addressFile, "return a[0]&1 != 0", "return a[5]&1 != 0", table),
	verifytest.Bug("capacity zero", configFile, "c.Capacity < 1", "c.Capacity < 0", precondition),
}

// equivalents are other ways to write the same bridge.
var equivalents = []verifytest.Mutant{
	verifytest.Rewrite("no entry is for a reserved address", bridgeFile, "if reserved(to) {", "if _, ok := b.static.Lookup(to); reserved(to) && !ok {"),
	verifytest.Rewrite("the ingress left to ForwardAll", bridgeFile, "return nf.ForwardAll(others)", "return nf.ForwardAll(devices)"),
	verifytest.Rewrite("reserved as a number", bridgeFile, "a[3] == 0 && a[4] == 0 && a[5] < 0x10", "a[3]|a[4] == 0 && a[5]>>4 == 0"),
	verifytest.Rewrite("refreshed before it is set", bridgeFile,
		"\tb.stations.Set(i, Station{p.Device()})\n\tb.stations.Refresh(i, p.Time())\n",
		"\tb.stations.Refresh(i, p.Time())\n\tb.stations.Set(i, Station{p.Device()})\n"),
	verifytest.Rewrite("set only if it moved", bridgeFile, "\tb.stations.Set(i, Station{p.Device()})\n",
		"\tif b.stations.At(i).Device != p.Device() {\n\t\tb.stations.Set(i, Station{p.Device()})\n\t}\n"),
}

var network = verifytest.NF{Root: "../..", Package: "./nfs/bridge", Spec: "nfs/bridge/spec.py"}

// TestMutants plants one bug at a time.
func TestMutants(t *testing.T) { network.Refused(t, mutants) }

// TestEquivalents rewrites the bridge without changing what it does.
func TestEquivalents(t *testing.T) { network.Proved(t, equivalents) }
