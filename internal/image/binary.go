package image

import (
	"bytes"
	"debug/elf"
	"encoding/binary"
	"fmt"
	"slices"
	"sort"
	"strings"
)

// le is the byte order of the machine.
var le = binary.LittleEndian

// symbol is a named range of addresses.
type symbol struct {
	name       string
	start, end uint64
	text       bool // a function
}

// binary is a linked program: its bytes as they are in the file, and what is where.
type linked struct {
	file     []byte
	header   elf.FileHeader
	segments []elf.ProgHeader // those that are loaded, by address
	sections map[string]elf.SectionHeader
	symbols  []symbol // those with a size, by address
	named    map[string]symbol
	markers  map[string]uint64 // those without a size
}

// read takes a program apart, and refuses one that is not laid out as patches in place need it.
func read(file []byte) (*linked, error) {
	f, err := elf.NewFile(bytes.NewReader(file))
	if err != nil {
		return nil, fmt.Errorf("reading the linked program: %w", err)
	}
	defer f.Close()
	if f.Class != elf.ELFCLASS64 || f.Machine != elf.EM_X86_64 || f.Type != elf.ET_EXEC {
		return nil, fmt.Errorf("reading the linked program: it is %v, %v, %v, not a fixed program for x86-64", f.Class, f.Machine, f.Type)
	}
	l := &linked{
		file: slices.Clone(file), header: f.FileHeader,
		sections: map[string]elf.SectionHeader{}, named: map[string]symbol{}, markers: map[string]uint64{},
	}
	for _, s := range f.Sections {
		l.sections[s.Name] = s.SectionHeader
	}
	for _, p := range f.Progs {
		if p.Type == elf.PT_LOAD {
			l.segments = append(l.segments, p.ProgHeader)
		}
	}
	if err := l.checkSegments(); err != nil {
		return nil, err
	}
	return l, l.readSymbols(f)
}

// imageBase is the address at which Go's linker has a program begin, with its file's first byte.
const imageBase = 0x400000

// maxFile is the largest part of the image that comes from the file, in bytes: it begins at 4 MiB, and
// page tables of the first pages are laid out for as much.
const maxFile = 16 << 20

// checkSegments refuses what is not one stretch of memory in the order of the file: text, read-only data,
// data.
func (l *linked) checkSegments() error {
	want := []elf.ProgFlag{elf.PF_R | elf.PF_X, elf.PF_R, elf.PF_R | elf.PF_W}
	if len(l.segments) != len(want) {
		return fmt.Errorf("the linked program has %d segments, want text, read-only data and data", len(l.segments))
	}
	end := uint64(imageBase)
	for i, s := range l.segments {
		switch {
		case s.Flags != want[i]:
			return fmt.Errorf("segment %d of the linked program is %v, want %v", i, s.Flags, want[i])
		case s.Vaddr-s.Off != imageBase || s.Vaddr != s.Paddr:
			return fmt.Errorf("segment %d of the linked program is at %#x for offset %#x of the file, want %#x more", i, s.Vaddr, s.Off, imageBase)
		case s.Vaddr%pageSize != 0 || s.Vaddr < end:
			return fmt.Errorf("segment %d of the linked program begins at %#x, in the page of another", i, s.Vaddr)
		case i < 2 && s.Filesz != s.Memsz:
			return fmt.Errorf("segment %d of the linked program is longer in memory than in the file", i)
		}
		end = s.Vaddr + s.Memsz
	}
	if size := l.dataEnd() - imageBase; size > maxFile {
		return fmt.Errorf("the linked program has %d bytes, the most are %d", size, maxFile)
	}
	return nil
}

// dataEnd is the address behind what comes from the file; bssEnd, behind what is zero at first.
func (l *linked) dataEnd() uint64 { s := l.segments[2]; return s.Vaddr + s.Filesz }
func (l *linked) bssEnd() uint64  { s := l.segments[2]; return s.Vaddr + s.Memsz }

func (l *linked) readSymbols(f *elf.File) error {
	all, err := f.Symbols()
	if err != nil {
		return fmt.Errorf("reading the symbols of the linked program: %w", err)
	}
	text := l.sections[".text"]
	for _, s := range all {
		if s.Value < imageBase || s.Section == elf.SHN_UNDEF || elf.ST_TYPE(s.Info) == elf.STT_TLS {
			continue
		}
		if s.Size == 0 || strings.HasSuffix(s.Name, ".*") {
			l.markers[s.Name] = s.Value
			continue
		}
		inText := s.Value >= text.Addr && s.Value < text.Addr+text.Size
		if inText && elf.ST_TYPE(s.Info) != elf.STT_FUNC {
			l.markers[s.Name] = s.Value
			continue
		}
		y := symbol{s.Name, s.Value, s.Value + s.Size, inText}
		l.symbols = append(l.symbols, y)
		l.named[s.Name] = y
	}
	sort.Slice(l.symbols, func(i, j int) bool { return l.symbols[i].start < l.symbols[j].start })
	for i := 1; i < len(l.symbols); i++ {
		if a, b := l.symbols[i-1], l.symbols[i]; a.end > b.start && (a.text || b.text) {
			return fmt.Errorf("the functions %s and %s of the linked program overlap", a.name, b.name)
		}
	}
	return nil
}

// at is the symbol that covers an address.
func (l *linked) at(address uint64) (symbol, bool) {
	i := sort.Search(len(l.symbols), func(i int) bool { return l.symbols[i].start > address }) - 1
	if i < 0 || address >= l.symbols[i].end {
		return symbol{}, false
	}
	return l.symbols[i], true
}

// gap is the range between the symbols before and after an address that no symbol covers, within its
// section.
func (l *linked) gap(address uint64) (span, error) {
	for _, s := range l.sections {
		if s.Flags&elf.SHF_ALLOC == 0 || address < s.Addr || address >= s.Addr+s.Size {
			continue
		}
		g := span{s.Addr, s.Addr + s.Size}
		i := sort.Search(len(l.symbols), func(i int) bool { return l.symbols[i].start > address })
		if i > 0 {
			g.start = max(g.start, l.symbols[i-1].end)
		}
		if i < len(l.symbols) {
			g.end = min(g.end, l.symbols[i].start)
		}
		return g, nil
	}
	return span{}, fmt.Errorf("the address %#x is in no section of the linked program", address)
}

// span is a range of addresses.
type span struct{ start, end uint64 }

// bytes are those of a range of the file, by address.
func (l *linked) bytes(s span) []byte { return l.file[s.start-imageBase : s.end-imageBase] }

// inFile reports whether an address is one of data that comes from the file.
func (l *linked) inFile(address uint64) bool {
	return address >= l.segments[1].Vaddr && address < l.dataEnd()
}

// inText reports whether an address is in the segment of code.
func (l *linked) inText(address uint64) bool {
	s := l.segments[0]
	return address >= s.Vaddr && address < s.Vaddr+s.Memsz
}

// find is a symbol that must be there.
func (l *linked) find(name string) (symbol, error) {
	s, ok := l.named[name]
	if !ok {
		return s, fmt.Errorf("the linked program has no %s: the version of Go is not one that images are made with", name)
	}
	return s, nil
}
