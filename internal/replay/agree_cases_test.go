package replay

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"

	"vigor/nf"
)

// subject is a network function on which executor and compiled code must agree.
type subject struct {
	name, pattern string
	text          string // of the overlay's ./nfs/fixture, if that is the pattern
	random        func(r *rand.Rand) Case
}

// most is the largest capacity in a case.
const most = 4

var subjects = []subject{
	{"nop", "./nfs/nop", "", randomNop},
	{"nat", "./nfs/natclassic", "", randomNAT},
	{"quota", "./nfs/fixture", quota, randomQuota},
	{"sketch", "./nfs/fixture", sketch, randomSketch},
	{"timers", "./nfs/fixture", timers, randomTimers},
}

// quota has a structure of each kind but Table, whose states do not match, so that preconditions
// break.
const quota = `package fixture

import (
	"errors"

	"vigor/libvig"
	"vigor/nf"
)

type Config struct {
	Size int
	Step int16
}

func (c Config) Validate() error {
	if c.Size < 1 || c.Size > 100 {
		return errors.New("size")
	}
	return nil
}

type Quota struct {
	step   int16
	chain  *libvig.Chain
	ids    *libvig.Map[uint16]
	counts *libvig.Vector[int32]
	seen   uint64
	open   bool
}

func New(env nf.Env, c Config) (*Quota, error) {
	return &Quota{step: c.Step, chain: libvig.NewChain(c.Size, libvig.HashKey{}), ids: libvig.NewMap[uint16](c.Size, env.HashKey),
		counts: libvig.NewVector[int32](c.Size, 0)}, nil
}

func (n *Quota) Process(p *nf.Packet) nf.Action {
	b := p.Bytes()
	n.seen += uint64(len(b))
	if len(b) < 4 {
		n.open = !n.open
		return nf.Drop(nf.Malformed)
	}
	n.chain.ExpireBefore(p.Time() - int64(b[2]))
	id := uint16(b[0])<<8 | uint16(b[1])
	i, ok := n.ids.Get(id)
	if !ok {
		if i, ok = n.chain.Allocate(p.Time()); !ok {
			return nf.Drop(nf.TableFull)
		}
		n.ids.Put(id, i)
	} else if b[3] > 200 {
		n.ids.Erase(id)
	} else if n.chain.Allocated(i) {
		n.chain.Refresh(i, p.Time())
	}
	n.counts.Set(i, n.counts.Get(i)-int32(n.step))
	b[3] = byte(n.counts.Get(i) >> 3)
	if n.open {
		return nf.ForwardAll(1)
	}
	return nf.Action{Kind: nf.Flooded, Reason: nf.Fragment, Device: 9, Devices: 5}
}
`

// sketch has a table with keys and values of several parts, loops and shifts, and an index out of
// range.
const sketch = `package fixture

import (
	"vigor/libvig"
	"vigor/nf"
)

type Config struct{}

func (c Config) Validate() error { return nil }

type Key struct {
	A uint32
	B [2]uint16
}

type Entry struct {
	Count int16
	Last  [2]uint8
}

type Sketch struct {
	env   nf.Env
	table *libvig.Table[Key, Entry]
}

func New(env nf.Env, c Config) (*Sketch, error) {
	return &Sketch{env, libvig.NewTable[Key, Entry](4, env.HashKey)}, nil
}

func (n *Sketch) Process(p *nf.Packet) nf.Action {
	b := p.Bytes()
	if len(b) == 0 {
		return nf.Drop(nf.Malformed)
	}
	at := int(b[0]) & 15
	x := b[at]
	sum := uint16(0)
	for i := 0; i < 3 && i < len(b); i++ {
		sum = sum<<5 ^ sum>>(b[i]&31) + uint16(b[i])
	}
	key := Key{A: uint32(x) & 3, B: [2]uint16{uint16(len(b)) & 1, 0}}
	i, ok := n.table.Lookup(key)
	switch {
	case ok && x&8 != 0:
		n.table.Erase(i)
	case ok:
		e := n.table.At(i)
		e.Count -= int16(b[len(b)-1]) / 3
		e.Last[x&1] += uint8(sum)
		n.table.Set(i, e)
		n.table.Refresh(i, p.Time())
	default:
		if i, ok = n.table.Insert(key, Entry{Count: int16(sum)}, p.Time()-p.Time()%2); !ok {
			return nf.ForwardAll(1 << p.Device())
		}
	}
	b[at] = byte(i)<<(x&15) ^ byte(n.table.Len())
	return nf.Forward(nf.Device(int(x) % n.env.Devices))
}
`

// timers has a table with three classes, of which a frame may name a fourth.
const timers = `package fixture

import (
	"vigor/libvig"
	"vigor/nf"
)

type Config struct{}

func (c Config) Validate() error { return nil }

type Timers struct{ table *libvig.ClassTable[uint8, uint8] }

func New(env nf.Env, c Config) (*Timers, error) {
	return &Timers{libvig.NewClassTable[uint8, uint8](4, 3, env.HashKey)}, nil
}

func (n *Timers) Process(p *nf.Packet) nf.Action {
	b := p.Bytes()
	if len(b) < 3 {
		return nf.Drop(nf.Malformed)
	}
	n.table.ExpireBefore(1, p.Time()-5)
	i, ok := n.table.Lookup(b[1] & 3)
	switch {
	case !ok:
		if i, ok = n.table.Insert(b[1]&3, b[2], p.Time(), b[0]&3); !ok {
			return nf.Drop(nf.TableFull)
		}
	case b[2] < 64:
		n.table.Erase(i)
	case b[2] < 128:
		n.table.Refresh(i, p.Time(), n.table.Class(i))
	default:
		n.table.Refresh(i, p.Time(), b[0]&3)
	}
	return nf.Forward(nf.Device(i))
}
`

func number(n any) json.Number { return json.Number(fmt.Sprint(n)) }

func one[T any](r *rand.Rand, list ...T) T { return list[r.IntN(len(list))] }

// randomCase has what every case has: devices, a secret, a device, a time.
func randomCase(r *rand.Rand) Case {
	c := Case{Env: Env{Devices: 1 + r.IntN(4)}, Objects: map[string]*Object{}}
	for i := range c.Env.HashKey {
		c.Env.HashKey[i] = r.Uint64()
	}
	c.Packet.Device = uint16(r.IntN(c.Env.Devices))
	c.Packet.Time = one(r, 0, 1000*nf.Second+r.Int64N(1000), r.Int64N(1<<62))
	return c
}

// randomObject has up to size entries at random indices, made by an entry function, with different
// keys, and times at most ages before now.
func randomObject(r *rand.Rand, size int, now, ages int64, entry func() Entry) *Object {
	o := &Object{Cap: size}
	full := r.IntN(3) == 0
	for i := range size {
		e := entry()
		e.Index = i
		if ages > 0 {
			e.Time = max(0, now-r.Int64N(ages))
		}
		taken := e.Key != nil && slices.ContainsFunc(o.Entries, func(f Entry) bool { return maps.Equal(e.Key, f.Key) })
		if !taken && (full || r.IntN(2) == 0) {
			o.Entries = append(o.Entries, e)
		}
	}
	r.Shuffle(len(o.Entries), func(i, j int) { o.Entries[i], o.Entries[j] = o.Entries[j], o.Entries[i] })
	return o
}

// randomBytes are up to limit bytes, often few and often small ones.
func randomBytes(r *rand.Rand, limit int) Hex {
	data := make(Hex, one(r, r.IntN(5), r.IntN(limit+1), r.IntN(limit+1)))
	for i := range data {
		data[i] = one(r, byte(r.IntN(4)), byte(r.Uint32()))
	}
	return data
}

func randomNop(r *rand.Rand) Case {
	c := randomCase(r)
	c.Config = Value{"Left": number(r.IntN(4)), "Right": number(r.IntN(4))}
	c.Packet.Data = randomBytes(r, 60)
	return c
}

func randomQuota(r *rand.Rand) Case {
	c := randomCase(r)
	size := r.IntN(most + 1)
	c.Config = Value{"Size": number(size), "Step": number(int16(r.Uint32()))}
	c.Packet.Data = randomBytes(r, 8)
	if len(c.Packet.Data) > 1 && r.IntN(2) == 0 {
		c.Packet.Data[0], c.Packet.Data[1] = byte(r.IntN(4)), byte(r.IntN(2))
	}
	c.Cells = map[string]Value{"seen": {"": number(one(r, r.Uint64(), 1<<64-3))}, "open": {"": number(r.IntN(2))}}
	if size == 0 {
		return c
	}
	now := c.Packet.Time
	c.Objects["chain"] = randomObject(r, size, now, 300, func() Entry { return Entry{} })
	c.Objects["ids"] = randomObject(r, size, now, 0, func() Entry { return Entry{Key: Value{"": number(r.IntN(4)<<8 + r.IntN(2))}} })
	counts := &Object{Cap: size}
	for i := range size {
		counts.Entries = append(counts.Entries, Entry{Index: i, Value: Value{"": number(int32(r.Uint32()))}})
	}
	c.Objects["counts"] = counts
	return c
}

func randomSketch(r *rand.Rand) Case {
	c := randomCase(r)
	c.Packet.Data = randomBytes(r, 24)
	c.Objects["table"] = randomObject(r, 4, c.Packet.Time, 10, func() Entry {
		return Entry{
			Key: Value{"A": number(r.IntN(4)), "B[0]": number(r.IntN(2)), "B[1]": number(r.IntN(8) / 7)},
			Value: Value{"Count": number(int16(r.Uint32())), "Last[0]": number(r.IntN(256)),
				"Last[1]": number(r.IntN(256))},
		}
	})
	if r.IntN(4) == 0 {
		c.Objects["table"].Last = c.Packet.Time
	}
	return c
}

func randomTimers(r *rand.Rand) Case {
	c := randomCase(r)
	c.Env.Devices = 4
	c.Packet.Data = randomBytes(r, 6)
	c.Objects["table"] = randomObject(r, 4, c.Packet.Time, 10, func() Entry {
		return Entry{Key: Value{"": number(r.IntN(4))}, Value: Value{"": number(r.IntN(256))}, Class: uint8(r.IntN(3))}
	})
	return c
}

// Few addresses and ports, so that packets belong to flows.
var (
	addresses = []uint32{0x0a000001, 0x08080808, 0xcb007101}
	ports     = []uint16{53, 5000, 65535}
)

func randomNAT(r *rand.Rand) Case {
	c := randomCase(r)
	size := 1 + r.IntN(most)
	start := one(r, 1024, 40000, 65536-size)
	if r.IntN(40) == 0 {
		start = one(r, 1023, min(65535, 65536-size+1))
	}
	wan := r.IntN(c.Env.Devices)
	if r.IntN(40) == 0 {
		wan = c.Env.Devices
	}
	c.Config = Value{"WAN": number(wan), "ExternalIP": number(addresses[2]), "StartPort": number(start),
		"Capacity": number(size), "FlowTimeout": number(one(r, 2*nf.Minute, 2*nf.Minute-1, nf.Hour, 7*24*nf.Hour))}
	c.Objects["flows"] = randomObject(r, size, c.Packet.Time, 3*int64(nf.Minute), func() Entry {
		return Entry{Value: Value{}, Key: Value{"Src": number(one(r, addresses...)), "Dst": number(one(r, addresses...)),
			"SrcPort": number(one(r, ports...)), "DstPort": number(one(r, ports...)),
			"Protocol": number(one(r, 6, 17)), "Device": number(r.IntN(c.Env.Devices))}}
	})
	c.Packet.Data = randomFrame(r, uint16(start+r.IntN(size+1)))
	// Often the packet is one of a flow in the table.
	if list := c.Objects["flows"].Entries; len(list) > 0 && len(c.Packet.Data) >= 38 && r.IntN(2) == 0 {
		c.ofFlow(one(r, list...), uint16(wan), start)
	}
	return c
}

// ofFlow makes the packet, which has an IPv4 header without options, one of a flow, in the
// direction that its device tells.
func (c *Case) ofFlow(flow Entry, wan uint16, start int) {
	get := func(path string) uint32 {
		n, _ := flow.Key[path].Int64()
		return uint32(n)
	}
	b := c.Packet.Data
	b[23] = byte(get("Protocol"))
	src, dst, srcPort, dstPort := get("Src"), get("Dst"), get("SrcPort"), get("DstPort")
	if c.Packet.Device == wan {
		src, dst, srcPort, dstPort = dst, addresses[2], dstPort, uint32(start+flow.Index)
	} else {
		c.Packet.Device = uint16(get("Device"))
	}
	binary.BigEndian.PutUint32(b[26:], src)
	binary.BigEndian.PutUint32(b[30:], dst)
	binary.BigEndian.PutUint16(b[34:], uint16(srcPort))
	binary.BigEndian.PutUint16(b[36:], uint16(dstPort))
}

// randomFrame is mostly a TCP or UDP datagram over IPv4, to one of our ports or another, with or
// without a mistake.
func randomFrame(r *rand.Rand, port uint16) Hex {
	b := randomBytes(r, 40)
	b = append(make(Hex, 34), append(b, make(Hex, 32)...)...)
	for i := range 12 {
		b[i] = byte(r.Uint32())
	}
	header := 20
	b[14] = 0x45
	if r.IntN(5) == 0 {
		header += 4 * r.IntN(4)
		b[14] = byte(0x40 + header/4)
	}
	binary.BigEndian.PutUint16(b[12:], 0x0800)
	binary.BigEndian.PutUint16(b[16:], uint16(one(r, len(b)-14, len(b)-14, header+r.IntN(len(b)-14-header))))
	b[20] = one[byte](r, 0, 0x40)
	b[22], b[23] = one[byte](r, 64, 64, 64, 2, 1, 0), one[byte](r, 6, 17, 17)
	binary.BigEndian.PutUint16(b[24:], uint16(r.Uint32()))
	binary.BigEndian.PutUint32(b[26:], one(r, addresses...))
	binary.BigEndian.PutUint32(b[30:], one(r, addresses[1], addresses[2]))
	l4 := b[14+header:]
	binary.BigEndian.PutUint16(l4, one(r, ports...))
	binary.BigEndian.PutUint16(l4[2:], one(r, append(ports, port, port)...))
	sum := one[uint16](r, 0, 1, 0xffff, uint16(r.Uint32()))
	binary.BigEndian.PutUint16(l4[6:], sum)
	binary.BigEndian.PutUint16(l4[16:], sum)
	switch r.IntN(6) {
	case 0:
		b[r.IntN(len(b))] ^= byte(1 << r.IntN(8))
	case 1:
		b = b[:r.IntN(len(b)+1)]
	case 2:
		b[12+r.IntN(12)] = byte(r.Uint32())
	}
	return b
}
