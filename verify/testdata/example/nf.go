// Package example sends every packet by device 0. It is the NF around the examples of the diagnostics' codes.
package example

import (
	"errors"

	"vigor/libvig"
	"vigor/nf"
	"vigor/packet"
)

// Config is what the examples may refer to.
type Config struct {
	ExternalIP  packet.IPv4
	FlowTimeout nf.Time
	StartPort   uint16
	Wan         nf.Device
}

// Validate accepts every sensible configuration.
func (c Config) Validate() error {
	if c.FlowTimeout < 0 {
		return errors.New("the flow timeout is negative")
	}
	return nil
}

// Flow is a key.
type Flow struct {
	Src, Dst         packet.IPv4
	SrcPort, DstPort uint16
	Protocol         uint16
	Device           nf.Device
}

// NF has one table.
type NF struct {
	cfg   Config
	flows *libvig.Table[Flow, nf.Device] `spec:"flows"`
}

// New returns the NF with an empty table.
func New(env nf.Env, cfg Config) (*NF, error) {
	if int(cfg.Wan) >= env.Devices {
		return nil, errors.New("there is no such device")
	}
	return &NF{cfg: cfg, flows: libvig.NewTable[Flow, nf.Device](1024, env.HashKey)}, nil
}

// Process sends the packet by device 0.
func (n *NF) Process(p *nf.Packet) nf.Action {
	return nf.Forward(0)
}
