package dataplane

import (
	"math/bits"

	"vigor/nf"
)

// Counters counts packets per device, and bursts.
type Counters struct {
	Received [nf.MaxDevices]uint64             // by the device they came from
	Sent     [nf.MaxDevices]uint64             // by the device they left by
	Dropped  [nf.MaxDevices][nf.Reasons]uint64 // by the device they came from

	ReceivedBytes [nf.MaxDevices]uint64 // in the frames that were received whole, without FCS
	SentBytes     [nf.MaxDevices]uint64 // in the frames that were sent

	Bursts     [MaxBurst + 1]uint64 // steps by the number of packets that they processed, from 0 on
	Latency    [Latencies]uint64    // of some bursts, from received to sent; see [LatencyLimit]
	LatencySum nf.Time              // of those bursts
}

// MaxBatch is the largest number of packets in a batch: those of a burst, and those that can be injected
// besides.
const MaxBatch = MaxBurst + 32

// Foreign is the handle of a frame that is in none of the back end's buffers.
const Foreign = ^uint64(0)

// Batch is what a loop and a back end exchange: packets with their buffers, and for each the devices
// to send it by. The back end adds packets, the loop lets the network function decide about them,
// and at the next exchange the back end gets the same batch back.
//
// A layer between loop and back end, itself an [IO], may keep packets from the network function with
// [Batch.Withhold] when it passes them on, and add frames of its own with [Batch.Inject].
type Batch struct {
	n, room  int // number of packets, and its limit
	decided  int // the first so many are for the network function, the others are withheld
	devices  int
	now      nf.Time // of the latest packet
	withheld uint64  // bit i: packet i is
	counters *Counters

	packets [MaxBatch]nf.Packet
	actions [MaxBurst]nf.Action
	to      [MaxBatch]nf.Devices // where packet i goes; if nowhere, its buffer is only given back
	handles [MaxBatch]uint64
}

func newBatch(devices int, counters *Counters) *Batch {
	return &Batch{devices: devices, counters: counters}
}

// open makes an empty batch with room for some packets, none of which is older than a time.
func (b *Batch) open(room int, now nf.Time) {
	b.n, b.room, b.now, b.withheld = 0, room, now, 0
}

// Room is the number of packets that can still be added.
func (b *Batch) Room() int { return b.room - b.n }

// Add adds a packet that a device received at a time; frame goes from the Ethernet header on, without
// FCS, and is the network function's until the exchange that gets this batch back. The handle is the
// back end's own, and comes back in [Batch.Handle]. If Add returns false, the batch has not taken the
// frame and has counted the reason: the back end keeps the buffer. There must be room.
func (b *Batch) Add(frame []byte, from nf.Device, at nf.Time, handle uint64) bool {
	if int(from) >= b.devices || len(frame) > MaxFrame {
		b.refuseInput(frame, from)
		return false
	}
	if at > b.now {
		b.now = at
	}
	b.packets[b.n].Renew(frame, from, b.now)
	b.handles[b.n] = handle
	b.n++
	b.counters.Received[from]++
	b.counters.ReceivedBytes[from] += uint64(len(frame))
	return true
}

// refuseInput counts what no network function may see. A device that the function was not told of
// has no counter.
func (b *Batch) refuseInput(frame []byte, from nf.Device) {
	if int(from) < b.devices {
		b.counters.Received[from]++
		b.Drop(from, nf.Oversize)
	}
}

// Lost counts a frame that a device received, but that the back end could not deliver.
func (b *Batch) Lost(from nf.Device, why nf.Reason) {
	if int(from) < b.devices {
		b.counters.Received[from]++
		b.Drop(from, why)
	}
}

// Len is the number of packets.
func (b *Batch) Len() int { return b.n }

// Frame is the frame of packet i as the network function left it.
func (b *Batch) Frame(i int) []byte { return b.packets[i].Bytes() }

// From is the device that received packet i.
func (b *Batch) From(i int) nf.Device { return b.packets[i].Device() }

// Time is when packet i was received.
func (b *Batch) Time(i int) nf.Time { return b.packets[i].Time() }

// Handle is what the back end gave for packet i in [Batch.Add].
func (b *Batch) Handle(i int) uint64 { return b.handles[i] }

// To is the set of devices to send packet i by; all of them exist. It is empty for a packet that is
// dropped.
func (b *Batch) To(i int) nf.Devices { return b.to[i] }

// Refuse says that packet i was not sent by device d for a reason, such as [nf.TransmitFull]. It may be
// said once for each device of its set.
func (b *Batch) Refuse(i int, d nf.Device, why nf.Reason) {
	b.to[i] &^= 1 << d
	b.Drop(b.packets[i].Device(), why)
}

// Drop counts a dropped packet by the device it came from. A reason that has no name counts as none.
func (b *Batch) Drop(from nf.Device, why nf.Reason) {
	if int(why) >= nf.Reasons {
		why = nf.NoReason
	}
	b.counters.Dropped[from][why]++
}

// decide turns the action on each packet into the set of devices that send it.
//
// Invariant, for i below decided: to[j] is destinations(j) for every j < i, and every j with an empty
// set has been counted as dropped. Afterwards each buffer is in the batch once, with the length that
// its packet has.
func (b *Batch) decide() {
	for i := range b.decided {
		if a := &b.actions[i]; a.Kind == nf.Forwarded && int(a.Device) < b.devices { // the common case
			b.to[i] = 1 << a.Device
			continue
		}
		to, why := destinations(b.actions[i], b.packets[i].Device(), b.devices)
		b.to[i] = to
		if to == 0 || why != nf.NoReason {
			b.Drop(b.packets[i].Device(), why)
		}
	}
}

// destinations is the set of devices, out of the first so many, that an action names for a packet
// that came from a device; and the reason if one that it names is left out, or none is left.
func destinations(action nf.Action, from nf.Device, devices int) (nf.Devices, nf.Reason) {
	existing := ^nf.Devices(0) >> (nf.MaxDevices - devices)
	switch action.Kind {
	case nf.Forwarded:
		if int(action.Device) >= devices {
			return 0, nf.NoSuchDevice
		}
		return 1 << action.Device, nf.NoReason
	case nf.ForwardedAll:
		if action.Devices&^existing != 0 {
			return action.Devices & existing &^ (1 << from), nf.NoSuchDevice
		}
		return others(action.Devices, from)
	case nf.Flooded:
		return others(existing, from)
	}
	return 0, action.Reason
}

// others is a set without the device that a packet came from.
func others(set nf.Devices, from nf.Device) (nf.Devices, nf.Reason) {
	if set &^= 1 << from; set == 0 {
		return 0, nf.NoOtherDevice
	}
	return set, nf.NoReason
}

// Withhold keeps packet i, which has just been received, from the network function. It goes back to the
// back end at the next exchange, to be sent as it stands by the devices of a set; with the empty set
// it is counted as dropped. A packet that a layer further down has withheld stays as that wants it.
func (b *Batch) Withhold(i int, to nf.Devices, why nf.Reason) {
	if b.withheld>>i&1 == 1 {
		return
	}
	b.withheld |= 1 << i
	if b.to[i] = to; to == 0 {
		b.Drop(b.packets[i].Device(), why)
	}
}

// admit puts the packets for the network function before those that are withheld, each in their order.
func (b *Batch) admit() {
	b.decided = b.n
	if b.withheld == 0 {
		return
	}
	b.decided = 0
	var packets [MaxBurst]nf.Packet
	var to [MaxBurst]nf.Devices
	var handles [MaxBurst]uint64
	last := 0
	for i := range b.n {
		if b.withheld>>i&1 == 0 {
			b.packets[b.decided], b.handles[b.decided] = b.packets[i], b.handles[i]
			b.decided++
		} else {
			packets[last], to[last], handles[last] = b.packets[i], b.to[i], b.handles[i]
			last++
		}
	}
	copy(b.packets[b.decided:b.n], packets[:])
	copy(b.to[b.decided:b.n], to[:])
	copy(b.handles[b.decided:b.n], handles[:])
}

// Inject adds a frame that was not received, for the back end to send by a device in this exchange. Its
// handle is [Foreign]: the back end copies it, and has nothing to give back. Inject returns false when
// there is no room.
func (b *Batch) Inject(frame []byte, to nf.Device) bool { return b.Resume(frame, to, to) }

// Resume is [Batch.Inject] for a copy of a frame that a device did receive: if it cannot be sent, that is
// counted as a drop of a packet from there.
func (b *Batch) Resume(frame []byte, from, to nf.Device) bool {
	if b.n == len(b.packets) || int(from) >= b.devices || int(to) >= b.devices || len(frame) > MaxFrame {
		return false
	}
	b.packets[b.n], b.handles[b.n], b.to[b.n] = nf.NewPacket(frame, from, b.now), Foreign, 1<<to
	b.n++
	return true
}

// Keep takes a device out of the set of packet i and counts nothing: the caller has a copy of the frame,
// and answers for it with [Batch.Resume] or [Batch.Drop] in this exchange or a later one.
func (b *Batch) Keep(i int, d nf.Device) { b.to[i] &^= 1 << d }

// forget drops all packets of a batch that no function will see, because the back end has failed.
func (b *Batch) forget() {
	for i := range b.n {
		if b.withheld>>i&1 == 0 || b.to[i] != 0 { // the others are counted already
			b.Drop(b.packets[i].Device(), nf.ReceiveFull)
		}
	}
	b.n = 0
}

// settle counts what was sent, and empties the batch. Packets that leave by one device one after
// another, as most do, are added to its counters at once.
func (b *Batch) settle() {
	device, packets, bytes := 0, uint64(0), uint64(0)
	for i := range b.n {
		length := uint64(len(b.packets[i].Bytes()))
		for set := b.to[i]; set != 0; set &= set - 1 {
			d := bits.TrailingZeros64(uint64(set)) & (nf.MaxDevices - 1)
			if d != device {
				b.counters.Sent[device] += packets
				b.counters.SentBytes[device] += bytes
				device, packets, bytes = d, 0, 0
			}
			packets++
			bytes += length
		}
	}
	b.counters.Sent[device] += packets
	b.counters.SentBytes[device] += bytes
	b.n = 0
}
