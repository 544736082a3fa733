package image

import (
	"errors"
	"fmt"
	"slices"
)

// breakpoint is the instruction INT3, which fills what is not live.
const breakpoint = 0xcc

// seal overwrites all code that is not live with breakpoints, and all data that is not kept with zeros.
// Redirected functions get their jump.
func seal(l *linked, w *live) error {
	code := l.segments[0]
	end := roundUp(code.Vaddr+code.Memsz, pageSize)
	sealed := make([]byte, end-code.Vaddr)
	for i := range sealed {
		sealed[i] = breakpoint
	}
	for _, f := range w.functions {
		text := slices.Clone(l.bytes(span{f.Start, f.End}))
		if to := redirected[f.Name]; to != "" {
			text[0] = 0xe9 // JMP with a displacement of 32 bits
			le.PutUint32(text[1:], uint32(l.named[to].start-f.End))
		}
		copy(sealed[f.Start-code.Vaddr:], text)
	}
	clear(sealed[:pageSize]) // the file's header, which is written last
	copy(l.file, sealed)
	blank := make([]byte, l.dataEnd()-end)
	for _, s := range w.data {
		if s.start < end || s.end < s.start {
			return fmt.Errorf("data at %#x lies in the code", s.start)
		}
		s.end = min(s.end, l.dataEnd())
		copy(blank[s.start-end:], l.bytes(s))
	}
	copy(l.file[end-imageBase:], blank)
	l.file = l.file[:l.dataEnd()-imageBase]
	return nil
}

// Places in the first page of the file, and so in memory.
const (
	programHeaders = 0x40
	headerSize     = 56
	multibootAt    = 0xd00
	noteAt         = 0xd40
	freeUntil      = 0xd80
	noteSize       = 12 + 4 + 8
)

// boot writes the headers of both boot protocols, and the ELF header, with nothing else in the first page:
// Multiboot Specification 0.6.96, 3.1; the PVH entry is Xen's note 18.
func boot(l *linked, original []byte) error {
	for _, b := range original[multibootAt:freeUntil] {
		if b != 0 {
			return errors.New("the linker uses the part of the first page where the boot headers go: the version of Go is not one that images are made with")
		}
	}
	entry := uint32(l.named[entryName].start)
	header := l.file[:pageSize]
	copy(header, original[:programHeaders])
	le.PutUint64(header[0x18:], uint64(entry))
	le.PutUint64(header[0x28:], 0) // no section headers
	le.PutUint16(header[0x3c:], 0)
	le.PutUint16(header[0x3e:], 0)
	magic, addressFields := uint32(0x1badb002), uint32(1<<16)
	checksum := -(magic + addressFields)
	for i, v := range []uint32{
		magic, addressFields, checksum, imageBase + multibootAt, imageBase,
		uint32(l.dataEnd()), uint32(l.bssEnd()), entry,
	} {
		le.PutUint32(header[multibootAt+4*i:], v)
	}
	for i, v := range []uint32{4, 8, 18, 'X' | 'e'<<8 | 'n'<<16, entry, 0} {
		le.PutUint32(header[noteAt+4*i:], v)
	}
	return l.writeProgramHeaders(header)
}

// writeProgramHeaders lists the segments, and the note.
func (l *linked) writeProgramHeaders(header []byte) error {
	le.PutUint16(header[0x38:], uint16(len(l.segments)+1))
	at := programHeaders
	put := func(kind, flags uint32, offset, file, memory, align uint64) {
		h := header[at : at+headerSize]
		le.PutUint32(h, kind)
		le.PutUint32(h[4:], flags)
		for i, v := range []uint64{offset, imageBase + offset, imageBase + offset, file, memory, align} {
			le.PutUint64(h[8+8*i:], v)
		}
		at += headerSize
	}
	const load, note = 1, 4
	for _, s := range l.segments {
		put(load, uint32(s.Flags), s.Off, s.Filesz, s.Memsz, pageSize)
	}
	put(note, 4, noteAt, noteSize, noteSize, 4)
	if at > multibootAt {
		return errors.New("the program headers reach into the boot headers")
	}
	return nil
}
