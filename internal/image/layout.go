package image

import (
	"errors"
	"fmt"

	"golang.org/x/arch/x86/x86asm"
)

// The pages of package boot's machine, counted from the first boundary of a page in it.
const (
	pageSize  = 4096
	largePage = 2 << 20

	topPage     = 0 // page table of level 4
	directories = 1 // level 3
	lowPage     = 2 // level 2, the first GiB
	registers   = 3 // level 2, the fourth GiB, where devices have their registers
	systemPage  = 4 // segments, gates, task state: ring 0 only
	userPage    = 5 // what compiled code finds by FS and R14; the frame of a fault
	firstTable  = 6 // level 1
	machinePage = 16

	machineSize = (machinePage + 1) * pageSize
)

// Bits of an entry of a page table: Intel SDM volume 3, table 4-19 and 4-20.
const (
	present   = 1 << 0
	writable  = 1 << 1
	user      = 1 << 2
	uncached  = 1<<3 | 1<<4 // PWT, PCD
	large     = 1 << 7
	noExecute = 1 << 63
)

// Places in systemPage.
const (
	segments   = 0x000
	gates      = 0x200
	taskState  = 0x400
	segmentsOp = 0x480 // operand of LGDT
)

// Places in userPage.
const (
	goroutine    = 0x000
	threadG      = 0x800 // the word below the base of FS
	frameEnd     = pageSize
	selectors    = 0x30 // segment of the first exception's gate
	exceptions   = 32
	taskSelector = 0x20
)

// Places at the end of machine, which the assembly names.
const (
	gatesOp   = machineSize - 0x20 // operand of LIDT
	stackLow  = machineSize - 0x10
	stackHigh = machineSize - 0x08
)

// reportStack is what the top of the stack keeps for the report of a fault, in bytes.
const reportStack = pageSize

// stackRoom is how far below the guard in g compiled code may use the stack without a check: StackGuard of
// internal/abi, for amd64.
const stackRoom = 928

// layout fills in what the processor reads by itself.
type layout struct {
	l                     *linked
	machine, stack        symbol
	base                  uint64 // of the first page in machine
	stackLow, stackEnd    uint64
	guard                 uint64 // page below the stack, which is not mapped
	entry, fault, program symbol
	report                symbol
	tables                int // page tables of level 1 in use
}

// lay writes page tables, segments, gates and the addresses that the assembly loads.
func lay(l *linked) error {
	t := &layout{l: l}
	for name, s := range map[string]*symbol{
		machineName: &t.machine, stackName: &t.stack, entryName: &t.entry, faultName: &t.fault,
		programName: &t.program, reportName: &t.report,
	} {
		var err error
		if *s, err = l.find(name); err != nil {
			return err
		}
	}
	if t.machine.end-t.machine.start != machineSize || !l.inFile(t.machine.end-1) {
		return fmt.Errorf("%s has %d bytes, want %d", machineName, t.machine.end-t.machine.start, machineSize)
	}
	clear(l.bytes(span{t.machine.start, t.machine.end}))
	t.base = roundUp(t.machine.start, pageSize)
	t.guard = roundUp(t.stack.start, pageSize)
	t.stackLow, t.stackEnd = t.guard+pageSize, t.stack.end&^15
	if err := t.pages(); err != nil {
		return err
	}
	t.system()
	t.compiled()
	return t.addresses()
}

func roundUp(n, to uint64) uint64 { return (n + to - 1) / to * to }

// page is the address of a page in machine.
func (t *layout) page(n int) uint64 { return t.base + uint64(n)*pageSize }

func (t *layout) put64(address, value uint64) {
	le.PutUint64(t.l.bytes(span{address, address + 8}), value)
}

// pages maps each page of the image to its own address, with the rights of its segment, and the fourth
// GiB, uncached. Nothing else is mapped: neither the first page, nor the file's header, nor the page below
// the stack.
func (t *layout) pages() error {
	if t.l.bssEnd() > 1<<30 {
		return fmt.Errorf("the image ends at %#x, the most is %#x: give it a smaller heap", t.l.bssEnd(), 1<<30)
	}
	t.put64(t.page(topPage), t.page(directories)|present|writable|user)
	t.put64(t.page(directories), t.page(lowPage)|present|writable|user)
	t.put64(t.page(directories)+3*8, t.page(registers)|present|writable|user)
	for i := range uint64(512) {
		t.put64(t.page(registers)+i*8, 3<<30+i*largePage|present|writable|user|uncached|large|noExecute)
	}
	for start := uint64(imageBase); start < t.l.bssEnd(); start += largePage {
		entry, err := t.large(start)
		if err != nil {
			return err
		}
		t.put64(t.page(lowPage)+start/largePage*8, entry)
	}
	return nil
}

// large is the entry for 2 MiB: one page if all of it has the same rights, else a table.
func (t *layout) large(start uint64) (uint64, error) {
	first := t.rights(start)
	same := first != 0
	for p := start; p < start+largePage; p += pageSize {
		same = same && t.rights(p) == first
	}
	if same {
		return start | first | large, nil
	}
	n := firstTable + t.tables
	if n >= machinePage {
		return 0, errors.New("the image needs more page tables than there is room for: give it a smaller heap")
	}
	t.tables++
	for i := range uint64(512) {
		p := start + i*pageSize
		if rights := t.rights(p); rights != 0 {
			t.put64(t.page(n)+i*8, p|rights)
		}
	}
	return t.page(n) | present | writable | user, nil
}

// rights are the bits of the page at an address, 0 if it is not mapped.
func (t *layout) rights(p uint64) uint64 {
	s := t.l.segments
	switch {
	case p < imageBase+pageSize || p == t.guard || p >= roundUp(t.l.bssEnd(), pageSize):
		return 0
	case p >= t.page(0) && p < t.page(userPage) || p >= t.page(firstTable) && p < t.page(machinePage):
		return present | writable | noExecute // the processor writes to segments and marks pages
	case p < roundUp(s[0].Vaddr+s[0].Memsz, pageSize):
		return present | user
	case p >= s[1].Vaddr && p < roundUp(s[1].Vaddr+s[1].Memsz, pageSize):
		return present | user | noExecute
	case p >= s[2].Vaddr:
		return present | user | writable | noExecute
	}
	return 0
}

// system writes segments, gates and task state: Intel SDM volume 3, 3.4.5, 6.14.1, 7.2.3 and 7.7.
func (t *layout) system() {
	at := t.page(systemPage)
	const code0, data3, code3 = 0x00209b0000000000, 0x0000f30000000000, 0x0020fb0000000000
	task := at + taskState
	for i, d := range []uint64{
		0, code0, data3, code3,
		103 | task&0xffffff<<16 | 0x89<<40 | task>>24&0xff<<56, task >> 32,
	} {
		t.put64(at+segments+uint64(i)*8, d)
	}
	for i := range uint64(exceptions) {
		t.put64(at+segments+selectors+i*8, code0)
		level := uint64(0)
		if i == 3 { // the instruction INT3 may be run by ring 3
			level = 3
		}
		handler := t.fault.start
		t.put64(at+gates+i*16, handler&0xffff|(selectors+i*8)<<16|1<<32|(0x8e|level<<5)<<40|handler>>16&0xffff<<48)
		t.put64(at+gates+i*16+8, handler>>32)
	}
	frame := t.page(userPage) + frameEnd
	t.put64(task+4, frame)                                          // stack of ring 0
	t.put64(task+0x24, frame)                                       // interrupt stack 1
	le.PutUint16(t.l.bytes(span{task + 0x66, task + 0x68}), 104)    // no map of ports
	t.operand(at+segmentsOp, at+segments, selectors+exceptions*8-1) // LGDT
	t.operand(t.machine.start+gatesOp, at+gates, exceptions*16-1)   // LIDT
	t.put64(t.machine.start+stackLow, t.stackLow)                   //
	t.put64(t.machine.start+stackHigh, t.stackEnd)
}

// operand writes a limit and an address.
func (t *layout) operand(at, address uint64, limit uint16) {
	le.PutUint16(t.l.bytes(span{at, at + 2}), limit)
	t.put64(at+2, address)
}

// compiled writes what compiled code finds in its g, and where it finds that.
func (t *layout) compiled() {
	g := t.page(userPage) + goroutine
	t.put64(g+guardOffset, t.stackLow+stackRoom)
	t.put64(g+guardOffset+8, t.stackLow+stackRoom)
	t.put64(t.page(userPage)+threadG, g)
}

// addresses puts the addresses that the assembly loads in the places of the numbers that stand for them.
func (t *layout) addresses() error {
	after, err := t.afterFarReturn()
	if err != nil {
		return err
	}
	// A call leaves a stack pointer that is 8 below a multiple of 16, as the return address is stored: here,
	// 0, where nothing is mapped.
	const called = 72
	values := []uint64{
		t.page(topPage), t.page(systemPage) + segmentsOp, after, t.page(userPage) + threadG + 8,
		t.page(userPage) + goroutine, t.stackEnd - reportStack - called, t.program.start,
		t.page(userPage) + frameEnd, t.stackEnd - called, t.report.start,
	}
	seen := make([]int, len(values))
	for _, s := range []symbol{t.entry, t.fault} {
		text := t.l.bytes(span{s.start, s.end})
		for i := 0; i+4 <= len(text); i++ {
			n := le.Uint32(text[i:]) - 0x5ea10001
			if n < uint32(len(values)) {
				le.PutUint32(text[i:], uint32(values[n]))
				seen[n]++
				i += 3
			}
		}
	}
	for n, count := range seen {
		if count == 0 {
			return fmt.Errorf("%s and %s do not use address %d", t.entry.name, t.fault.name, n+1)
		}
	}
	return nil
}

// afterFarReturn is the address behind the far return to 64-bit mode.
func (t *layout) afterFarReturn() (uint64, error) {
	text := t.l.bytes(span{t.entry.start, t.entry.end})
	for at := 0; at < len(text); {
		inst, err := x86asm.Decode(text[at:], 64)
		if err != nil {
			break
		}
		at += inst.Len
		if inst.Op == x86asm.LRET {
			return t.entry.start + uint64(at), nil
		}
	}
	return 0, fmt.Errorf("%s has no far return", t.entry.name)
}
