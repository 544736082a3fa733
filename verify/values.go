package verify

import (
	"encoding/json"
	"fmt"
	"go/types"
	"strconv"
	"strings"
	"time"

	"vigor/internal/load"
	"vigor/internal/replay"
	"vigor/internal/spec/resolve"
)

// formatValue writes a Go value of the NF for people: fields in the order of their declaration,
// named as in specs and configuration files, addresses as addresses, an nf.Time as a duration. What
// the value leaves out is zero and left out here, too.
func formatValue(v replay.Value, t types.Type) string {
	text, _ := formatAt(v, "", t)
	return text
}

// formatAt writes the part of v at a path, and reports whether v has anything there.
func formatAt(v replay.Value, path string, t types.Type) (string, bool) {
	switch u := t.Underlying().(type) {
	case *types.Struct:
		return formatStruct(v, path, u)
	case *types.Array:
		return formatArray(v, path, u, isPacketType(t, "MAC"))
	case *types.Slice:
		return formatList(v, path, u)
	}
	n, ok := v[path]
	switch {
	case ok && isPacketType(t, "IPv4"):
		return formatIPv4(n), true
	case ok && isTime(t):
		return formatTime(n), true
	}
	return string(n), ok
}

func formatStruct(v replay.Value, path string, s *types.Struct) (string, bool) {
	var parts []string
	for f := range s.Fields() {
		text, ok := formatAt(v, joinPath(path, f.Name()), f.Type())
		if !ok {
			continue
		}
		if _, nested := f.Type().Underlying().(*types.Struct); nested {
			text = "(" + text + ")"
		}
		parts = append(parts, resolve.SnakeCase(f.Name())+"="+text)
	}
	return strings.Join(parts, " "), len(parts) > 0
}

// formatArray writes the elements; those of a MAC address with colons.
func formatArray(v replay.Value, path string, a *types.Array, mac bool) (string, bool) {
	var parts []string
	some := false
	for i := range a.Len() {
		text, ok := formatAt(v, fmt.Sprintf("%s[%d]", path, i), a.Elem())
		some = some || ok
		if n, err := strconv.ParseUint(text, 10, 8); mac && (err == nil || !ok) {
			text = fmt.Sprintf("%02x", n)
		} else if !ok {
			text = "0"
		}
		parts = append(parts, text)
	}
	if mac {
		return strings.Join(parts, ":"), some
	}
	return "[" + strings.Join(parts, " ") + "]", some
}

// formatList writes the first elements of a list; one that is nil has no length.
func formatList(v replay.Value, path string, s *types.Slice) (string, bool) {
	n, err := v["len("+path+")"].Int64()
	if err != nil {
		return "", false
	}
	var parts []string
	for i := range min(n, shownEntries) {
		text, ok := formatAt(v, fmt.Sprintf("%s[%d]", path, i), s.Elem())
		if !ok {
			text = "0"
		}
		parts = append(parts, text)
	}
	if n > shownEntries {
		parts = append(parts, fmt.Sprintf("and %d more", n-shownEntries))
	}
	return "[" + strings.Join(parts, "; ") + "]", true
}

func formatIPv4(n json.Number) string {
	a, err := strconv.ParseUint(string(n), 10, 32)
	if err != nil {
		return string(n)
	}
	return fmt.Sprintf("%d.%d.%d.%d", byte(a>>24), byte(a>>16), byte(a>>8), byte(a))
}

func formatTime(n json.Number) string {
	v, err := n.Int64()
	if err != nil {
		return string(n)
	}
	return time.Duration(v).String()
}

// isTime reports whether t was written as nf.Time, which is another name of int64.
func isTime(t types.Type) bool {
	alias, ok := t.(*types.Alias)
	return ok && alias.Obj().Name() == "Time" && alias.Obj().Pkg().Path() == load.RuntimePath
}

func joinPath(path, field string) string {
	if path == "" {
		return field
	}
	return path + "." + field
}

// isPacketType reports whether t is a type of package packet.
func isPacketType(t types.Type, name string) bool {
	named, ok := types.Unalias(t).(*types.Named)
	if !ok {
		return false
	}
	obj := named.Obj()
	return obj.Name() == name && obj.Pkg() != nil && obj.Pkg().Path() == load.PacketPath
}
