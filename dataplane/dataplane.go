// Package dataplane runs a network function: it receives a burst of frames, has the function decide
// about each, and sends the result.
//
// Frames come from and go to a back end, an [IO]; the packages below this one are back ends. The
// network function is a [Burst], a loop over packets in the function's own program, so that nothing
// is called indirectly per packet.
//
// What proofs assume of the surroundings of a network function, the loop guarantees: time is not
// negative and never decreases, the device of a packet exists, the slice of a frame has no spare
// capacity, frames that were not received whole never arrive, and one packet is finished before the
// next one is begun. Packets that it drops itself are counted under reasons of their own. Nothing
// is allocated per packet.
//
// Start at [Loop.Step].
package dataplane

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"vigor/nf"
)

// BurstSize is the largest number of frames received and processed together.
const BurstSize = 32

// Frame is one frame as a back end hands it over.
type Frame struct {
	Bytes     []byte // from the Ethernet header on, without FCS; the loop's until the next Receive
	Device    nf.Device
	Time      nf.Time // when it was received
	Truncated bool    // Bytes is only the beginning of what was received
}

// Outgoing is one frame to send. The back end sets Refused if it has no room for it.
type Outgoing struct {
	Bytes   []byte
	Device  nf.Device
	Time    nf.Time // when the packet that it comes from was received
	Refused bool
}

// IO is a back end: all devices of one network function.
type IO interface {
	// Receive fills the front of burst and returns the number of frames, at least one. It waits if
	// there are none yet; [io.EOF] says that none will come. What was received earlier is invalid
	// then. A live back end reads the clock once per call.
	Receive(burst []Frame) (int, error)
	// Transmit sends frames in their order, or marks them Refused. It keeps no reference to them.
	Transmit(frames []Outgoing) error
}

// Burst decides about packets, one after another: afterwards actions[i] is what packets[i] asks
// for. Both slices have the same length.
type Burst func(packets []nf.Packet, actions []nf.Action)

// Counters counts packets per device. They are read between steps, or after the loop has ended.
type Counters struct {
	Received [nf.MaxDevices]uint64             // by the device they came from
	Sent     [nf.MaxDevices]uint64             // by the device they left by
	Dropped  [nf.MaxDevices][nf.Reasons]uint64 // by the device they came from
}

// Loop runs one network function on one back end.
type Loop struct {
	Counters Counters

	process Burst
	io      IO
	devices int
	now     nf.Time // time of the latest packet

	frames   [BurstSize]Frame
	packets  [BurstSize]nf.Packet
	actions  [BurstSize]nf.Action
	outgoing []Outgoing
	sources  []nf.Device // the device that outgoing[i] came from
}

// NewLoop returns a loop for devices 0 to env.Devices-1.
func NewLoop(env nf.Env, process Burst, io IO) *Loop {
	room := BurstSize * env.Devices // a burst that is flooded
	return &Loop{
		process: process, io: io, devices: env.Devices,
		outgoing: make([]Outgoing, 0, room), sources: make([]nf.Device, 0, room),
	}
}

// NewEnv returns surroundings with a random hash key. The number of devices is 1 to
// [nf.MaxDevices].
func NewEnv(devices int) (nf.Env, error) {
	if devices < 1 || devices > nf.MaxDevices {
		return nf.Env{}, fmt.Errorf("%d devices: the number must be 1 to %d", devices, nf.MaxDevices)
	}
	env := nf.Env{Devices: devices}
	if err := binary.Read(rand.Reader, binary.NativeEndian, &env.HashKey); err != nil {
		return nf.Env{}, fmt.Errorf("drawing a hash key: %w", err)
	}
	return env, nil
}

// Run steps until the back end has no more frames, the context ends, or the back end fails.
func (l *Loop) Run(ctx context.Context) error {
	for ctx.Err() == nil {
		if err := l.Step(); err != nil {
			if errors.Is(err, io.EOF) {
				return nil
			}
			return err
		}
	}
	return ctx.Err()
}

// Step receives, processes and sends one burst. The error is the back end's; [io.EOF] is the end.
func (l *Loop) Step() error {
	received, err := l.io.Receive(l.frames[:])
	if err != nil {
		return err
	}
	n := l.admit(l.frames[:received])
	l.process(l.packets[:n], l.actions[:n])
	l.outgoing, l.sources = l.outgoing[:0], l.sources[:0]
	for i := range n {
		l.carryOut(&l.packets[i], l.actions[i])
	}
	return l.transmit()
}

// admit makes packets of the frames that the network function may see, and returns their number.
func (l *Loop) admit(frames []Frame) int {
	n := 0
	for i := range frames {
		f := &frames[i]
		if int(f.Device) >= l.devices {
			continue // a back end with more devices than the function was told of
		}
		l.now = max(l.now, f.Time)
		l.Counters.Received[f.Device]++
		if f.Truncated {
			l.Counters.Dropped[f.Device][nf.Truncated]++
			continue
		}
		l.packets[n] = nf.NewPacket(f.Bytes, f.Device, l.now)
		n++
	}
	return n
}

// carryOut queues what an action sends, and counts what it drops.
func (l *Loop) carryOut(p *nf.Packet, action nf.Action) {
	existing := ^nf.Devices(0) >> (nf.MaxDevices - l.devices)
	switch action.Kind {
	case nf.Forwarded:
		if int(action.Device) >= l.devices {
			l.drop(p.Device(), nf.NoSuchDevice)
			return
		}
		l.queue(p, action.Device)
	case nf.ForwardedAll:
		if action.Devices&^existing != 0 {
			l.drop(p.Device(), nf.NoSuchDevice)
		}
		l.queueAll(p, action.Devices&existing)
	case nf.Flooded:
		l.queueAll(p, existing)
	default:
		l.drop(p.Device(), action.Reason)
	}
}

// queueAll queues a copy for every device of the set but the one the packet came from.
func (l *Loop) queueAll(p *nf.Packet, set nf.Devices) {
	for d := range nf.Device(l.devices) {
		if set.Has(d) && d != p.Device() {
			l.queue(p, d)
		}
	}
}

// queue appends to the frames to send; there is room for every packet on every device.
func (l *Loop) queue(p *nf.Packet, to nf.Device) {
	l.outgoing = append(l.outgoing, Outgoing{Bytes: p.Bytes(), Device: to, Time: p.Time()})
	l.sources = append(l.sources, p.Device())
}

// drop counts a dropped packet. A reason that has no name counts as none.
func (l *Loop) drop(from nf.Device, why nf.Reason) {
	if int(why) >= nf.Reasons {
		why = nf.NoReason
	}
	l.Counters.Dropped[from][why]++
}

// transmit sends what is queued.
func (l *Loop) transmit() error {
	if len(l.outgoing) == 0 {
		return nil
	}
	if err := l.io.Transmit(l.outgoing); err != nil {
		return err
	}
	for i := range l.outgoing {
		if l.outgoing[i].Refused {
			l.drop(l.sources[i], nf.TransmitFull)
		} else {
			l.Counters.Sent[l.outgoing[i].Device]++
		}
	}
	return nil
}
