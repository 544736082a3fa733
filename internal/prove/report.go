package prove

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
)

// WriteText prints problems, failures, and a table of types: what was proved of each, and what it cost.
func (r *Report) WriteText(out io.Writer, verbose bool) error {
	for _, p := range r.Problems {
		fmt.Fprintf(out, "%v\n", p)
		if p.Cure != "" {
			fmt.Fprintf(out, "    cure      %s\n", p.Cure)
		}
	}
	for _, f := range r.Functions {
		for _, x := range f.Failed {
			fmt.Fprintf(out, "%v: %s: not proved: %s\n", x.Pos, f.Owner, x.What)
			if len(x.Path) > 0 {
				fmt.Fprintf(out, "    path      %s\n", strings.Join(x.Path, ", "))
			}
			fmt.Fprintf(out, "    solvers   %s\n", x.Answer)
		}
	}
	for _, name := range r.Trusted {
		fmt.Fprintf(out, "trusted, not proved: %s\n", name)
	}
	if verbose {
		for _, name := range r.Unproved {
			fmt.Fprintf(out, "without a contract: %s\n", name)
		}
	}
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	if verbose {
		fmt.Fprintln(w, "outcome\tfunction\tobligations")
		for _, f := range r.Functions {
			fmt.Fprintf(w, "%s\t%s\t%d\n", f.outcome(), f.Owner, f.Obligations)
		}
	} else {
		fmt.Fprintln(w, "outcome\ttype\tproved\tof\tobligations")
		for _, g := range r.groups() {
			fmt.Fprintf(w, "%s\t%s\t%d\t%d\t%d\n", g.outcome(), g.name, g.proved, g.functions, g.obligations)
		}
	}
	return w.Flush()
}

// outcome is proved, or unknown: what is not proved may hold all the same.
func (f *Function) outcome() string {
	if len(f.Failed) > 0 {
		return "unknown"
	}
	return "proved"
}

// group sums up the functions of a type; lemmas and plain functions are one group.
type group struct {
	name                           string
	functions, proved, obligations int
}

func (g group) outcome() string {
	if g.proved < g.functions {
		return "unknown"
	}
	return "proved"
}

// groups are in the order of their first function.
func (r *Report) groups() []group {
	var list []group
	at := map[string]int{}
	for _, f := range r.Functions {
		name := f.Type
		if name == "" {
			name = "(lemmas)"
		}
		i, ok := at[name]
		if !ok {
			i = len(list)
			at[name] = i
			list = append(list, group{name: name})
		}
		list[i].functions++
		list[i].obligations += f.Obligations
		if len(f.Failed) == 0 {
			list[i].proved++
		}
	}
	return list
}
