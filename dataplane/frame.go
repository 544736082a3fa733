package dataplane

import "vigor/nf"

// Frame is a frame outside of a batch, as programs and tests put it into a back end and take it out:
// from the Ethernet header on, without FCS, on a device at a time.
type Frame struct {
	Bytes  []byte
	Device nf.Device
	Time   nf.Time
}
