package neighbour_test

import (
	"encoding/binary"
	"testing"

	"vigor/dataplane"
	"vigor/dataplane/memory"
	"vigor/dataplane/neighbour"
	"vigor/nf"
	"vigor/packet"
)

// wide gives device 0 a network of 16 million addresses.
func wide(c *neighbour.Config) { c.Devices[0].Address.Bits = 8 }

// TestScan: datagrams for very many addresses neither push out a neighbour that has answered, nor make
// more than about a thousand requests a second, nor keep a new one from being found.
func TestScan(t *testing.T) {
	t.Run("small", func(t *testing.T) { scan(t, 300, 300) })
	t.Run("large", func(t *testing.T) { scan(t, 4096, 1025) }) // 1024 without an answer, and one with
}

func scan(t *testing.T, capacity, limit int) {
	l := resolved(t, func(c *neighbour.Config) { wide(c); c.Capacity = capacity })
	start := l.now
	next := packet.IPv4(0x0A100000)
	for range 1000 {
		l.now += 10 * nf.Millisecond
		for range 30 {
			l.wire.arriving = append(l.wire.arriving, datagram(1, next, 0))
			next++
		}
		l.step()
		if n := len(l.layer.Neighbours()); n > limit || l.layer.Waiting() > 64 {
			t.Fatalf("%d neighbours, %d frames wait", n, l.layer.Waiting())
		}
	}
	most := uint64((l.now-start)/nf.Millisecond) + 64
	if asked := l.layer.Stats.Asked; asked > most || asked < most/3 {
		t.Errorf("%d requests, want at most %d and about so many", asked, most)
	}
	l.now += 100 * nf.Millisecond
	l.step()
	l.wire.sent = nil
	l.step(datagram(1, host, 2))
	l.want("0 mac0>host: 10.0.0.7 #2")
	l.step(datagram(1, other, 3))
	l.step(reply(0, otherMAC, other))
	l.step(datagram(1, other, 4))
	if sent := l.wire.sent; len(sent) == 0 || describe(sent[len(sent)-1].Bytes) != "mac0>other: 10.0.0.8 #4" {
		t.Errorf("a new neighbour is not found: sent %d frames", len(sent))
	}
}

// TestOldestMakesRoom: among those without an answer the least recently used one goes first, then
// among all.
func TestOldestMakesRoom(t *testing.T) {
	l := newLab(t, func(c *neighbour.Config) { wide(c); c.Capacity = 3 })
	at := func(i int) packet.IPv4 { return 0x0A000100 + packet.IPv4(i) }
	has := func(want ...int) {
		t.Helper()
		list := l.layer.Neighbours()
		for _, i := range want {
			found := false
			for _, n := range list {
				found = found || n.Address == at(i)
			}
			if !found || len(list) != len(want) {
				t.Errorf("neighbours %v, want %v", list, want)
			}
		}
	}
	for _, i := range []int{1, 2, 3, 1} {
		l.step(datagram(1, at(i), i))
	}
	l.step(datagram(1, at(4), 4))
	has(1, 3, 4)
	l.step(reply(0, hostMAC, at(3)))
	l.step(datagram(1, at(5), 5))
	has(3, 4, 5)
	l.dropped(nf.NoNeighbour, 3) // for 2, and two for 1
	l.step(reply(0, hostMAC, at(5)), reply(0, hostMAC, at(4)))
	l.step(datagram(1, at(3), 3))
	l.step(datagram(1, at(6), 6))
	has(3, 4, 6)
	l.step(datagram(1, at(7), 7))
	has(3, 4, 7)
}

// TestManyWaiting: one neighbour cannot take the room of all, and what is over is counted.
func TestManyWaiting(t *testing.T) {
	l := newLab(t, wide)
	n := uint64(0)
	for i := range 200 {
		l.step(datagram(1, 0x0A000100+packet.IPv4(i%20), i))
		n++
	}
	l.dropped(nf.NoNeighbour, n-64)
	if got := l.layer.Waiting(); got != 64 {
		t.Errorf("%d frames wait, want 64", got)
	}
	for i := range 20 {
		l.step(reply(0, hostMAC, 0x0A000100+packet.IPv4(i)))
	}
	for _, f := range l.wire.sent {
		if ip, ok := packet.ParseIPv4(f.Bytes[14:]); ok && ip.Identification() < 200-4*20 {
			t.Errorf("%s has been sent, later ones have not", describe(f.Bytes))
		}
	}
	if c := &l.loop.Counters; l.layer.Waiting() != 0 || c.Sent[0] != 64+20+1 {
		t.Errorf("%d frames wait, %d sent", l.layer.Waiting(), c.Sent[0])
	}
}

// TestManyAnswersAtOnce: when many neighbours answer in one burst, all that waited is sent, as room permits,
// and before what comes later.
func TestManyAnswersAtOnce(t *testing.T) {
	l := newLab(t, wide)
	l.loop.SetBurst(dataplane.MaxBurst)
	for i := range 16 {
		for mark := range 3 {
			l.step(datagram(1, 0x0A000100+packet.IPv4(i), mark))
		}
	}
	l.wire.sent = nil
	for i := range 16 {
		l.wire.arriving = append(l.wire.arriving, reply(0, packet.MAC{2, 1, 0, 0, 0, byte(i)}, 0x0A000100+packet.IPv4(i)))
	}
	for range 32 { // so that there is not room for all
		l.wire.arriving = append(l.wire.arriving, datagram(0, distant, 9))
	}
	for i := range 16 {
		l.wire.arriving = append(l.wire.arriving, datagram(1, 0x0A000100+packet.IPv4(i), 3))
	}
	l.step()
	l.step()
	next := [16]uint16{}
	for _, f := range l.wire.sent {
		ip, ok := packet.ParseIPv4(f.Bytes[14:])
		if !ok || f.Device != 0 {
			continue
		}
		i := int(ip.Destination() - 0x0A000100)
		if f.Bytes[5] != byte(i) || ip.Identification() != next[i] {
			t.Errorf("sent %s, want number %d", describe(f.Bytes), next[i])
		}
		next[i]++
	}
	for i, n := range next {
		if n != 4 {
			t.Errorf("neighbour %d got %d frames, want 4", i, n)
		}
	}
	if l.layer.Waiting() != 0 {
		t.Errorf("%d frames wait", l.layer.Waiting())
	}
}

// balance compares what was received, and the copies of it, with what became of it.
func (l *lab) balance(copies uint64) {
	l.t.Helper()
	c := &l.loop.Counters
	var received, accounted uint64
	for d := range c.Received {
		received += c.Received[d]
		accounted += c.Sent[d]
		for _, n := range c.Dropped[d] {
			accounted += n
		}
	}
	own := l.layer.Stats.Asked + uint64(l.announced())
	if received+copies+own != accounted+uint64(l.layer.Waiting()) {
		l.t.Errorf("received %d, %d copies, and added %d; sent or dropped %d, %d wait", received, copies, own, accounted, l.layer.Waiting())
	}
}

// announced is the number of announcements that were sent; they are requests for the sender's address.
func (l *lab) announced() int {
	n := 2 // before newLab forgets what was sent
	for _, f := range l.wire.sent {
		eth, _ := packet.ParseEthernet(f.Bytes)
		if h, ok := packet.ParseARP(eth[min(len(eth), 14):]); ok && eth.Type() == packet.TypeARP && h.Operation() == 1 && h.SenderIP() == h.TargetIP() {
			n++
		}
	}
	return n
}

// FuzzLayer reads a script of frames and pauses. No frame may make the layer panic or lose count, and no
// datagram may leave for a station that did not claim its next hop.
func FuzzLayer(f *testing.F) {
	f.Add([]byte{})
	f.Add([]byte{0, 1, 7, 1, 0, 7, 0, 1, 7, 2, 10, 0, 0, 3, 9})
	f.Add([]byte{0, 1, 7, 0, 1, 8, 0, 1, 9, 2, 200, 0, 1, 0, 7, 1, 0, 8, 2, 255, 0, 0, 1, 7})
	f.Add([]byte{3, 0, 60, 2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 9, 8, 6, 0, 1, 8, 0, 6, 4, 0, 2})
	f.Fuzz(func(t *testing.T, script []byte) {
		l := newLab(t, func(c *neighbour.Config) { c.Capacity = 5 })
		copies := uint64(0) // beyond one of each packet
		l.decide = func(p *nf.Packet) nf.Action {
			if len(p.Bytes()) > 20 && p.Bytes()[19] == 7 {
				copies += labDevices - 2
				return nf.Flood()
			}
			return nf.Forward(p.Device() ^ 1)
		}
		for len(script) >= 3 {
			kind, a, b := script[0], script[1], script[2]
			script = script[3:]
			switch kind % 4 {
			case 0:
				l.step(datagram(nf.Device(a%3), 0x0A000000+packet.IPv4(b), int(a)))
			case 1:
				d := nf.Device(a % 2)
				l.step(claim{
					device: d, to: devices()[d].MAC, op: uint16(1 + a>>1&1), target: devices()[d].Address.IP,
					mac: packet.MAC{2, 0, 0, 9, byte(d), b}, ip: devices()[d].Address.IP&^0xFF | packet.IPv4(b),
				}.frame())
			case 2:
				l.now += nf.Time(a)*10*nf.Millisecond + nf.Time(b)*20*nf.Second
				l.step()
			case 3:
				n := min(int(b), len(script))
				l.step(dataplane.Frame{Bytes: append([]byte(nil), script[:n]...), Device: nf.Device(a % 3)})
				script = script[n:]
			}
		}
		l.audit()
		l.balance(copies)
	})
}

// audit looks at all datagrams that left by an addressed device: some station has claimed their next hop.
func (l *lab) audit() {
	l.t.Helper()
	for _, f := range l.wire.sent {
		eth, ok := packet.ParseEthernet(f.Bytes)
		if !ok || f.Device > 1 || eth.Type() != packet.TypeIPv4 {
			continue
		}
		ip, ok := packet.ParseIPv4(eth.Payload())
		if !ok {
			l.t.Fatalf("device %d sent a malformed datagram", f.Device)
		}
		to, next := eth.Destination(), ip.Destination()
		own := devices()[f.Device]
		if (next^own.Address.IP)>>(32-own.Address.Bits) != 0 {
			next = own.Gateway
		}
		byRule := to.IsGroup() && ip.Destination()>>28 == 0xE && ip.Destination()>>8 != 0xE00000
		if !byRule && !l.claims[claimed{f.Device, next, to}] || eth.Source() != own.MAC {
			l.t.Errorf("device %d sent %s", f.Device, describe(f.Bytes))
		}
	}
}

// traffic is a cycle of datagrams of both directions between known neighbours, some of whom are not, with
// ARP between them.
func traffic() []dataplane.Frame {
	frames := []dataplane.Frame{reply(0, hostMAC, host), reply(1, gateMAC, gate)}
	for i := range 60 {
		frames = append(frames, datagram(0, distant, i), datagram(1, host, i))
	}
	for i := range 8 {
		frames = append(frames, datagram(1, 0x0A000020+packet.IPv4(i), i), datagram(0, 0xE0000101, i))
	}
	return append(frames, claim{device: 0, to: allMAC, op: 1, mac: hostMAC, ip: host, target: ip0}.frame())
}

func TestNothingAllocates(t *testing.T) {
	var total neighbour.Stats
	for _, capacity := range []int{6, 64} { // with entries pushed out, and with some that fail
		cycle := memory.NewCycle(traffic(), 1<<40)
		now := nf.Time(0)
		layer, err := neighbour.New(cycle, nf.Env{Devices: 3}, neighbour.Config{
			Devices: devices(), Capacity: capacity, Lifetime: neighbour.MinLifetime,
			Clock: func() nf.Time { now += 50 * nf.Millisecond; return now },
		})
		if err != nil {
			t.Fatal(err)
		}
		n := 0
		loop := dataplane.NewLoop(nf.Env{Devices: 3}, func(packets []nf.Packet, actions []nf.Action) {
			for i := range packets {
				if n++; n%5 == 0 {
					actions[i] = nf.Flood()
				} else {
					actions[i] = nf.Forward(packets[i].Device() ^ 1)
				}
			}
		}, layer)
		got := testing.AllocsPerRun(2000, func() {
			if err := loop.Step(); err != nil {
				t.Fatal(err)
			}
		})
		if got != 0 || loop.Counters.Sent[0] == 0 {
			t.Errorf("%v allocations per burst, want 0", got)
		}
		total.Asked += layer.Stats.Asked
		total.Learnt += layer.Stats.Learnt
		total.Answered += layer.Stats.Answered
		total.Failed += layer.Stats.Failed
	}
	if total.Asked == 0 || total.Learnt == 0 || total.Answered == 0 || total.Failed == 0 {
		t.Errorf("not all was tried: %d asked, %d learnt, %d answered, %d failed", total.Asked, total.Learnt, total.Answered, total.Failed)
	}
}

// BenchmarkForward times bursts of datagrams, all for known neighbours, with the layer and without.
func BenchmarkForward(b *testing.B) {
	for _, hosts := range []int{1, 1000} {
		var frames []dataplane.Frame
		for i := range hosts {
			var mac packet.MAC
			binary.BigEndian.PutUint32(mac[2:], uint32(i+1))
			frames = append(frames, reply(0, mac, 0x0A000100+packet.IPv4(i)))
		}
		data := make([]dataplane.Frame, hosts)
		for i := range data {
			data[i] = datagram(1, 0x0A000100+packet.IPv4(i*7919%hosts), 1)
		}
		for _, with := range []bool{false, true} {
			name := map[bool]string{false: "without", true: "with"}[with]
			b.Run(name+"/"+map[int]string{1: "1", 1000: "1000"}[hosts], func(b *testing.B) { forward(b, frames, data, with) })
		}
	}
}

// forward runs the data through a loop, after the layer has learnt the answers.
func forward(b *testing.B, answers, data []dataplane.Frame, with bool) {
	env, err := dataplane.NewEnv(2)
	if err != nil {
		b.Fatal(err)
	}
	source := &phases{IO: memory.NewCycle(data, len(data)), next: memory.NewCycle(answers, len(answers)), last: memory.NewCycle(data, 1<<60)}
	var io dataplane.IO = source
	if with {
		cfg := neighbour.Config{Devices: devices()}
		wide(&cfg)
		now := nf.Time(0)
		cfg.Clock = func() nf.Time { // stands still once all are known
			if source.next != source.last {
				now += 64 * nf.Millisecond
			}
			return now
		}
		layer, err := neighbour.New(source, env, cfg)
		if err != nil {
			b.Fatal(err)
		}
		io = layer
	}
	loop := dataplane.NewLoop(env, func(packets []nf.Packet, actions []nf.Action) {
		for i := range packets {
			actions[i] = nf.Forward(0)
		}
	}, io)
	for range 2*len(data)/dataplane.BurstSize + 10 {
		if err := loop.Step(); err != nil {
			b.Fatal(err)
		}
	}
	b.ResetTimer()
	for n := 0; n < b.N; n += dataplane.BurstSize {
		if err := loop.Step(); err != nil {
			b.Fatal(err)
		}
	}
}

// phases goes on with the next back end when one has ended.
type phases struct {
	dataplane.IO
	next, last dataplane.IO
}

func (p *phases) Exchange(out, in *dataplane.Batch) error {
	err := p.IO.Exchange(out, in)
	if err != nil {
		p.IO, p.next = p.next, p.last
	}
	return nil
}
