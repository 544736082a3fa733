package lower

import (
	"os"
	"strings"
	"testing"

	"vigor/internal/smt"
)

// read gives a worked example of the language, kept with the checker's tests.
func read(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile("../resolve/testdata/accept/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestObligations runs small properties on one concrete packet: a UDP packet with TTL 64 that
// arrived on device 0 at time 1000; names holds (7, 8), counter is 250, tables are empty with room
// for two. Each is refused with the given message, or accepted.
func TestObligations(t *testing.T) {
	const key = `k = Flow(ip4("1.1.1.1"), 1, ip4("2.2.2.2"), 2, 6, 0)` + "\n"
	for _, c := range []struct{ name, text, want string }{
		{"assert", "assert pkt.length < 10, \"short\"", "VIG3001 assertion fails: short"},
		{"assert without text", "assert device == 1", "VIG3001 assertion fails: device == 1"},
		{"assert holds", "assert device == 0 and now == 1000 and pkt.ipv4.ttl == 64", ""},
		{"device", "return device + 4, pkt", "VIG3006 device may be 4; there are 4 (0 to 3)"},
		{"negative device", "return device - 1, pkt", "VIG3006 device may be -1; there are 4 (0 to 3)"},
		{"last device", "return (device + 3, 0), pkt", ""},
		{"absent key", key + "flows.refresh(k)", "VIG3101 flows.refresh(k): k may be absent; guard with `if k in flows`"},
		{"absent key read", `x = buckets[ip4("1.1.1.1")].level`, "VIG3101 buckets[ip4(\"1.1.1.1\")]: ip4(\"1.1.1.1\") may be absent"},
		{"absent key removed", key + "del flows[k]", "VIG3101 del flows[k]: k may be absent"},
		{"absent index of a key", key + "x = flows.index(k)", "VIG3101 flows.index(k)"},
		{"absent time", key + "x = flows.time(k)", "VIG3101 flows.time(k)"},
		{"guarded key", key + "if k in flows:\n    flows.refresh(k)", ""},
		{"added key", key + "flows.add(k)\nflows.refresh(k)\nassert flows.key(flows.index(k)) == k and len(flows) == 1 and flows.time(k) == now", ""},
		{"removed key", key + "flows.add(k)\ndel flows[k]\nassert k not in flows and not 0 in flows.indices", ""},
		{"index not in use", "x = flows.key(0)", "VIG3102 index 0 may be 0, which is not in use; guard with `if 0 in flows.indices`"},
		{"index past the vector", "names[device + 2] = 1", "VIG3102 index device + 2 may be 2, capacity is 2"},
		{"negative index", "x = names[device - 1]", "VIG3102 index device - 1 may be -1"},
		{"vector", "names[1] = names[0] + 1\nassert names[1] == 8 and old(names)[1] == 8 and len(names) == 2", ""},
		{"full", key + "flows.add(k)\nflows.add((k.dst, 1, k.dst, 2, 6, 0))\nflows.add((k.dst, 2, k.dst, 2, 6, 0))",
			"VIG3103 flows may be full here; guard with `if (k.dst, 2, k.dst, 2, 6, 0) in flows or not flows.full`"},
		{"value of a full table", "for i in range(3):\n    buckets[ip4(\"1.1.1.1\")] = (i, now)\nassert len(buckets) == 1", ""},
		{"too large", "pkt.l4.src_port = start_port * 64 + device", "VIG3104 start_port * 64 + device may be 65536 (start_port 1024, device 0); l4.src_port has 16 bits"},
		{"negative", "pkt.ipv4.ttl -= 65", "VIG3104 pkt.ipv4.ttl -= 65 may be -1 (pkt.ipv4.ttl 64); ipv4.ttl has 8 bits"},
		{"cell", "counter.value += 6", "VIG3104 counter.value += 6 may be 256 (counter.value 250); counter.value has 8 bits"},
		{"cell holds", "counter.value += 5\nassert counter.value == 255 and old(counter).value == 250", ""},
		{"stored value", "names[0] = pkt.length * 2000", "VIG3104"},
		{"key too large", "if (ip4(\"1.1.1.1\"), now * 70, ip4(\"1.1.1.1\"), 1, 6, 0) in flows:\n    return DROP", "VIG3104"},
		{"no TCP header", "x = pkt.tcp.seq", "VIG3105 pkt.tcp is read, but the frame may have no tcp header; guard with `pkt.has(tcp)`"},
		{"no ICMP header", "pkt.icmp.id = 3", "VIG3105 pkt.icmp is assigned, but the frame may have no icmp header"},
		{"left unsent", "x = out.pkt.length", "VIG3105 out.pkt is read, but the NF may have sent nothing; guard with `if out.sent`"},
		{"right of and", "if pkt.has(tcp) and pkt.tcp.seq == 0 or pkt.has(udp) and pkt.udp.length == 13:\n    return DROP", ""},
		{"right of or", "if not pkt.has(tcp) or pkt.tcp.seq == 0:\n    return DROP", ""},
		{"wrong guard", "if not pkt.has(udp) or pkt.tcp.seq == 0:\n    return DROP", "VIG3105"},
		{"conditional", "x = pkt.tcp.seq if pkt.has(tcp) else 0\nassert x == 0", ""},
		{"other side of conditional", "x = 0 if pkt.has(tcp) else pkt.tcp.seq", "VIG3105"},
		{"divisor", "x = now // device", "VIG3106 divisor may be 0: device"},
		{"remainder", "x = now % device", "VIG3106 divisor may be 0: device"},
		{"shift", "x = now << (device - 1)", "VIG3106 shift may be negative: device - 1 is -1"},
		{"floor", "assert -7 // 2 == -4 and -7 % 2 == 1 and 7 // -2 == -4 and 7 % -2 == -1 and -8 >> 1 == -4 and ~5 == -6", ""},
		{"exact", "assert (now * SECOND ** 4) % 7 == 5 * 1 or now * SECOND ** 4 == 1000 * 10 ** 36 and 2 ** 100 > 2 ** 99", ""},
		{"too many bits", "x = (device + now) ** 200\ny = x * x", "VIG3104 x * x may have"},
		{"far too many bits", "x = now ** 255\nx = x ** 255\nx = x ** 255", "VIG3104 now ** 255 may have"},
		{"dropped by no device", "x = out.device", "VIG3107 out.device: the packet left by 0 devices"},
		{"tuples", "assert (1, 2) < (1, 3) and not (2, 1) < (1, 9) and (1, 2) <= (1, 2) and device in (3, 0) and 5 not in (1, 2)", ""},
		{"addresses", `a = ip4("224.0.0.5")` + "\n" + `assert a.is_multicast and not a.is_zero and a in net4("224.0.0.0/4") and a not in net4("10.0.0.0/8") and int(a) >> 28 == 14`, ""},
		{"MAC addresses", `a = mac("03:00:00:00:00:01")` + "\n" + `assert a.is_group and a.is_multicast and not a.is_broadcast and mac("ff:ff:ff:ff:ff:ff").is_broadcast`, ""},
		{"fields", "assert pkt.ether.src == mac(\"02:00:00:00:00:02\") and pkt.ipv4.header_length == 20 and not pkt.ipv4.is_fragment and pkt.udp.length == 13", ""},
		{"flags", "pkt.ipv4.df = True\npkt.ipv4.fragment_offset = 3\nassert pkt.ipv4.df and not pkt.ipv4.mf and pkt.ipv4.fragment_offset == 3 and pkt.ipv4.is_fragment", ""},
		{"no later fragment", "pkt.ipv4.fragment_offset = 3\nassert not pkt.has(udp) and old(pkt).has(udp)", ""},
		{"checksum right", "assert pkt.ipv4.checksum_ok and pkt.l4.checksum_ok and pkt.udp.checksum_ok", ""},
		{"checksum wrong", "pkt.ipv4.ttl = 3\nassert pkt.ipv4.checksum_ok, \"damaged\"", "VIG3001 assertion fails: damaged"},
		{"transport checksum wrong", "pkt.l4.src_port = 3\nassert pkt.l4.checksum_ok, \"damaged\"", "VIG3001 assertion fails: damaged"},
		{"old packet", "pkt.ipv4.ttl = 3\nassert old(pkt).ipv4.ttl == 64 and pkt.ipv4.ttl == 3", ""},
		{"all and any", "assert all(i < 3 for i in range(3)) and any(names[i] == 8 for i in range(2))", ""},
		{"all stops", "assert not all(i < 2 and names[i] > 0 for i in range(4))", ""},
		{"any does not stop early enough", "assert any(names[i] == 9 for i in range(3))", "VIG3102"},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := smt.NewBuilder()
			_, failed := execute(t, compile(t, c.text), b, world(b, frameOf(inside), 0, 1000))
			got := strings.Join(failed, " | ")
			if c.want == "" && got != "" || !strings.Contains(got, c.want) {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

// TestOutcomes runs properties that end in each way.
func TestOutcomes(t *testing.T) {
	for _, c := range []struct {
		name, text string
		want       Kind
		holes      string
	}{
		{"end", "x = 1", Open, ""},
		{"bare return", "return", Open, "outputs open"},
		{"open", "return ...", Open, "outputs open"},
		{"drop", "return DROP", Drop, ""},
		{"pass", "if device == 0:\n    pass", Unspecified, "everything open"},
		{"assume", "assume(device == 1)\nreturn DROP", Excluded, ""},
		{"assumed", "assume(device == 0)\nreturn DROP", Drop, ""},
		{"content open", "return device, ...", Send, "content open"},
		{"device open", "return ..., pkt", Send, "devices open"},
		{"state open", "unspecified(flows)\nreturn DROP", Drop, "flows unspecified"},
		{"field open", "pkt.ipv4.ttl = ...\nreturn BROADCAST, pkt", Send, "ipv4.ttl open"},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := smt.NewBuilder()
			r, failed := execute(t, compile(t, c.text), b, world(b, frameOf(inside), 0, 1000))
			var holes []string
			for _, h := range r.Holes {
				holes = append(holes, h.Text)
			}
			if got := strings.Join(holes, ","); r.Outcome.Kind != c.want || got != c.holes || len(failed) > 0 {
				t.Errorf("got %v %q %q, want %v %q", r.Outcome.Kind, got, failed, c.want, c.holes)
			}
		})
	}
}

// TestFree: '...' opens exactly its bits, and a later value closes them.
func TestFree(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"field", "pkt.ether.src = ...", "6:ffffffffffff"},
		{"bits", "pkt.ipv4.fragment_offset = ...", "20:1fff 24:ffff"},
		{"header but one field", "pkt.ether = ...\npkt.ether.src = mac(\"02:00:00:00:00:09\")", "0-5:ff 12-13:ff"},
		{"checksum opened", "pkt.l4.src_port = 9\npkt.l4.checksum = ...", "40:ffff"},
		{"implied checksums", "pkt.ipv4.src = external_ip", "24:ffff 40:ffff"},
		{"TTL alone", "pkt.ipv4.ttl = 3", "24:ffff"},
		{"ports alone", "pkt.udp.dst_port = 3", "40:ffff"},
		{"nothing", "x = 3", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := smt.NewBuilder()
			data := frameOf(inside)
			r, failed := execute(t, compile(t, c.text+"\nreturn 0, pkt"), b, world(b, data, 0, 1000))
			var got []byte
			for i := range data {
				v, _ := r.Outcome.FreeBits(b, b.Word(uint64(i), 16)).Word()
				got = append(got, byte(v))
			}
			if want := bitsOf(c.want, len(data)); string(got) != string(want) || len(failed) > 0 {
				t.Errorf("free\n%x, want\n%x, failed %q", got, want, failed)
			}
		})
	}
}
