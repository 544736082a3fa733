package load

import (
	"go/types"

	"golang.org/x/tools/go/ssa"

	"vigor/internal/diag"
)

// call checks one call, go or defer statement.
func (c *checker) call(i ssa.CallInstruction) {
	switch i.(type) {
	case *ssa.Go:
		c.reportf(diag.Concurrency, i, "process each packet from start to end in Process",
			"goroutines are not supported")
		return
	case *ssa.Defer:
		c.reportf(diag.Deferred, i, "call the function before each return", "defer is not supported")
		return
	}
	common := i.Common()
	if common.IsInvoke() {
		c.reportf(diag.InterfaceUsed, i, "call the method of the concrete type",
			"calls %s through an interface", common.Method.Name())
		return
	}
	switch callee := common.Value.(type) {
	case *ssa.Builtin:
		c.builtin(i, callee.Name(), common.Args)
	case *ssa.Function:
		c.static(i, callee)
	default:
		c.dynamic(i, common)
	}
}

// builtin refuses the predeclared functions outside the subset.
func (c *checker) builtin(i ssa.CallInstruction, name string, args []ssa.Value) {
	switch name {
	case "len", "cap", "min", "max", "copy", "clear":
		for _, arg := range args {
			c.strings(i, arg)
			if _, isMap := arg.Type().Underlying().(*types.Map); isMap {
				c.reportf(diag.MapUsed, i, "use libvig.Map or libvig.Table", "Go maps are not supported")
			}
		}
	case "ssa:wrapnilchk": // the nil check of a method wrapper
	case "append":
		c.reportf(diag.Allocation, i, "write into a slice or array of fixed length",
			"append is not supported")
	case "recover":
		c.reportf(diag.Deferred, i, "an NF is proved not to panic", "recover is not supported")
	case "delete":
		c.reportf(diag.MapUsed, i, "use libvig.Map or libvig.Table", "Go maps are not supported")
	case "close":
		c.reportf(diag.Concurrency, i, "", "channels are not supported")
	case "print", "println":
		c.reportf(diag.ForeignCall, i, "count events in a cell with a spec tag", "%s is not supported", name)
	case "real", "imag", "complex":
		c.reportf(diag.FloatUsed, i, "compute with integers", "complex numbers are not supported")
	default:
		c.reportf(diag.UnsafeUsed, i, "use the views of package packet", "%s is not supported", name)
	}
}

// static checks a call of a known function; the body of one that is entered is checked by itself.
func (c *checker) static(i ssa.CallInstruction, callee *ssa.Function) {
	pkg := packageOf(callee)
	switch {
	case callee.Synthetic == "package initializer":
	case validatesList(callee):
		if c.in.has(processing) {
			c.reportf(diag.ForeignCall, i, "call it in Validate or New, which decide about the configuration",
				"calls nf.%s while a packet is processed", callee.Origin().Name())
		}
	case c.l.entered(callee):
		if len(callee.Blocks) == 0 {
			c.reportf(diag.NoBody, i, "write it in Go", "%s has no body", callee.Name())
		}
	case pkg != nil && pkg.Path() == LibraryPath:
		if c.in.has(processing) && makes(callee) {
			c.reportf(diag.MadeInProcess, i, "make it in New and keep it in a field",
				"%s makes a libvig structure while a packet is processed", callee.Name())
		}
	case pkg != nil && pkg.Path() == "math/bits":
	case makesError(callee):
		c.newError(i, callee)
	default:
		c.reportf(diag.ForeignCall, i, "write it in the NF, or use package packet",
			"calls %s, which is outside the verifiable subset", callee)
	}
}

// makes reports whether a function of libvig returns a new structure.
func makes(fn *ssa.Function) bool {
	if fn.Signature.Recv() != nil {
		return false
	}
	for v := range fn.Signature.Results().Variables() {
		if p, ok := v.Type().(*types.Pointer); ok && libraryType(p.Elem()) != nil {
			return true
		}
	}
	return false
}

// makesError recognises the two functions that make opaque errors.
func makesError(fn *ssa.Function) bool {
	return fn.String() == "errors.New" || fn.String() == "fmt.Errorf"
}

// newError allows errors in New and Validate where they are returned, and in package variables.
func (c *checker) newError(i ssa.CallInstruction, callee *ssa.Function) {
	if c.in.has(processing) {
		c.reportf(diag.ForeignCall, i, "return nf.Drop with a reason",
			"calls %s while a packet is processed", callee)
		return
	}
	if !c.in.has(initialising) && !onlyReturned(i.Value(), make(map[ssa.Value]bool)) {
		c.reportf(diag.ErrorKept, i, "write `return "+callee.String()+"(…)`",
			"the error is used otherwise than by returning it")
	}
}

// onlyReturned reports whether v reaches nothing but returns.
func onlyReturned(v ssa.Value, seen map[ssa.Value]bool) bool {
	if seen[v] {
		return true
	}
	seen[v] = true
	for _, user := range *v.Referrers() {
		switch user := user.(type) {
		case *ssa.Return, *ssa.DebugRef:
		case *ssa.Phi:
			if !onlyReturned(user, seen) {
				return false
			}
		default:
			return false
		}
	}
	return true
}

// refusedCallee reports whether the call has been judged by its callee, so that the type of its value
// needs no second diagnostic.
func (c *checker) refusedCallee(call *ssa.Call) bool {
	fn, ok := call.Call.Value.(*ssa.Function)
	return ok && !c.l.entered(fn)
}

// dynamic allows calls of function values that the executor knows: parameters and closures made here.
func (c *checker) dynamic(i ssa.CallInstruction, common *ssa.CallCommon) {
	known := false
	switch v := common.Value.(type) {
	case *ssa.Parameter, *ssa.MakeClosure, *ssa.Phi, *ssa.FreeVar:
		known = true
	case *ssa.UnOp:
		switch v.X.(type) {
		case *ssa.Alloc, *ssa.Global: // reading the latter has been refused
			known = true
		}
	}
	for _, arg := range common.Args {
		if _, ok := arg.Type().Underlying().(*types.Signature); ok {
			known = false
		}
	}
	if !known {
		c.reportf(diag.StoredClosure, i, "call the function by its name",
			"calls a function value that is not known here")
	}
}

// functionValues refuses functions as values anywhere but as arguments of known functions.
func (c *checker) functionValues(i ssa.Instruction) {
	if c.in == initialising { // what a package variable holds matters where it is read
		return
	}
	call, isCall := i.(ssa.CallInstruction)
	var operands []*ssa.Value
	for _, operand := range i.Operands(operands) {
		fn, ok := (*operand).(*ssa.Function)
		if !ok || (isCall && !call.Common().IsInvoke() && operand == &call.Common().Value) {
			continue
		}
		switch i.(type) {
		case *ssa.MakeClosure, *ssa.Phi, *ssa.Call:
		default:
			c.reportf(diag.StoredClosure, i, "call the function by its name",
				"the function %s is stored or returned", fn.Name())
		}
	}
}
