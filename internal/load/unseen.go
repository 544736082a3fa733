package load

import (
	"go/types"
	"slices"

	"golang.org/x/tools/go/ssa"

	"vigor/internal/diag"
)

// A program runs more of a package than is verified: methods that read a configuration file, or choose a
// shard, and whatever a package variable leads to. None of these may change what verified functions read,
// or go on beside them.

// unseen checks the functions that nobody verifies and that may run all the same.
func (l *loader) unseen(r *reach) {
	read := make(map[*ssa.Global]bool) // by verified functions
	var initial, list []*ssa.Function
	for _, fn := range r.order {
		if r.phases[fn] == initialising {
			initial = append(initial, fn)
			continue
		}
		for g := range globalsIn(fn) {
			read[g] = true
		}
	}
	for _, fn := range initial {
		list = append(list, valuesIn(fn)...)
		c := &checker{l: l, fn: fn, in: initialising}
		c.changesOf(read)
	}
	for _, fn := range l.declared() {
		if r.phases[fn] == 0 {
			list = append(list, fn)
		}
	}
	seen := make(map[*ssa.Function]bool)
	for len(list) > 0 {
		fn := list[0]
		list = list[1:]
		if seen[fn] || !l.entered(fn) || r.phases[fn].has(processing|settingUp) {
			continue
		}
		seen[fn] = true
		list = append(append(list, fn.AnonFuncs...), functionsIn(fn)...)
		c := &checker{l: l, fn: fn}
		c.changesOf(read)
	}
}

// changesOf refuses what may change the variables, and statements that go on beside verified code.
func (c *checker) changesOf(read map[*ssa.Global]bool) {
	for _, block := range c.fn.Blocks {
		for _, i := range block.Instrs {
			if _, ok := i.(*ssa.Go); ok {
				c.reportf(diag.Concurrency, i, "a package of a network function starts nothing",
					"goroutines are not supported, also where nothing is verified")
			}
			for _, operand := range i.Operands(nil) {
				if g, ok := (*operand).(*ssa.Global); ok && read[g] {
					c.globalUse(i, g, g)
				}
			}
		}
	}
}

// globalsIn are the package variables that a function mentions.
func globalsIn(fn *ssa.Function) map[*ssa.Global]bool {
	found := make(map[*ssa.Global]bool)
	for _, block := range fn.Blocks {
		for _, i := range block.Instrs {
			for _, operand := range i.Operands(nil) {
				if g, ok := (*operand).(*ssa.Global); ok {
					found[g] = true
				}
			}
		}
	}
	return found
}

// functionsIn are the functions that a function mentions.
func functionsIn(fn *ssa.Function) []*ssa.Function {
	var list []*ssa.Function
	for _, block := range fn.Blocks {
		for _, i := range block.Instrs {
			for _, operand := range i.Operands(nil) {
				if f, ok := (*operand).(*ssa.Function); ok {
					list = append(list, f)
				}
			}
		}
	}
	return list
}

// valuesIn are the functions that a function makes values of: nobody knows when they are called.
func valuesIn(fn *ssa.Function) []*ssa.Function {
	var list []*ssa.Function
	for _, block := range fn.Blocks {
		for _, i := range block.Instrs {
			call, isCall := i.(ssa.CallInstruction)
			for _, operand := range i.Operands(nil) {
				f, ok := (*operand).(*ssa.Function)
				if ok && !(isCall && operand == &call.Common().Value) {
					list = append(list, f)
				}
			}
		}
	}
	return list
}

// declared are the functions and methods of the source packages, in a fixed order.
func (l *loader) declared() []*ssa.Function {
	var list []*ssa.Function
	for _, path := range slices.Sorted(mapKeys(l.packages)) {
		p := l.packages[path]
		if p.Library {
			continue
		}
		for _, name := range slices.Sorted(mapKeys(p.SSA.Members)) {
			switch m := p.SSA.Members[name].(type) {
			case *ssa.Function:
				list = append(list, m)
			case *ssa.Type:
				list = append(list, l.methods(m)...)
			}
		}
	}
	return list
}

// methods are those declared for a type.
func (l *loader) methods(t *ssa.Type) []*ssa.Function {
	named, ok := types.Unalias(t.Type()).(*types.Named)
	if !ok || named.Obj().Pkg() != t.Package().Pkg { // an alias
		return nil
	}
	var list []*ssa.Function
	for m := range named.Methods() {
		if fn := l.nf.Prog.FuncValue(m); fn != nil {
			list = append(list, fn)
		}
	}
	return list
}
