package nat_test

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"math/rand/v2"
	"testing"

	"vigor/nf"
	"vigor/nfs/nat"
	"vigor/packet"
)

// model is the NAT written without any of its parts: a Go map, and checksums computed anew.
type model struct {
	cfg       nat.Config
	ports     map[nat.Endpoint]uint16
	endpoints map[uint16]nat.Endpoint
	ends      map[nat.Endpoint]nf.Time // the last moment of each mapping
	talks     map[nat.Endpoint]*talk
}

func newModel(cfg nat.Config) *model {
	return &model{cfg, map[nat.Endpoint]uint16{}, map[uint16]nat.Endpoint{}, map[nat.Endpoint]nf.Time{}, map[nat.Endpoint]*talk{}}
}

// accepts tells whether a frame is a whole datagram of TCP, UDP or ICMP with hops left.
func accepts(f []byte) bool {
	if len(f) < 34 || f[12] != 8 || f[13] != 0 || f[14]>>4 != 4 {
		return false
	}
	header, total := int(f[14]&15)*4, int(binary.BigEndian.Uint16(f[16:]))
	least := map[byte]int{1: 8, 6: 20, 17: 8}[f[23]]
	whole := binary.BigEndian.Uint16(f[20:])&0x3FFF == 0
	return header >= 20 && total <= len(f)-14 && least > 0 && total >= header+least && whole && f[22] > 1
}

// process returns the device to send by, -1 for none, and the frame to send. A new mapping takes the
// port that the NAT chose, given as chosen; ok is false if that choice is wrong.
func (m *model) process(f []byte, from nf.Device, now nf.Time, chosen uint16) (to int, sent []byte, ok bool) {
	for e, end := range m.ends {
		if end < now {
			delete(m.endpoints, m.ports[e])
			delete(m.ports, e)
			delete(m.ends, e)
			delete(m.talks, e)
		}
	}
	if !accepts(f) {
		return -1, nil, true
	}
	be := binary.BigEndian
	out := bytes.Clone(f)
	l4 := 14 + int(f[14]&15)*4
	to = int(m.cfg.WAN)
	if f[23] == 1 {
		return m.message(f, out, l4, from, now, chosen)
	}
	if packet.IPv4(be.Uint32(f[30:])) == m.cfg.ExternalIP {
		target, known := m.endpoints[be.Uint16(f[l4+2:])]
		if !known || target.Protocol != uint64(f[23]) {
			return -1, nil, true
		}
		be.PutUint32(out[30:], uint32(target.Address))
		be.PutUint16(out[l4+2:], target.Port)
		to = int(target.Device)
	} else if from == m.cfg.WAN {
		return -1, nil, true
	}
	if from == m.cfg.WAN {
		if t := m.talks[m.endpoints[be.Uint16(f[l4+2:])]]; t != nil && f[l4+13]&7 == 1 && t.peer == [6]byte(append(f[26:30:30], f[l4:l4+2]...)) {
			t.theirFIN = t.theirFIN || t.acked || t.ourFIN
		}
		return to, finish(f, out), true
	}
	port, ok := m.seen(f, from, now, be.Uint16(f[l4:]), chosen)
	if !ok || port == 0 {
		return -1, nil, ok
	}
	be.PutUint32(out[26:], uint32(m.cfg.ExternalIP))
	be.PutUint16(out[l4:], port)
	return to, finish(f, out), true
}

// seen is the outside port of a frame's sender, which has this port or identifier, or 0 if there is no room.
func (m *model) seen(f []byte, from nf.Device, now nf.Time, own, chosen uint16) (port uint16, ok bool) {
	sender := nat.Endpoint{
		Address: packet.IPv4(binary.BigEndian.Uint32(f[26:])), Port: own, Device: from, Protocol: uint64(f[23]),
	}
	port, known := m.ports[sender]
	if !known {
		if len(m.ports) == m.cfg.Capacity {
			return 0, true
		}
		port = chosen
		if _, taken := m.endpoints[port]; taken || port < m.cfg.StartPort || int(port) >= int(m.cfg.StartPort)+m.cfg.Capacity {
			return 0, false
		}
		m.ports[sender], m.endpoints[port] = port, sender
	}
	switch l4 := 14 + int(f[14]&15)*4; f[23] {
	case 1:
		m.ends[sender] = now + m.cfg.ICMPTimeout
	case 17:
		m.ends[sender] = now + m.cfg.UDPTimeout
	default:
		t := m.talks[sender]
		if t == nil {
			t = &talk{}
			m.talks[sender] = t
		}
		if t.hear([6]byte(append(f[30:34:34], f[l4+2:l4+4]...)), f[l4+13]) {
			m.ends[sender] = now + t.patience(m.cfg)
		}
	}
	return port, true
}

// talk is what the inside and its peers have said in the connections of one mapping.
type talk struct {
	peer                           [6]byte // address and port
	begun, acked, ourFIN, theirFIN bool
	reset                          bool
	several                        bool // peers
}

// over reports whether there is nothing that could go on.
func (t *talk) over() bool { return !t.several && (!t.begun || t.reset || t.ourFIN && t.theirFIN) }

// hear takes a segment of the inside in, and reports whether it counts.
func (t *talk) hear(peer [6]byte, flags byte) bool {
	known := t.begun && t.peer == peer && !t.several
	if flags&4 != 0 {
		if t.begun && (!known || t.over() || !t.acked && !t.ourFIN) {
			return false
		}
		*t = talk{peer: peer, begun: true, reset: true}
		return true
	}
	if !known && !t.over() {
		t.several = true
		return true
	}
	answers := flags&2 != 0 && flags&0x10 != 0
	if !known || t.reset || answers || flags&2 != 0 && (t.over() || t.acked || t.ourFIN) {
		*t = talk{peer: peer, begun: true, acked: known && flags&2 != 0 && !t.over()}
	}
	switch {
	case answers, flags&3 == 0:
		t.acked = true
	case flags&2 == 0:
		t.ourFIN = true
	}
	return true
}

// patience is how long the mapping lives from now on.
func (t *talk) patience(c nat.Config) nf.Time {
	switch {
	case t.several:
		return c.TCPEstablished
	case t.over():
		return c.TCPClosing
	case t.acked || t.ourFIN:
		return c.TCPEstablished
	}
	return c.TCPOpening
}

// message is process for ICMP, whose message is at l4.
func (m *model) message(f, out []byte, l4 int, from nf.Device, now nf.Time, chosen uint16) (to int, sent []byte, ok bool) {
	be := binary.BigEndian
	ours := packet.IPv4(be.Uint32(f[30:])) == m.cfg.ExternalIP
	target, known := m.endpoints[be.Uint16(f[l4+4:])]
	switch kind := f[l4]; {
	case (kind == 8 || kind == 13) && from != m.cfg.WAN && !ours:
		port, ok := m.seen(f, from, now, be.Uint16(f[l4+4:]), chosen)
		if !ok || port == 0 {
			return -1, nil, ok
		}
		be.PutUint32(out[26:], uint32(m.cfg.ExternalIP))
		be.PutUint16(out[l4+4:], port)
		return int(m.cfg.WAN), finish(f, out), true
	case (kind == 0 || kind == 14) && from == m.cfg.WAN && ours && known && target.Protocol == 1:
		be.PutUint32(out[30:], uint32(target.Address))
		be.PutUint16(out[l4+4:], target.Port)
		return int(target.Device), finish(f, out), true
	}
	return -1, nil, true
}

// finish takes a hop off and computes the checksums; the frames of this test have right ones, or,
// in UDP, none.
func finish(before, out []byte) []byte {
	out[22]--
	ip := packet.IPv4Header(out[14 : 14+int(binary.BigEndian.Uint16(out[16:]))])
	ip.SetChecksum(ip.ComputeChecksum())
	if out[23] == 1 {
		m := ip.Payload()
		binary.BigEndian.PutUint16(m[2:], 0)
		binary.BigEndian.PutUint16(m[2:], cmp.Or(packet.Checksum(m, 0), 0xFFFF))
		return out
	}
	l4, _ := packet.ParseL4(ip)
	at := 14 + ip.HeaderLength() + 16
	if out[23] == 17 {
		at -= 10
	}
	if out[23] != 17 || binary.BigEndian.Uint16(before[at:]) != 0 {
		binary.BigEndian.PutUint16(out[at:], l4.ComputeChecksum(ip))
	}
	return out
}

// traffic makes packets of few addresses and ports, so that mappings meet, and some that are broken.
type traffic struct {
	*rand.Rand
	cfg nat.Config
}

func (r traffic) next() (frame []byte, from nf.Device) {
	e := endpoints{
		src: host + packet.IPv4(r.IntN(2)), dst: server + packet.IPv4(r.IntN(2)),
		srcPort: 5000 + uint16(r.IntN(3)), dstPort: 53 + uint16(r.IntN(2)),
		protocol: [2]packet.Protocol{packet.TCP, packet.UDP}[r.IntN(2)],
		options:  4 * max(0, r.IntN(16)-5), payload: r.IntN(20),
	}
	from = nf.Device(r.IntN(3))
	if from == r.cfg.WAN || r.IntN(4) == 0 { // for the outside address, most of the time
		if from == r.cfg.WAN {
			e = e.reply()
		}
		e.dst = our + packet.IPv4(r.IntN(8)/7)
		e.dstPort = r.cfg.StartPort + uint16(r.IntN(r.cfg.Capacity+2)) - 1
	}
	if frame = e.frame(); r.IntN(3) == 0 {
		frame = r.query(e, from)
	} else if e.protocol == packet.TCP {
		frame = r.flagged(frame, e.options)
	}
	frame[15] = byte(r.Uint32()) // DS field: any
	frame[22] = byte(r.IntN(256))
	if frame[23] == 17 && r.IntN(4) == 0 {
		frame[14+20+e.options+6], frame[14+20+e.options+7] = 0, 0
	}
	ip := packet.IPv4Header(frame[14:])
	ip.SetChecksum(ip.ComputeChecksum())
	switch r.IntN(12) { // what follows must be dropped: its checksums do not matter
	case 0:
		frame[20+r.IntN(2)] |= 1 << r.IntN(5) // a fragment
	case 1:
		frame[[]int{12, 13, 23}[r.IntN(3)]] ^= 0x20 << r.IntN(3)
	case 2:
		frame = frame[:r.IntN(len(frame))]
	case 3:
		frame = append(frame, make([]byte, r.IntN(9))...) // padding: nothing is wrong with it
	}
	return frame, from
}

// flagged gives a segment flags, often those of a connection's course.
func (r traffic) flagged(frame []byte, options int) []byte {
	frame[14+20+options+13] = [9]byte{2, 0x12, 0x10, 0x10, 0x11, 0x11, 4, 0x14, byte(r.Uint32())}[r.IntN(9)]
	ip, _ := packet.ParseIPv4(frame[14:])
	l4, _ := packet.ParseL4(ip)
	binary.BigEndian.PutUint16(frame[14+20+options+16:], l4.ComputeChecksum(ip))
	return frame
}

// query makes a query, its reply, or another message of ICMP between two addresses, with data that is often zero.
func (r traffic) query(e endpoints, from nf.Device) []byte {
	kind, identifier := [3]uint8{8, 8, 13}[r.IntN(3)], uint16(r.IntN(2))
	if (from == r.cfg.WAN) != (r.IntN(8) == 0) {
		kind, identifier = [3]uint8{0, 0, 14}[r.IntN(3)], e.dstPort
	}
	if r.IntN(16) == 0 {
		kind = uint8(r.IntN(256))
	}
	m := []byte{kind, 0, 0, 0, byte(identifier >> 8), byte(identifier), 0, byte(r.IntN(2))}
	return icmpFrame(e.src, e.dst, append(m, make([]byte, r.IntN(3))...))
}

func TestAgreesWithModel(t *testing.T) {
	cfg := testConfig()
	cfg.Capacity = 7
	for seed := range uint64(20) {
		r := traffic{rand.New(rand.NewPCG(seed, 8)), cfg}
		n, m := newNAT(t, cfg), newModel(cfg)
		now, sent := nf.Time(0), 0
		for i := range 5000 {
			if now += nf.Time(r.IntN(4)) * nf.Time(r.IntN(4)) * 5 * nf.Second; r.IntN(40) == 0 {
				now += nf.Time(r.IntN(150)) * nf.Minute
			}
			frame, from := r.next()
			before := bytes.Clone(frame)
			action := process(n, frame, from, now)
			var chosen uint16
			if l4 := 14 + 20; len(frame) >= l4 {
				if l4 = 14 + int(frame[14]&15)*4; frame[23] == 1 {
					l4 += 4
				}
				if len(frame) >= l4+2 {
					chosen = binary.BigEndian.Uint16(frame[l4:])
				}
			}
			to, want, ok := m.process(before, from, now, chosen)
			if !ok {
				t.Fatalf("seed %d, packet %d: outside port %d is taken or not ours", seed, i, chosen)
			}
			if (action.Kind == nf.Forwarded) != (to >= 0) {
				t.Fatalf("seed %d, packet %d: %v %v, the model sends by %d\n% x", seed, i, action.Kind, action.Reason, to, before)
			}
			if to < 0 {
				want = before
			} else if sent++; int(action.Device) != to {
				t.Fatalf("seed %d, packet %d: sent by %d, want %d", seed, i, action.Device, to)
			}
			if !bytes.Equal(frame, want) {
				t.Fatalf("seed %d, packet %d:\ngot  % x\nwant % x", seed, i, frame, want)
			}
		}
		if sent < 500 {
			t.Errorf("seed %d: only %d packets were sent, the test shows little", seed, sent)
		}
	}
}
