package replay

import (
	"fmt"
	"maps"
	"slices"
)

// Differences says, one line each, where a result is not the one wanted; none if it is. What want
// leaves out is not compared: a part of the result, a structure, an integer of a key. The entries
// of a structure that want has are compared one by one, and must be all there are.
func Differences(want, got *Result) []string {
	if want.Status != got.Status {
		line := fmt.Sprintf("the case ends as %s, want %s", got.Status, want.Status)
		if got.Message != "" {
			line += ": " + got.Message
		}
		return []string{line}
	}
	var lines []string
	if want.Action != nil && got.Action != nil && *want.Action != *got.Action {
		lines = append(lines, fmt.Sprintf("the action is %v, want %v", got.Action, want.Action))
	}
	if want.Data != nil {
		lines = append(lines, compareData(want.Data, got.Data)...)
	}
	for _, name := range slices.Sorted(maps.Keys(want.Objects)) {
		o, ok := got.Objects[name]
		if !ok {
			lines = append(lines, fmt.Sprintf("there is no structure %s", name))
			continue
		}
		lines = append(lines, compareObject(name, want.Objects[name], o)...)
	}
	for _, name := range slices.Sorted(maps.Keys(want.Cells)) {
		lines = append(lines, compareValue(name, want.Cells[name], got.Cells[name])...)
	}
	return lines
}

// String is the action in words.
func (a *Action) String() string {
	switch {
	case a.Reason != "":
		return a.Kind + " (" + a.Reason + ")"
	case a.Kind == "forwarded":
		return fmt.Sprintf("%s to device %d", a.Kind, a.Device)
	case a.Devices != 0:
		return fmt.Sprintf("%s to devices %b", a.Kind, a.Devices)
	}
	return a.Kind
}

// compareData compares two frames.
func compareData(want, got Hex) []string {
	if len(want) != len(got) {
		return []string{fmt.Sprintf("the frame has %d bytes, want %d", len(got), len(want))}
	}
	var lines []string
	for i := range want {
		if want[i] != got[i] {
			lines = append(lines, fmt.Sprintf("byte %d is %#02x, want %#02x", i, got[i], want[i]))
		}
	}
	return lines
}

// compareObject compares two states of a structure.
func compareObject(name string, want, got *Object) []string {
	if want.Cap != 0 && want.Cap != got.Cap {
		return []string{fmt.Sprintf("%s has capacity %d, want %d", name, got.Cap, want.Cap)}
	}
	if want.First != got.First {
		return []string{fmt.Sprintf("%s begins at %d, want %d", name, got.First, want.First)}
	}
	wanted, found := byIndex(want.Entries), byIndex(got.Entries)
	var lines []string
	for _, i := range slices.Sorted(maps.Keys(wanted)) {
		w, at := wanted[i], fmt.Sprintf("%s[%d]", name, i)
		g, ok := found[i]
		if !ok {
			lines = append(lines, at+" is free, want an entry")
			continue
		}
		lines = append(lines, compareValue(at+".key", w.Key, g.Key)...)
		lines = append(lines, compareValue(at+".value", w.Value, g.Value)...)
		if w.Time != g.Time {
			lines = append(lines, fmt.Sprintf("%s.time is %d, want %d", at, g.Time, w.Time))
		}
		if w.Class != g.Class {
			lines = append(lines, fmt.Sprintf("%s.class is %d, want %d", at, g.Class, w.Class))
		}
	}
	for _, i := range slices.Sorted(maps.Keys(found)) {
		if _, ok := wanted[i]; !ok {
			lines = append(lines, fmt.Sprintf("%s[%d] has an entry, want none", name, i))
		}
	}
	return lines
}

// byIndex indexes entries.
func byIndex(entries []Entry) map[int]Entry {
	m := make(map[int]Entry, len(entries))
	for _, e := range entries {
		m[e.Index] = e
	}
	return m
}

// compareValue compares the integers that want has.
func compareValue(name string, want, got Value) []string {
	var lines []string
	for _, path := range slices.Sorted(maps.Keys(want)) {
		at := name
		if path != "" && path[0] != '[' {
			at += "."
		}
		if n, ok := got[path]; !ok {
			lines = append(lines, fmt.Sprintf("there is no %s%s", at, path))
		} else if n != want[path] {
			lines = append(lines, fmt.Sprintf("%s%s is %s, want %s", at, path, n, want[path]))
		}
	}
	return lines
}
