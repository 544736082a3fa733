package load

import (
	"cmp"
	"go/types"
	"slices"
	"strings"

	"golang.org/x/tools/go/ssa"

	"vigor/internal/diag"
)

// phase says when a function may run; a function may have several phases.
type phase int

const (
	processing   phase = 1 << iota // while a packet is processed, in Hint, or in Valid
	settingUp                      // in New and Validate
	initialising                   // before main
)

// has reports whether p contains q.
func (p phase) has(q phase) bool { return p&q != 0 }

// reach finds the functions that may run, in a fixed order, and circles among them.
type reach struct {
	l      *loader
	phases map[*ssa.Function]phase
	order  []*ssa.Function
	stack  []*ssa.Function
}

func newReach(l *loader) *reach {
	return &reach{l: l, phases: make(map[*ssa.Function]phase)}
}

// from adds everything that fn may call in the given phase.
func (r *reach) from(fn *ssa.Function, in phase) {
	if r.phases[fn].has(in) {
		return
	}
	if r.phases[fn] == 0 {
		r.order = append(r.order, fn)
	}
	r.phases[fn] |= in
	r.stack = append(r.stack, fn)
	var operands []*ssa.Value
	for _, block := range fn.Blocks {
		for _, i := range block.Instrs {
			for _, operand := range i.Operands(operands[:0]) {
				if callee, ok := (*operand).(*ssa.Function); ok && r.l.entered(callee) {
					r.visit(callee, i, in)
				}
			}
		}
	}
	r.stack = r.stack[:len(r.stack)-1]
}

// visit follows one reference from instruction i to callee.
func (r *reach) visit(callee *ssa.Function, i ssa.Instruction, in phase) {
	if in == processing && validatesList(callee) {
		return // refused where it is called
	}
	if at := slices.Index(r.stack, callee); at >= 0 {
		var names []string
		for _, fn := range append(slices.Clone(r.stack[at:]), callee) {
			names = append(names, fn.Name())
		}
		c := checker{l: r.l, fn: i.Parent()}
		c.reportf(diag.Recursion, i, "write a loop with a constant bound", "recursion: %s",
			strings.Join(names, " calls "))
		return
	}
	r.from(callee, in)
}

// entered reports whether fn's body is executed: it is in a package loaded from source, other than
// libvig. The initialisers of imported packages are roots of their own.
func (l *loader) entered(fn *ssa.Function) bool {
	pkg := packageOf(fn)
	if pkg == nil || fn.Synthetic == "package initializer" {
		return false
	}
	p := l.packages[pkg.Path()]
	return p != nil && !p.Library
}

// packageOf is the package that declares fn, also for instances, wrappers and closures.
func packageOf(fn *ssa.Function) *types.Package {
	fn = outermost(fn)
	switch {
	case fn.Pkg != nil:
		return fn.Pkg.Pkg
	case fn.Origin() != nil && fn.Origin().Pkg != nil:
		return fn.Origin().Pkg.Pkg
	case fn.Object() != nil:
		return fn.Object().Pkg()
	}
	return nil
}

// validTypes are the types with a Valid method, by name.
func (n *NF) validTypes() []*types.Named {
	var list []*types.Named
	for t := range n.Valid {
		list = append(list, t)
	}
	slices.SortFunc(list, func(a, b *types.Named) int {
		return cmp.Or(cmp.Compare(a.Obj().Pkg().Path(), b.Obj().Pkg().Path()),
			cmp.Compare(a.Obj().Name(), b.Obj().Name()))
	})
	return list
}
