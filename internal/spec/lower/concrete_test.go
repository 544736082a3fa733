package lower

import (
	"bytes"
	"encoding/binary"
	"slices"
	"strings"
	"testing"

	"vigor/internal/smt"
	"vigor/internal/spec/resolve"
	"vigor/internal/spec/syntax"
)

func word(width int) *resolve.Type { return &resolve.Type{Kind: resolve.Int, Width: width} }

var long = &resolve.Type{Kind: resolve.Int, Width: 64, Signed: true}

func schema() *resolve.Schema {
	ip := &resolve.Type{Kind: resolve.IP4}
	flow := &resolve.RecordOf{Name: "Flow", Fields: []resolve.Field{{Name: "src", Type: ip}, {Name: "src_port", Type: word(16)},
		{Name: "dst", Type: ip}, {Name: "dst_port", Type: word(16)}, {Name: "protocol", Type: word(8)}, {Name: "device", Type: word(16)}}}
	bucket := &resolve.RecordOf{Name: "Bucket", Fields: []resolve.Field{{Name: "level", Type: long}, {Name: "time", Type: long}}}
	record := func(r *resolve.RecordOf) *resolve.Type { return &resolve.Type{Kind: resolve.Record, Record: r} }
	entry := &resolve.RecordOf{Name: "Entry", Fields: []resolve.Field{
		{Name: "filtered", Type: &resolve.Type{Kind: resolve.Bool}}, {Name: "device", Type: word(16)}}}
	mac := &resolve.Type{Kind: resolve.MAC}
	return &resolve.Schema{
		Objects: []*resolve.Object{
			{Name: "flows", Kind: resolve.Table, Key: record(flow)},
			{Name: "buckets", Kind: resolve.Table, Key: ip, Value: record(bucket)},
			{Name: "mac_table", Kind: resolve.Table, Key: mac, Value: word(16)},
			{Name: "static_table", Kind: resolve.Table, Key: mac, Value: record(entry)},
			{Name: "names", Kind: resolve.Vector, Value: word(16)},
			{Name: "counter", Kind: resolve.Cell, Value: word(8)},
		},
		Records: []*resolve.RecordOf{flow, bucket, entry},
		Config: []resolve.Field{{Name: "external_ip", Type: ip}, {Name: "flow_timeout", Type: long}, {Name: "start_port", Type: word(16)},
			{Name: "wan", Type: word(16)}, {Name: "lan", Type: word(16)}, {Name: "ageing_time", Type: long}, {Name: "burst", Type: long},
			{Name: "rate", Type: long}, {Name: "idle_timeout", Type: long}},
	}
}

// wrapped makes a property of a text that is only its body.
func wrapped(text string) string {
	if strings.Contains(text, "def ") {
		return text
	}
	return "from config import external_ip, flow_timeout, start_port, wan, lan\n" +
		"from state import flows, buckets, mac_table, names, counter, Flow, Bucket\n" +
		"def p(pkt, device, now):\n    \"\"\"P.\"\"\"\n    " + strings.ReplaceAll(strings.TrimSpace(text), "\n", "\n    ") + "\n"
}

// compile resolves a spec, given whole or as the body of a property.
func compile(t *testing.T, text string) *resolve.Spec {
	t.Helper()
	text = wrapped(text)
	tree, problems := syntax.Parse("spec.py", []byte(text))
	var specs []*resolve.Spec
	if len(problems) == 0 {
		specs, problems = resolve.Resolve(tree, schema())
	}
	for _, d := range problems {
		t.Fatalf("%v: %v %s", d.Span, d.Code, d.Message)
	}
	return specs[0]
}

// world is a concrete world; the NF sent nothing.
func world(b *smt.Builder, data []byte, device uint64, now uint64) *World {
	table := func() *fake { return (&fake{b: b, cap: 2}).start(nil) }
	one := func(v uint64, w int) []*smt.Term { return []*smt.Term{b.Word(v, w)} }
	vector := &fake{b: b, elems: [][]*smt.Term{one(7, 16), one(8, 16)}}
	cell := &fake{b: b, elems: [][]*smt.Term{one(250, 8)}}
	return &World{
		Packet: constants(b, data), Device: b.Word(device, 16), Now: b.Word(now, 64), DeviceCount: b.Word(4, 64),
		Config: map[string][]*smt.Term{"external_ip": one(0xCB007101, 32), "flow_timeout": one(100, 64), "start_port": one(1024, 16),
			"wan": one(1, 16), "lan": one(0, 16), "ageing_time": one(100, 64), "burst": one(100, 64), "rate": one(10, 64),
			"idle_timeout": one(1000, 64)},
		Objects: map[string]Object{"flows": table(), "buckets": table(), "mac_table": table(), "static_table": table(),
			"names": vector.start(nil), "counter": cell.start(nil)},
	}
}

// execute runs a spec and gives the claims that failed.
func execute(t *testing.T, s *resolve.Spec, b *smt.Builder, w *World) (*Result, []string) {
	t.Helper()
	p := NewConcrete(b)
	r, stopped := p.Run(s, w)
	if p.Unknown != nil {
		t.Fatalf("not concrete: %v", p.Unknown)
	}
	if stopped != nil {
		return &Result{}, []string{stopped.Code.String() + " " + stopped.Say(p.Value) + "; " + stopped.Hint}
	}
	var failed []string
	for _, c := range r.Outcome.Checks {
		if !c.Holds.IsTrue() && !c.Holds.IsFalse() {
			t.Fatalf("not concrete: %v", c.Holds)
		}
		if !c.Holds.IsTrue() {
			failed = append(failed, c.Claim.Code.String()+" "+c.Claim.Say(p.Value))
		}
	}
	return r, failed
}

var inside = ports{protocol: 17, src: 0x0A000007, dst: 0x08080808, srcPort: 5000, dstPort: 53, ttl: 64}

func natSpec(t *testing.T) *resolve.Spec { return compile(t, read(t, "nat.py")) }

// TestNATOutbound: the first packet of a flow gets the NF's index and the outside address; the
// checksum rules accept right checksums and incremental ones, and nothing else.
func TestNATOutbound(t *testing.T) {
	spec := natSpec(t)
	for _, c := range []struct {
		name   string
		in     ports
		change func(in, sent []byte)
		failed string
	}{
		{"right", inside, func(_, sent []byte) { repair(sent, false) }, ""},
		{"TCP", with(inside, func(p *ports) { p.protocol = 6 }), func(_, sent []byte) { repair(sent, false) }, ""},
		{"IP options", with(inside, func(p *ports) { p.options = 8 }), func(_, sent []byte) { repair(sent, false) }, ""},
		{"UDP without checksum", with(inside, func(p *ports) { p.noChecksum = true }), func(_, sent []byte) { repair(sent, true) }, ""},
		{"checksums not updated", inside, func(_, sent []byte) {}, "ipv4.checksum is neither valid|udp.checksum is neither valid"},
		{"UDP checksum made 0", inside, func(_, sent []byte) { repair(sent, true) }, "udp.checksum is neither valid"},
		{"UDP checksum invented", with(inside, func(p *ports) { p.noChecksum = true }), func(_, sent []byte) { repair(sent, false) },
			"udp.checksum is neither valid"},
		{"damaged stays damaged", inside, func(in, sent []byte) { in[25]++; repair(sent, false); sent[25]++ }, ""},
		{"damaged another way", inside, func(in, sent []byte) { in[25]++; repair(sent, false); sent[25] += 2 },
			"ipv4.checksum is neither valid"},
		{"wrong port", inside, func(_, sent []byte) { sent[35]++; repair(sent, false) }, "l4.src_port is 1026, want 1025"},
		{"wrong address", inside, func(_, sent []byte) { sent[29]++; repair(sent, false) }, "ipv4.src is 203.0.113.2, want 203.0.113.1"},
		{"TTL kept", inside, func(_, sent []byte) { sent[22]++; repair(sent, false) }, "ipv4.ttl is 64, want 63"},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := smt.NewBuilder()
			in := frameOf(c.in)
			sent := slices.Clone(in)
			at := 14 + int(in[14]&15)*4
			sent[22]--
			binary.BigEndian.PutUint32(sent[26:], 0xCB007101)
			binary.BigEndian.PutUint16(sent[at:], 1025)
			c.change(in, sent)
			w := world(b, in, 0, 1000)
			key := flowKey(b, c.in, 0)
			final := &fake{b: b, cap: 2, entries: []fakeEntry{{1, key, nil, 1000}}}
			w.Objects["flows"] = (&fake{b: b, cap: 2}).start(final)
			w.Out = Out{DeviceSet{One: b.Word(1, 16)}, constants(b, sent)}
			r, failed := execute(t, spec, b, w)
			if got := strings.Join(failed, "|"); !matches(got, c.failed) {
				t.Errorf("failed %q, want %q", got, c.failed)
			}
			if got, want := w.Objects["flows"].(*fake).String(), final.String(); got != want {
				t.Errorf("flows %q, want %q", got, want)
			}
			if d, _ := r.Outcome.Devices[0].Word(); r.Outcome.Kind != Send || d != 1 {
				t.Errorf("got %v to %v, want device 1", r.Outcome.Kind, r.Outcome.Devices)
			}
		})
	}
}

func with(p ports, change func(*ports)) ports {
	change(&p)
	return p
}

// matches checks that each part of want is found, and that there are no more failures.
func matches(got, want string) bool {
	if want == "" {
		return got == ""
	}
	parts := strings.Split(want, "|")
	for _, p := range parts {
		if !strings.Contains(got, p) {
			return false
		}
	}
	return strings.Count(got, "VIG") == len(parts)
}

func flowKey(b *smt.Builder, p ports, device uint64) []*smt.Term {
	return []*smt.Term{b.Word(uint64(p.src), 32), b.Word(uint64(p.srcPort), 16), b.Word(uint64(p.dst), 32),
		b.Word(uint64(p.dstPort), 16), b.Word(uint64(p.protocol), 8), b.Word(device, 16)}
}

// TestNATInbound covers the ways in which a packet from outside is judged.
func TestNATInbound(t *testing.T) {
	spec := natSpec(t)
	answer := ports{protocol: 17, src: 0x08080808, dst: 0xCB007101, srcPort: 53, dstPort: 1025, ttl: 64}
	for _, c := range []struct {
		name string
		in   ports
		now  uint64
		kind Kind
		time uint64
	}{
		{"peer", answer, 1000, Send, 1000},
		{"expired", answer, 1051, Drop, 0},
		{"just alive", answer, 1050, Send, 1050},
		{"stranger", with(answer, func(p *ports) { p.src++ }), 1000, Drop, 950},
		{"wrong port of the peer", with(answer, func(p *ports) { p.srcPort++ }), 1000, Drop, 950},
		{"index not in use", with(answer, func(p *ports) { p.dstPort++ }), 1000, Drop, 950},
		{"port below the first", with(answer, func(p *ports) { p.dstPort = 80 }), 1000, Drop, 950},
		{"not for us", with(answer, func(p *ports) { p.dst++ }), 1000, Drop, 950},
		{"TTL used up", with(answer, func(p *ports) { p.ttl = 1 }), 1000, Drop, 950},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := smt.NewBuilder()
			w := world(b, frameOf(c.in), 1, c.now)
			flows := (&fake{b: b, cap: 2, entries: []fakeEntry{{1, flowKey(b, inside, 3), nil, 950}}}).start(nil)
			w.Objects["flows"] = flows
			r, failed := execute(t, spec, b, w)
			if r.Outcome.Kind != c.kind || len(failed) > 0 {
				t.Errorf("got %v, failed %q, want %v", r.Outcome.Kind, failed, c.kind)
			}
			if c.time == 0 && len(flows.entries) > 0 || c.time > 0 && flows.entries[0].time != c.time {
				t.Errorf("flows %v, want time %d", flows, c.time)
			}
			if c.kind != Send {
				return
			}
			want := frameOf(c.in)
			want[22]--
			binary.BigEndian.PutUint32(want[30:], inside.src)
			binary.BigEndian.PutUint16(want[36:], inside.srcPort)
			got := bytesOf(b, r.Outcome.Packet)
			for _, f := range r.Outcome.Free {
				at, _ := f.Offset.Word()
				for k, m := range f.Mask {
					got[int(at)+k] &^= m
					want[int(at)+k] &^= m
				}
			}
			if !bytes.Equal(got, want) {
				t.Errorf("packet\n%x, want\n%x", got, want)
			}
			if d, _ := r.Outcome.Devices[0].Word(); d != 3 {
				t.Errorf("to device %d, want 3", d)
			}
		})
	}
}

// TestBridge runs the bridge of the examples.
func TestBridge(t *testing.T) {
	spec := compile(t, read(t, "bridge.py"))
	b := smt.NewBuilder()
	station := func(last byte) []*smt.Term {
		var key []*smt.Term
		for _, octet := range []byte{2, 0, 0, 0, 0, last} {
			key = append(key, b.Word(uint64(octet), 8))
		}
		return key
	}
	for _, c := range []struct {
		name    string
		data    []byte
		learned []fakeEntry
		kind    Kind
		to      string
		table   string
	}{
		{"too short", make([]byte, 13), nil, Drop, "", ""},
		{"unknown destination", frameOf(inside), nil, Send, "all", "0:2,0,0,0,0,2=2@1000 "},
		{"known destination", frameOf(inside), []fakeEntry{{1, station(1), []*smt.Term{b.Word(3, 16)}, 990}}, Send, "3",
			"0:2,0,0,0,0,2=2@1000 1:2,0,0,0,0,1=3@990 "},
		{"own segment", frameOf(inside), []fakeEntry{{1, station(1), []*smt.Term{b.Word(2, 16)}, 990}}, Drop, "",
			"0:2,0,0,0,0,2=2@1000 1:2,0,0,0,0,1=2@990 "},
		{"moved station", frameOf(inside), []fakeEntry{{1, station(2), []*smt.Term{b.Word(0, 16)}, 990}}, Send, "all",
			"1:2,0,0,0,0,2=2@1000 "},
		{"aged out", frameOf(inside), []fakeEntry{{1, station(1), []*smt.Term{b.Word(3, 16)}, 899}}, Send, "all",
			"0:2,0,0,0,0,2=2@1000 "},
		{"table full", frameOf(inside), []fakeEntry{{0, station(8), []*smt.Term{b.Word(3, 16)}, 990}, {1, station(9), []*smt.Term{b.Word(3, 16)}, 990}},
			Send, "all", "0:2,0,0,0,0,8=3@990 1:2,0,0,0,0,9=3@990 "},
		{"group source", append([]byte{2, 0, 0, 0, 0, 1, 3}, make([]byte, 20)...), nil, Send, "all", ""},
		{"reserved", append([]byte{1, 0x80, 0xC2, 0, 0, 5}, make([]byte, 20)...), nil, Drop, "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := world(b, c.data, 2, 1000)
			table := (&fake{b: b, cap: 2, entries: c.learned}).start(nil)
			w.Objects["mac_table"] = table
			r, failed := execute(t, spec, b, w)
			to := ""
			if r.Outcome.Broadcast {
				to = "all"
			} else if r.Outcome.Kind == Send {
				to = words(r.Outcome.Devices)
			}
			if r.Outcome.Kind != c.kind || to != c.to || len(failed) > 0 {
				t.Errorf("got %v to %q, failed %q, want %v to %q", r.Outcome.Kind, to, failed, c.kind, c.to)
			}
			if table.String() != c.table {
				t.Errorf("table %q, want %q", table, c.table)
			}
		})
	}
}
