//go:build !linux

package backend

import "vigor/dataplane/afpacket"

// openAFPacket has packet sockets say that there are none.
func (o *opening) openAFPacket() (driver, error) { return afpacket.Open(o.names, afpacket.Config{}) }
