package replay

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
)

// Decode reads the file of a case. The error says what is wrong and, if it is the text, in which
// line.
func Decode(text []byte) (Case, error) {
	var c Case
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	err := d.Decode(&c)
	offset := d.InputOffset()
	if err == nil {
		if _, more := d.Token(); more == io.EOF {
			return c, c.check()
		}
		err = errors.New("there is more than one case")
	}
	if err == io.EOF {
		err = errors.New("the file is empty")
	}
	if syntax, ok := errors.AsType[*json.SyntaxError](err); ok {
		offset = syntax.Offset
	}
	if mismatch, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		offset = mismatch.Offset
		err = fmt.Errorf("%s: %s is not a value of %v", cmp.Or(mismatch.Field, "the case"), mismatch.Value, mismatch.Type)
	}
	line := 1 + bytes.Count(text[:min(offset, int64(len(text)))], []byte("\n"))
	return Case{}, fmt.Errorf("line %d: reading the case: %w", line, err)
}

// check refuses what no NF is ever given.
func (c *Case) check() error {
	p := &c.Packet
	switch {
	case c.Env.Devices < 1 || c.Env.Devices > maxDevices:
		return fmt.Errorf("env.devices is %d: want 1 to %d", c.Env.Devices, maxDevices)
	case int(p.Device) >= c.Env.Devices:
		return fmt.Errorf("packet.device is %d: the devices are 0 to %d", p.Device, c.Env.Devices-1)
	case p.Time < 0:
		return fmt.Errorf("packet.time is %d: a time is not negative", p.Time)
	case len(p.Data) > maxPacket:
		return fmt.Errorf("packet.data has %d bytes: at most %d", len(p.Data), maxPacket)
	}
	objects := []map[string]*Object{c.Objects}
	if c.Expected != nil {
		objects = append(objects, c.Expected.Objects)
	}
	for _, list := range objects {
		for _, name := range slices.Sorted(maps.Keys(list)) {
			if list[name] == nil {
				return fmt.Errorf("the structure %s is null: leave it out, or give its entries", name)
			}
		}
	}
	return nil
}

// Limits of a case: nf.MaxDevices, and the longest frame that a proof is about.
const (
	maxDevices = 64
	maxPacket  = 65535
)

// Encode writes the file of a case. Equal cases give equal bytes.
func Encode(c Case) ([]byte, error) {
	text, err := json.MarshalIndent(c, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("writing the case: %w", err)
	}
	return append(text, '\n'), nil
}
