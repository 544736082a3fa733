package verify

import (
	"cmp"
	"fmt"
	"maps"
	"math/big"
	"slices"
	"strings"

	"vigor/internal/diag"
	"vigor/internal/load"
	"vigor/internal/replay"
	"vigor/internal/smt"
)

// zeroValuer is for messages without a counterexample.
func zeroValuer(*smt.Term) *big.Int { return new(big.Int) }

// describePacket writes a frame in one line: its length, what it carries, its bytes if they are
// few.
func describePacket(c *replay.Case) string {
	data := c.Packet.Data
	text := fmt.Sprintf("%d bytes at time %d", len(data), c.Packet.Time)
	if len(data) < 34 || data[12] != 8 || data[13] != 0 || data[14]>>4 != 4 {
		return text + hexBytes(data)
	}
	protocol, start := data[23], 14+4*int(data[14]&15)
	src, dst := dotted(data[26:30]), dotted(data[30:34])
	names := map[byte]string{1: "icmp", 6: "tcp", 17: "udp"}
	name, ok := names[protocol]
	if !ok {
		name = fmt.Sprintf("protocol %d", protocol)
	}
	if (protocol == 6 || protocol == 17) && start+4 <= len(data) {
		src += fmt.Sprintf(":%d", int(data[start])<<8|int(data[start+1]))
		dst += fmt.Sprintf(":%d", int(data[start+2])<<8|int(data[start+3]))
	}
	return fmt.Sprintf("%s, IPv4, %s %s -> %s%s", text, name, src, dst, hexBytes(data))
}

func dotted(b []byte) string { return fmt.Sprintf("%d.%d.%d.%d", b[0], b[1], b[2], b[3]) }

// hexBytes shows the first bytes of a frame.
func hexBytes(data []byte) string {
	if len(data) == 0 {
		return ""
	}
	shown := data[:min(len(data), 64)]
	more := ""
	if len(shown) < len(data) {
		more = " …"
	}
	return fmt.Sprintf(" [%x%s]", shown, more)
}

// describeState adds a note per structure and cell, and one for the configuration.
func (r *run) describeState(d diag.Diagnostic, c *replay.Case) diag.Diagnostic {
	surroundings := fmt.Sprintf("%d devices", c.Env.Devices)
	if text := formatValue(c.Config, r.nf.ConfigType); text != "" {
		surroundings = text + "; " + surroundings
	}
	d = d.With("config", "%s", surroundings)
	for _, o := range r.nf.Objects {
		if object := c.Objects[o.GoName]; object != nil {
			d = d.With("state", "%s: %s", o.GoName, describeEntries(object, o))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(c.Cells)) {
		d = d.With("state", "%s = %s", name, describeCell(c.Cells[name]))
	}
	return d
}

// describeCell writes a field, with the elements of an array in their order.
func describeCell(v replay.Value) string {
	if n, ok := v[""]; ok {
		return string(n)
	}
	paths := slices.SortedFunc(maps.Keys(v), func(a, b string) int {
		return cmp.Or(len(a)-len(b), strings.Compare(a, b)) // [9] before [10]
	})
	var list []string
	for _, path := range paths {
		list = append(list, path+" "+string(v[path]))
	}
	return strings.Join(list, ", ")
}

// shownEntries is the number of entries of a structure that are written.
const shownEntries = 5

// describeRule writes a rule of a Classifier.
func describeRule(v replay.Value) string {
	addresses := func(side string) string {
		return formatIPv4(v[side+"Low"]) + " to " + formatIPv4(v[side+"High"])
	}
	return fmt.Sprintf("from %s ports %s to %s, for %s ports %s to %s, protocol %s = %s", addresses("Src"),
		v["SrcPortLow"], v["SrcPortHigh"], addresses("Dst"), v["DstPortLow"], v["DstPortHigh"], v["Protocol"], v["Value"])
}

// describePoint writes what a structure that never changes gives at one point.
func describePoint(e replay.Entry, kind string) string {
	at := string(e.Key[""])
	if kind == "LPM" {
		at = formatIPv4(e.Key[""])
	}
	return fmt.Sprintf("%s = %s", at, e.Value[""])
}

// describeEntries writes the first entries of a structure on one line.
func describeEntries(o *replay.Object, field load.StateField) string {
	if len(o.Entries) == 0 {
		return "empty"
	}
	var list []string
	for n, e := range o.Entries {
		if n == shownEntries {
			list = append(list, fmt.Sprintf("and %d more", len(o.Entries)-n))
			break
		}
		text := fmt.Sprintf("[%d]", o.First+e.Index)
		switch {
		case field.Kind == "Classifier":
			text += " " + describeRule(e.Value)
		case len(field.Params) == 0 && e.Key != nil:
			text = describePoint(e, field.Kind)
		case e.Key != nil:
			text += " " + formatValue(e.Key, field.Params[0])
		}
		if e.Value != nil && len(field.Params) > 0 {
			text += " = " + formatValue(e.Value, field.Params[len(field.Params)-1])
		}
		if e.Time != 0 {
			text += fmt.Sprintf(" at %d", e.Time)
		}
		if field.Kind == "ClassTable" || field.Kind == "ClassChain" {
			text += fmt.Sprintf(" of timer %d", e.Class)
		}
		list = append(list, text)
	}
	for _, w := range o.Walks {
		list = append(list, describeWalk(w, field))
	}
	return strings.Join(list, "; ")
}

// describeWalk writes the backends that a key meets.
func describeWalk(w replay.Walk, field load.StateField) string {
	var steps []string
	for n, s := range w.Steps {
		if n == shownEntries {
			steps = append(steps, "…")
			break
		}
		steps = append(steps, fmt.Sprintf("%d at step %d", s.Backend, s.Step))
	}
	return formatValue(w.Key, field.Params[0]) + " meets " + strings.Join(steps, ", ")
}
