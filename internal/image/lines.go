package image

import (
	"bytes"
	"cmp"
	"debug/gosym"
	"fmt"
	"slices"
	"sort"
	"strconv"
	"strings"
)

// Line is where a stretch of code comes from.
type Line struct {
	Start, End uint64 // addresses
	Function   string
	File       string // as the compiler names it: with an import path in place of folders
	Line       int
}

// Lines are the origins of all live code, by address.
type Lines []Line

// lines asks the linker's table of lines about every live function. Functions that are called and are not
// there are in the list, too, without a file.
func lines(l *linked, functions []*Function, starts map[string][]uint64, stops []string) (Lines, error) {
	s, ok := l.sections[".gopclntab"]
	if !ok {
		return nil, fmt.Errorf("the linked program has no table of lines")
	}
	text := l.sections[".text"]
	table, err := gosym.NewTable(nil, gosym.NewLineTable(l.bytes(span{s.Addr, s.Addr + s.Size}), text.Addr))
	if err != nil {
		return nil, fmt.Errorf("reading the table of lines: %w", err)
	}
	var list Lines
	for _, name := range stops { // where they were; the first byte is what a call meets
		list = append(list, Line{l.named[name].start, l.named[name].start + 1, name, "", 0})
	}
	for _, f := range functions {
		for i, start := range starts[f.Name] {
			end := f.End
			if i+1 < len(starts[f.Name]) {
				end = starts[f.Name][i+1]
			}
			file, line, _ := table.PCToLine(start)
			if n := len(list) - 1; n >= 0 && list[n].Function == f.Name && list[n].File == file && list[n].Line == line {
				list[n].End = end
				continue
			}
			list = append(list, Line{start, end, f.Name, file, line})
		}
	}
	slices.SortFunc(list, func(a, b Line) int { return cmp.Compare(a.Start, b.Start) })
	return list, nil
}

// Find is the origin of the code at an address.
func (l Lines) Find(address uint64) (Line, bool) {
	i := sort.Search(len(l), func(i int) bool { return l[i].End > address })
	if i == len(l) || address < l[i].Start {
		return Line{}, false
	}
	return l[i], true
}

// Text is one line for each stretch: addresses, file, line and function, with tabs between them.
func (l Lines) Text() []byte {
	var text bytes.Buffer
	for _, one := range l {
		fmt.Fprintf(&text, "%x\t%x\t%s\t%d\t%s\n", one.Start, one.End, one.File, one.Line, one.Function)
	}
	return text.Bytes()
}

// ParseLines reads what Text writes.
func ParseLines(text []byte) (Lines, error) {
	var list Lines
	for i, line := range strings.Split(strings.TrimSuffix(string(text), "\n"), "\n") {
		field := strings.Split(line, "\t")
		if len(field) != 5 {
			return nil, fmt.Errorf("line %d: %d fields, want addresses, file, line and function", i+1, len(field))
		}
		start, err1 := strconv.ParseUint(field[0], 16, 64)
		end, err2 := strconv.ParseUint(field[1], 16, 64)
		number, err3 := strconv.Atoi(field[3])
		if err1 != nil || err2 != nil || err3 != nil || end <= start || len(list) > 0 && start < list[len(list)-1].End {
			return nil, fmt.Errorf("line %d: no range of addresses behind the one before, with a line number", i+1)
		}
		list = append(list, Line{start, end, field[4], field[2], number})
	}
	return list, nil
}
