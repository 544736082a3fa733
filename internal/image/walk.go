package image

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"golang.org/x/arch/x86/x86asm"
)

// Function is a live function, or the beginning of one that jumps elsewhere.
type Function struct {
	Name         string
	Start, End   uint64 // addresses
	Instructions int
	Trusted      bool // written in assembly, or of the standard library
	mnemonics    map[string]int
}

// live is what can be reached from the entry.
type live struct {
	l         *linked
	own       map[string]bool // packages of the program
	functions map[string]*Function
	from      map[string]string   // who needs a function or data first
	stops     map[string]bool     // stopped functions that are called
	data      map[uint64]span     // kept data, by its start
	starts    map[string][]uint64 // addresses of instructions, by function
	work      []symbol
}

// walk follows calls, jumps and addresses of functions from the entry.
func walk(l *linked, own map[string]bool) (*live, error) {
	w := &live{
		l: l, own: own, functions: map[string]*Function{}, from: map[string]string{}, stops: map[string]bool{},
		data: map[uint64]span{}, starts: map[string][]uint64{},
	}
	for _, name := range []string{entryName, faultName, programName, reportName} {
		s, err := l.find(name)
		if err != nil {
			return nil, err
		}
		if err := w.need(s, "the boot loader or the processor"); err != nil {
			return nil, err
		}
	}
	for len(w.work) > 0 {
		s := w.work[len(w.work)-1]
		w.work = w.work[:len(w.work)-1]
		if err := w.function(s); err != nil {
			return nil, err
		}
	}
	return w, w.keepOwn()
}

// need makes a function live, unless it is stopped; the error says how it is reached if it may not be.
func (w *live) need(s symbol, from string) error {
	if isStopped(s.name) {
		w.stops[s.name] = true
		return nil
	}
	if w.functions[s.name] != nil {
		return nil
	}
	if _, ok := w.from[s.name]; !ok {
		w.from[s.name] = from
	}
	if pkg := packageOf(s.name); !w.own[pkg] && !allowedPackages[pkg] && !allowed[s.name] && redirected[s.name] == "" {
		return fmt.Errorf("%s cannot be part of an image; it is needed by%s", s.name, w.chain(s.name))
	}
	w.functions[s.name] = &Function{Name: s.name, Start: s.start, End: s.end, mnemonics: map[string]int{}}
	w.work = append(w.work, s)
	return nil
}

// chain lists who needs a function, and who needs that, up to the entry.
func (w *live) chain(name string) string {
	var text strings.Builder
	for name = w.from[name]; name != ""; name = w.from[name] {
		text.WriteString("\n    " + name)
	}
	return text.String()
}

// jumpSize is the length in bytes of a jump with a displacement of 32 bits.
const jumpSize = 5

// function decodes a live function.
func (w *live) function(s symbol) error {
	f := w.functions[s.name]
	if target := redirected[s.name]; target != "" {
		to, err := w.l.find(target)
		if err != nil {
			return err
		}
		f.End, f.Instructions, f.Trusted = s.start+jumpSize, 1, true
		w.starts[s.name] = []uint64{s.start}
		f.mnemonics["JMP"] = 1
		return w.need(to, s.name)
	}
	f.Trusted = !w.own[packageOf(s.name)] || w.isAssembly(s)
	text := w.l.bytes(span{s.start, s.end})
	for at := 0; at < len(text); {
		inst, err := x86asm.Decode(text[at:], 64)
		if err == nil && inst.Op == 0 {
			err = errors.New("a prefix alone")
		}
		if err != nil {
			return fmt.Errorf("decoding %s at %#x: %w: %x", s.name, s.start+uint64(at), err, text[at:min(len(text), at+15)])
		}
		next := s.start + uint64(at+inst.Len)
		if err := w.instruction(f, inst, next); err != nil {
			return fmt.Errorf("%s at %#x: %w", s.name, s.start+uint64(at), err)
		}
		f.Instructions++
		w.starts[s.name] = append(w.starts[s.name], s.start+uint64(at))
		f.mnemonics[inst.Op.String()]++
		at += inst.Len
	}
	return nil
}

// isAssembly reports whether a function of the program is written in assembly. The names of such functions
// have the same ending as the compiler's wrappers, by which assembly calls Go; but a wrapper calls the
// function that has the name without the ending.
func (w *live) isAssembly(s symbol) bool {
	name, ok := strings.CutSuffix(s.name, ".abi0")
	if !ok {
		return false
	}
	text := w.l.bytes(span{s.start, s.end})
	inner, wrapped := w.l.named[name]
	for at := 0; wrapped && at < len(text); {
		inst, err := x86asm.Decode(text[at:], 64)
		if err != nil {
			return true
		}
		at += inst.Len
		if rel, ok := inst.Args[0].(x86asm.Rel); ok && inst.Op == x86asm.CALL && s.start+uint64(at)+uint64(int64(rel)) == inner.start {
			return false
		}
	}
	return true
}

// instruction follows what an instruction refers to.
func (w *live) instruction(f *Function, inst x86asm.Inst, next uint64) error {
	if p := uint8(inst.Prefix[0]); p == 0xc4 || p == 0xc5 || p == 0x62 {
		return fmt.Errorf("%v: vector extensions are off in an image", inst)
	}
	if packageOf(f.Name) != bootPackage {
		if privileged[inst.Op] {
			return fmt.Errorf("the instruction %v is for package boot only", inst.Op)
		}
		for _, a := range inst.Args {
			if r, ok := a.(x86asm.Reg); ok && r >= x86asm.CR0 && r <= x86asm.DR15 {
				return fmt.Errorf("the register %v is for package boot only", r)
			}
		}
	}
	for _, a := range inst.Args {
		switch a := a.(type) {
		case x86asm.Rel:
			if err := w.refer(f.Name, next+uint64(int64(a))); err != nil {
				return err
			}
		case x86asm.Mem:
			if a.Base == x86asm.RIP {
				if err := w.refer(f.Name, next+uint64(a.Disp)); err != nil {
					return err
				}
			} else if a.Base == 0 && uint64(a.Disp) >= imageBase && uint64(a.Disp) < w.l.bssEnd() {
				return fmt.Errorf("%v refers to an absolute address", inst)
			} else if a.Base == 0 && a.Segment != x86asm.FS && inst.Op != x86asm.LEA && inst.Op != x86asm.NOP {
				return fmt.Errorf("%v accesses an absolute address", inst)
			}
		}
	}
	return nil
}

// refer follows one address.
func (w *live) refer(from string, address uint64) error {
	s, ok := w.l.at(address)
	if ok && s.text {
		return w.need(s, from)
	}
	if w.l.inText(address) {
		return fmt.Errorf("it refers to %#x, where there is no function", address)
	}
	return w.keep(from, address)
}

// keep marks data as needed, and follows the addresses in it.
func (w *live) keep(from string, address uint64) error {
	if !w.l.inFile(address) {
		if address >= w.l.dataEnd() && address < w.l.bssEnd() {
			return nil // zero at first
		}
		return fmt.Errorf("it refers to %#x, which is not part of the program", address)
	}
	s, ok := w.l.at(address)
	if !ok {
		return w.keepUnnamed(address)
	}
	if _, done := w.data[s.start]; done {
		return nil
	}
	w.data[s.start] = span{s.start, s.end}
	if _, ok := w.from[s.name]; !ok {
		w.from[s.name] = from
	}
	if s.name == machineName { // its words are overwritten
		return nil
	}
	if strings.HasPrefix(s.name, "go:itab.") && strings.HasSuffix(s.name, ",error") {
		return nil // nothing in an image asks an error for its text by its interface
	}
	return w.follow(s.name, span{s.start, s.end})
}

// follow keeps what words of data refer to. Functions are followed if they are the program's own: others
// stay sealed, and a call of one stops the machine. So do methods that a dictionary of a generic function
// has by way of an interface, but not the functions and further dictionaries that it names itself.
func (w *live) follow(name string, s span) error {
	s.end = min(s.end, w.l.dataEnd())
	dictionary := isDictionary(name)
	for at := (s.start + 7) &^ 7; at+8 <= s.end; at += 8 {
		word := le.Uint64(w.l.bytes(span{at, at + 8}))
		target, named := w.l.at(word)
		var err error
		switch {
		case named && target.text && target.start == word && w.own[packageOf(target.name)]:
			err = w.need(target, name)
		case !w.l.inFile(word):
		case dictionary && named && !isDictionary(target.name):
			w.data[target.start] = span{target.start, target.end}
		default:
			err = w.keep(name, word)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func isDictionary(name string) bool { return strings.Contains(name, "..dict.") }

// typeSize is what is kept of the description of a type, in bytes. The allowed functions read the first
// word, its size.
const typeSize = 48

// keepUnnamed keeps data that no symbol covers: part of a type, the variable of a function, all strings, or
// all of what lies between two symbols, such as constants.
func (w *live) keepUnnamed(address uint64) error {
	markers := w.l.markers
	types, strs, functions, bits := markers["runtime.types"], markers["go:string.*"], markers["go:funcdesc"], markers["runtime.gcbits.*"]
	switch {
	case types == 0 || types >= strs || strs >= functions || functions >= bits:
		return fmt.Errorf("read-only data is not in the order that the linker of Go 1.26 gives it: %#x", []uint64{types, strs, functions, bits})
	case address >= types && address < strs:
		w.data[address] = span{address, min(address+typeSize, strs)}
		return nil
	case address >= strs && address < functions:
		w.data[strs] = span{strs, functions}
		return nil
	case address >= functions && address < bits:
		w.data[address] = span{address, address + 8}
		return w.follow("a function's variable", span{address, address + 8})
	}
	g, err := w.l.gap(address)
	if err != nil {
		return err
	}
	if address >= bits {
		g.start = max(g.start, bits)
	}
	if _, done := w.data[g.start]; done {
		return nil
	}
	w.data[g.start] = g
	return w.follow("constants", g)
}

// keepOwn keeps all data of the program's packages, and of packages that are allowed.
func (w *live) keepOwn() error {
	for _, s := range w.l.symbols {
		pkg := packageOf(s.name)
		if s.text || !w.l.inFile(s.start) || !w.own[pkg] && !allowedPackages[pkg] {
			continue
		}
		if _, done := w.data[s.start]; done {
			continue
		}
		w.data[s.start] = span{s.start, s.end}
	}
	return nil
}

// sorted are the live functions by address.
func (w *live) sorted() []*Function {
	list := make([]*Function, 0, len(w.functions))
	for _, f := range w.functions {
		list = append(list, f)
	}
	slices.SortFunc(list, func(a, b *Function) int { return cmp.Compare(a.Start, b.Start) })
	return list
}

// stopList are the stopped functions that are called, sorted.
func (w *live) stopList() []string { return slices.Sorted(maps.Keys(w.stops)) }

// ranges are the kept data, by address, without what overlaps.
func (w *live) ranges() []Range {
	var list []Range
	for _, start := range slices.Sorted(maps.Keys(w.data)) {
		s := w.data[start]
		s.end = min(s.end, w.l.dataEnd())
		if n := len(list) - 1; n >= 0 && s.start <= list[n].End {
			list[n].End = max(list[n].End, s.end)
			continue
		}
		list = append(list, Range{s.start, s.end})
	}
	return list
}
