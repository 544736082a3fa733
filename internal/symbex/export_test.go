package symbex

import "golang.org/x/tools/go/ssa"

// Body runs the body of a function, even if a contract stands for it elsewhere.
func (p *Program) Body(path *Path, fn *ssa.Function, args []Value) Value {
	return p.machine(path).call(fn, args, nil)
}
