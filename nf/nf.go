// Package nf is what a network function is written against: a packet comes in, an action goes out.
//
// A network function is a type with a constructor and one method:
//
//	func New(env nf.Env, cfg Config) (*NAT, error)
//	func (n *NAT) Process(p *nf.Packet) nf.Action
//
// The run loop calls Process for one packet after another, with a time that never decreases, on
// devices numbered from 0 to Env.Devices-1. Process may rewrite the bytes of the packet; what
// leaves is what stands there when it returns. It allocates nothing, starts nothing, stores nothing
// that comes from the packet's slice, and keeps all state in structures of package libvig. All of
// it is executed symbolically by the verifier.
//
// Start at [Packet] and [Action].
package nf

import "strconv"

// Time is a moment or a duration in nanoseconds. Moments are not negative and count from an
// unspecified origin.
type Time = int64

// Durations, to be multiplied.
const (
	Millisecond Time = 1_000_000
	Second           = 1000 * Millisecond
	Minute           = 60 * Second
	Hour             = 60 * Minute
)

// MaxDevices is the largest number of devices one network function serves.
const MaxDevices = 64

// Device is the number of a network interface, counted from 0.
type Device uint16

// Devices is a set of devices: bit d stands for device d.
type Devices uint64

// Has reports whether d is in the set.
func (s Devices) Has(d Device) bool { return d < MaxDevices && s>>d&1 == 1 }

// With is the set with d added; d is below [MaxDevices].
func (s Devices) With(d Device) Devices { return s | 1<<d }

// String lists the devices: "0, 2", and "none" for the empty set.
func (s Devices) String() string {
	if s == 0 {
		return "none"
	}
	text := ""
	for d := range Device(MaxDevices) {
		if s.Has(d) {
			text += ", " + strconv.Itoa(int(d))
		}
	}
	return text[len(", "):]
}

// Env is what a network function is given by its surroundings.
type Env struct {
	Devices int       // number of devices, 1 to MaxDevices
	HashKey [5]uint64 // random numbers, unknown to whoever sends packets; zeros: what is random is the same in each run
}

// Packet is one received frame.
type Packet struct {
	bytes  []byte
	device Device
	time   Time
}

// NewPacket returns the frame in bytes, received by a device at a time. Nothing beyond the length
// of bytes can be reached through the packet, whatever its capacity.
func NewPacket(bytes []byte, device Device, time Time) Packet {
	return Packet{bytes[:len(bytes):len(bytes)], device, time}
}

// Renew makes p what [NewPacket] returns. It is for run loops, which fill packets in place; a network
// function that calls it on its packet is refused.
func (p *Packet) Renew(bytes []byte, device Device, time Time) {
	p.bytes, p.device, p.time = bytes[:len(bytes):len(bytes)], device, time
}

// Bytes is the frame from its Ethernet header on, without FCS. It is the frame itself, not a copy,
// and must not be kept after Process returns.
func (p *Packet) Bytes() []byte { return p.bytes }

// Device is where the frame was received.
func (p *Packet) Device() Device { return p.device }

// Time is when the frame was received. It is never less than that of the packet before.
func (p *Packet) Time() Time { return p.time }
