package neighbour_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math/bits"
	"strings"
	"testing"

	"vigor/dataplane"
	"vigor/dataplane/neighbour"
	"vigor/nf"
	"vigor/packet"
)

// Stations and addresses of the tests. Devices 0 and 1 are ours, 10.0.0.1/24 and 192.0.2.1/28; device
// 2 has no address.
var (
	mac0     = packet.MAC{2, 0, 0, 0, 0, 1}
	mac1     = packet.MAC{2, 0, 0, 0, 1, 1}
	hostMAC  = packet.MAC{2, 0, 0, 0, 0, 7}
	otherMAC = packet.MAC{2, 0, 0, 0, 0, 8}
	gateMAC  = packet.MAC{2, 0, 0, 0, 1, 9}
	allMAC   = packet.MAC{0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF}
)

const (
	ip0     packet.IPv4 = 0x0A000001 // 10.0.0.1
	host    packet.IPv4 = 0x0A000007 // 10.0.0.7
	other   packet.IPv4 = 0x0A000008
	ip1     packet.IPv4 = 0xC0000201 // 192.0.2.1
	gate    packet.IPv4 = 0xC0000209 // 192.0.2.9
	distant packet.IPv4 = 0x08080808
)

func devices() []neighbour.Device {
	return []neighbour.Device{
		{MAC: mac0, Address: neighbour.Address{IP: ip0, Bits: 24}},
		{MAC: mac1, Address: neighbour.Address{IP: ip1, Bits: 28}, Gateway: gate},
	}
}

// wire is a back end that never ends: what is put in arrives in the next exchange, what is sent is kept.
type wire struct {
	arriving []dataplane.Frame
	sent     []dataplane.Frame
	space    int // frames that can be sent per exchange; 0 is no limit
}

func (w *wire) Exchange(out, in *dataplane.Batch) error {
	left := w.space
	for i := range out.Len() {
		for set := out.To(i); set != 0; set &= set - 1 {
			d := nf.Device(bits.TrailingZeros64(uint64(set)))
			if w.space > 0 && left == 0 {
				out.Refuse(i, d, nf.TransmitFull)
				continue
			}
			left--
			w.sent = append(w.sent, dataplane.Frame{Bytes: bytes.Clone(out.Frame(i)), Device: d})
		}
	}
	n := min(in.Room(), len(w.arriving))
	for _, f := range w.arriving[:n] {
		in.Add(f.Bytes, f.Device, 0, 0)
	}
	w.arriving = w.arriving[n:]
	return nil
}

func (w *wire) Close() error { return nil }

// lab is a layer with a loop around it and a wire below it. Its network function does what decide says.
type lab struct {
	t      testing.TB
	wire   *wire
	layer  *neighbour.Layer
	loop   *dataplane.Loop
	now    nf.Time
	seen   []string // what the network function saw
	decide func(p *nf.Packet) nf.Action
	claims map[claimed]bool // all ARP packets that arrived
}

// claimed says that a station behind a device claimed an address.
type claimed struct {
	device  nf.Device
	address packet.IPv4
	station packet.MAC
}

const labDevices = 4

func newLab(t testing.TB, change func(*neighbour.Config)) *lab {
	t.Helper()
	l := &lab{t: t, wire: &wire{}, now: nf.Hour, claims: map[claimed]bool{}}
	l.decide = func(p *nf.Packet) nf.Action { return nf.Forward(p.Device() ^ 1) }
	cfg := neighbour.Config{Devices: devices(), Clock: func() nf.Time { return l.now }}
	if change != nil {
		change(&cfg)
	}
	env := nf.Env{Devices: labDevices, HashKey: [5]uint64{0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB, 0xD6E8FEB86659FD93, 0xA0761D6478BD642F}}
	layer, err := neighbour.New(l.wire, env, cfg)
	if err != nil {
		t.Fatal(err)
	}
	l.layer = layer
	l.loop = dataplane.NewLoop(env, func(packets []nf.Packet, actions []nf.Action) {
		for i := range packets {
			l.seen = append(l.seen, describe(packets[i].Bytes()))
			actions[i] = l.decide(&packets[i])
		}
	}, layer)
	l.step()
	l.wire.sent = nil // the announcement
	return l
}

// step has frames arrive and be decided about, and sends the result.
func (l *lab) step(frames ...dataplane.Frame) {
	l.t.Helper()
	l.wire.arriving = append(l.wire.arriving, frames...)
	for _, f := range l.wire.arriving {
		if eth, ok := packet.ParseEthernet(f.Bytes); ok && eth.Type() == packet.TypeARP {
			if h, ok := packet.ParseARP(eth.Payload()); ok {
				l.claims[claimed{f.Device, h.SenderIP(), h.SenderMAC()}] = true
			}
		}
	}
	for range 2 {
		if err := l.loop.Step(); err != nil {
			l.t.Fatal(err)
		}
		if err := l.layer.Check(); err != nil {
			l.t.Fatal(err)
		}
	}
}

// wait lets time pass in steps of 50 ms.
func (l *lab) wait(d nf.Time) {
	l.t.Helper()
	for end := l.now + d; l.now < end; {
		l.now = min(l.now+50*nf.Millisecond, end)
		l.step()
	}
}

// want compares what has been sent since the last call, each frame in the form of describe after its
// device.
func (l *lab) want(frames ...string) {
	l.t.Helper()
	var got []string
	for _, f := range l.wire.sent {
		got = append(got, fmt.Sprintf("%d %s", f.Device, describe(f.Bytes)))
	}
	l.wire.sent = nil
	if a, b := strings.Join(got, "\n"), strings.Join(frames, "\n"); a != b {
		l.t.Errorf("sent:\n%s\nwant:\n%s", a, b)
	}
}

// dropped checks the number of frames dropped for a reason since the beginning, on all devices.
func (l *lab) dropped(why nf.Reason, want uint64) {
	l.t.Helper()
	got := uint64(0)
	for d := range l.loop.Counters.Dropped {
		got += l.loop.Counters.Dropped[d][why]
	}
	if got != want {
		l.t.Errorf("%d frames dropped for %v, want %d", got, why, want)
	}
}

// short names the stations and addresses of the tests.
func short(m packet.MAC) string {
	names := map[packet.MAC]string{mac0: "mac0", mac1: "mac1", hostMAC: "host", otherMAC: "other", gateMAC: "gate", allMAC: "all"}
	if name, ok := names[m]; ok {
		return name
	}
	return m.String()
}

// describe gives the addresses of a frame, and the mark of a datagram or what an ARP packet says.
func describe(frame []byte) string {
	eth, ok := packet.ParseEthernet(frame)
	if !ok {
		return fmt.Sprintf("%x", frame)
	}
	head := short(eth.Source()) + ">" + short(eth.Destination())
	if h, ok := packet.ParseARP(eth.Payload()); ok && eth.Type() == packet.TypeARP {
		word := map[uint16]string{1: "asks", 2: "tells"}[h.Operation()]
		return fmt.Sprintf("%s: %v/%v %s %v/%v", head, h.SenderIP(), short(h.SenderMAC()), word, h.TargetIP(), short(h.TargetMAC()))
	}
	if ip, ok := packet.ParseIPv4(eth.Payload()); ok && eth.Type() == packet.TypeIPv4 {
		return fmt.Sprintf("%s: %v #%d", head, ip.Destination(), ip.Identification())
	}
	return fmt.Sprintf("%s: %04x", head, uint16(eth.Type()))
}

// datagram builds a frame with an IPv4 datagram that carries a mark, for our station on a device.
func datagram(from nf.Device, to packet.IPv4, mark int) dataplane.Frame {
	frame := make([]byte, 60)
	eth := packet.EthernetHeader(frame)
	eth.SetSource(packet.MAC{2, 0, 0, 0, 0, 0x55})
	eth.SetDestination([]packet.MAC{mac0, mac1, hostMAC, otherMAC}[from])
	eth.SetType(packet.TypeIPv4)
	frame[14] = 0x45
	binary.BigEndian.PutUint16(frame[16:], 46)
	binary.BigEndian.PutUint16(frame[18:], uint16(mark))
	frame[22], frame[23] = 64, 17
	binary.BigEndian.PutUint32(frame[30:], uint32(to))
	return dataplane.Frame{Bytes: frame, Device: from}
}

// claim is an ARP packet as a test builds it.
type claim struct {
	device    nf.Device
	to        packet.MAC // of the Ethernet header
	op        uint16
	mac       packet.MAC
	ip        packet.IPv4
	targetMAC packet.MAC
	target    packet.IPv4
}

func (c claim) frame() dataplane.Frame {
	frame := make([]byte, 60)
	eth := packet.EthernetHeader(frame)
	eth.SetDestination(c.to)
	eth.SetSource(c.mac)
	eth.SetType(packet.TypeARP)
	packet.FillARP(frame[14:], c.op, c.mac, c.ip, c.targetMAC, c.target)
	return dataplane.Frame{Bytes: frame, Device: c.device}
}

// reply is what a station answers to our device.
func reply(d nf.Device, mac packet.MAC, ip packet.IPv4) dataplane.Frame {
	own := devices()[d]
	return claim{device: d, to: own.MAC, op: 2, mac: mac, ip: ip, targetMAC: own.MAC, target: own.Address.IP}.frame()
}
