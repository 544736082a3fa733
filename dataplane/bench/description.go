package bench

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"vigor/dataplane/config"
	"vigor/nf"
	"vigor/packet"
)

// FileName is the name of the description in a network function's folder.
const FileName = "bench.yaml"

// entriesMark stands in the configuration for the number of entries of the scenario's table.
const entriesMark = "$entries"

// maxBefore is the largest number of packets of a [Prelude]; more would take minutes for each scenario.
const maxBefore = 1 << 24

// Description is what traffic a network function is measured with. It is read from a YAML file, in
// which each field has its name in snake case, and config, the function's own configuration, with
// $entries where the size of its table belongs.
type Description struct {
	// Devices is the number of devices, 1 to nf.MaxDevices.
	Devices int
	// Table is the name, in specs, of the structure that has an entry for each flow; it is checked.
	Table string `config:"optional"`
	// Entries is how large the table can be, and why; without it, as large as memory allows.
	Entries Limit `config:"optional"`
	// Expires is how long a flow without packets is remembered; 0s or nothing if there are none.
	Expires nf.Time `config:"optional"`
	// Sent is the least share of the packets, in percent, that must be sent for a measurement to
	// count.
	Sent int
	// Packet is the first packet of every flow, but for what varies.
	Packet Packet
	// Sequential are the fields that tell flows apart in sequential traffic: the first counts up, the
	// second counts how often it went round, and so on.
	Sequential []Field
	// Random are the fields that are random in random traffic; all together tell flows apart.
	Random []Field
	// Reply says that what the function sends is answered, with addresses and ports exchanged, to the
	// device that sent it, in the traffic reply.
	Reply bool `config:"optional"`
	// ReplyLearns says that a flow that is answered has a second entry, for the other end.
	ReplyLearns bool `config:"optional"`
	// Before are packets sent once, before the flows.
	Before []Prelude `config:"optional"`
}

// File is a description that was read.
type File struct {
	Description

	name   string
	config []byte // the text of the function's configuration, at its place in the file
}

// Limit is the largest table that a function's configuration allows.
type Limit struct {
	Most int    // entries
	Why  string // in words that complete "at most N entries: "
}

// Packet is a UDP or TCP packet.
type Packet struct {
	Device              nf.Device // that receives it
	SourceMAC           packet.MAC
	DestinationMAC      packet.MAC
	Source, Destination packet.IPv4
	Protocol            Protocol
	SourcePort          uint16
	DestinationPort     uint16
}

// Prelude is a number of packets that differ in the fields that vary, which count up.
type Prelude struct {
	Count  int
	Vary   []Field `config:"optional"`
	Packet Packet
	// Dropped says that the function drops all of them, as it does with messages to itself.
	Dropped bool `config:"optional"`
}

// Protocol is packet.UDP or packet.TCP.
type Protocol packet.Protocol

// UnmarshalText reads udp or tcp.
func (p *Protocol) UnmarshalText(text []byte) error {
	switch string(text) {
	case "udp":
		*p = Protocol(packet.UDP)
	case "tcp":
		*p = Protocol(packet.TCP)
	default:
		return fmt.Errorf("there is no protocol %q: there are udp and tcp", text)
	}
	return nil
}

// ReadFile reads a description.
func ReadFile(name string) (*File, error) {
	text, err := os.ReadFile(name)
	if err != nil {
		return nil, fmt.Errorf("reading the description of traffic, of which docs/performance.md has an example: %w", err)
	}
	return Read(name, text)
}

// Read reads a description; name is for messages, which have line and column.
func Read(name string, text []byte) (*File, error) {
	d := &File{name: name}
	var rest []byte
	d.config, rest = cut(text)
	section, err := config.Read(name, rest, &d.Description)
	if err == nil && section != nil {
		err = fmt.Errorf("%s: a description of traffic has no section dataplane", name)
	}
	return d, err
}

// cut takes the section config out of a file. In both parts what is left stands where it stood, so
// that positions in messages are those of the file.
func cut(text []byte) (section, rest []byte) {
	inside := false
	for line := range bytes.Lines(text) {
		end := line[len(bytes.TrimRight(line, "\r\n")):]
		if first := line[0]; !strings.ContainsRune(" \t#\r\n", rune(first)) {
			inside = false
			if after, ok := bytes.CutPrefix(line, []byte("config:")); ok {
				inside = true
				section = append(section, "       "...)
				section = append(section, after...)
				rest = append(rest, end...)
				continue
			}
		}
		if inside {
			section, rest = append(section, line...), append(rest, end...)
		} else {
			section, rest = append(section, end...), append(rest, line...)
		}
	}
	return section, rest
}

// configuration reads the function's configuration for a table of so many entries.
func (d *File) configuration(entries int, into any) error {
	number := fmt.Sprintf("%*d", len(entriesMark), entries) // as wide, for positions in messages
	text := bytes.ReplaceAll(d.config, []byte(entriesMark), []byte(number))
	_, err := config.Read(d.name, text, into)
	return err
}

// Validate refuses what cannot be measured.
func (d *Description) Validate() error {
	switch {
	case d.Devices < 1 || d.Devices > nf.MaxDevices:
		return fmt.Errorf("devices is %d: the number must be 1 to %d", d.Devices, nf.MaxDevices)
	case int(d.Packet.Device) >= d.Devices:
		return fmt.Errorf("packet: device is %d, but devices are numbered 0 to %d", d.Packet.Device, d.Devices-1)
	case d.Expires < 0:
		return fmt.Errorf("expires is %v: a time is not negative; leave it out if no flow is forgotten", time.Duration(d.Expires))
	case d.Sent < 1 || d.Sent > 100:
		return fmt.Errorf("sent is %d: give a percentage from 1 to 100: what drops everything is not measured", d.Sent)
	case d.Entries.Most < 0 || d.Entries.Most > 0 && d.Entries.Why == "":
		return errors.New("entries: most must be positive, and why must say what limits it")
	}
	for _, p := range d.Before {
		if int(p.Packet.Device) >= d.Devices || p.Count < 1 {
			return fmt.Errorf("before: count is %d and device %d: there must be packets, and a device from 0 to %d",
				p.Count, p.Packet.Device, d.Devices-1)
		}
		if p.Count > maxBefore {
			return fmt.Errorf("before: count is %d: at most %d packets are sent before the flows", p.Count, maxBefore)
		}
	}
	return errors.Join(checkFields("sequential", d.Sequential, 16), checkFields("random", d.Random, 32))
}

// checkFields refuses fields that come twice, or together have less than so many bits.
func checkFields(name string, fields []Field, least int) error {
	width := 0
	for i, f := range fields {
		if slices.Contains(fields[:i], f) {
			return fmt.Errorf("%s: %v comes twice", name, f)
		}
		width += f.width()
	}
	if width < least {
		return fmt.Errorf("%s: the fields have %d bits together, too few to tell flows apart: name more of %s",
			name, width, strings.Join(fieldNames[:], ", "))
	}
	return nil
}
