package image

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"text/tabwriter"
)

// Report lists what is in an image: every function with its size, what is trusted
// among them whatever is proved, and sums.
func (m *Image) Report() []byte {
	var text bytes.Buffer
	w := tabwriter.NewWriter(&text, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprint(w, "address\tinstructions\tbytes\t \t\n")
	var all, trusted sum
	packages := map[string]*sum{}
	mnemonics := map[string]int{}
	for _, f := range m.Functions {
		mark := ""
		if f.Trusted {
			mark = "trusted"
			trusted.add(f)
		}
		all.add(f)
		pkg := packageOf(f.Name)
		if packages[pkg] == nil {
			packages[pkg] = &sum{}
		}
		packages[pkg].add(f)
		for name, n := range f.mnemonics {
			mnemonics[name] += n
		}
		fmt.Fprintf(w, "%x\t%d\t%d\t%s\t  %s\n", f.Start, f.Instructions, f.End-f.Start, mark, f.Name)
	}
	w.Flush()
	fmt.Fprintf(&text, "live      %v\n", all)
	fmt.Fprintf(&text, "trusted   %v, in assembly or of the standard library\n", trusted)
	for _, name := range slices.Sorted(maps.Keys(packages)) {
		fmt.Fprintf(&text, "package   %s: %v\n", name, *packages[name])
	}
	var kept uint64
	for _, d := range m.Data {
		kept += d.End - d.Start
	}
	fmt.Fprintf(&text, "data      %d bytes kept, in %d ranges\n", kept, len(m.Data))
	fmt.Fprintf(&text, "memory    %d KiB from %#x on; the file has %d bytes\n", (m.Memory+1023)/1024, Base, len(m.Bytes))
	fmt.Fprintf(&text, "mnemonics %d:", len(mnemonics))
	for _, name := range slices.Sorted(maps.Keys(mnemonics)) {
		fmt.Fprintf(&text, " %s %d", name, mnemonics[name])
	}
	fmt.Fprintf(&text, "\nstops     %d functions that are called and are not there:", len(m.Stops))
	for _, name := range m.Stops {
		fmt.Fprintf(&text, " %s", name)
	}
	text.WriteByte('\n')
	return text.Bytes()
}

// sum counts functions.
type sum struct {
	functions, instructions int
	bytes                   uint64
}

func (s *sum) add(f *Function) {
	s.functions++
	s.instructions += f.Instructions
	s.bytes += f.End - f.Start
}

func (s sum) String() string {
	return fmt.Sprintf("%d functions, %d instructions, %d bytes", s.functions, s.instructions, s.bytes)
}
