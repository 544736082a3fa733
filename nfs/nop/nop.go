// Package nop is a wire: what comes in by one of two devices leaves by the other, unchanged. It is
// the smallest network function, and the baseline that others are measured against.
package nop

import (
	"errors"
	"fmt"

	"vigor/nf"
)

// Config says which devices the wire connects.
type Config struct {
	Left  nf.Device // below the number of devices
	Right nf.Device // below the number of devices, another than Left
}

// Validate refuses a wire from a device to itself.
func (c Config) Validate() error {
	if c.Left == c.Right {
		return errors.New("left and right are the same device: a wire needs two")
	}
	return nil
}

// Shard is the configuration of a shard: a wire has no state, so all are alike.
func (c Config) Shard(k, n int) (Config, error) { return c, nil }

// Steering spreads flows.
func (c Config) Steering(nf.Device) nf.Steering { return nf.Steering{By: nf.ByFlow} }

// Wire connects two devices. It has no state.
type Wire struct {
	cfg Config
}

// New returns a wire; an error if the configuration is not valid or names a device that is not
// there.
func New(env nf.Env, cfg Config) (*Wire, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	if int(cfg.Left) >= env.Devices || int(cfg.Right) >= env.Devices {
		return nil, fmt.Errorf("left is %d and right is %d, but devices are numbered 0 to %d",
			cfg.Left, cfg.Right, env.Devices-1)
	}
	return &Wire{cfg}, nil
}

// Process sends the frame by the other device.
func (w *Wire) Process(p *nf.Packet) nf.Action {
	switch p.Device() {
	case w.cfg.Left:
		return nf.Forward(w.cfg.Right)
	case w.cfg.Right:
		return nf.Forward(w.cfg.Left)
	}
	return nf.Drop(nf.Unconnected)
}
