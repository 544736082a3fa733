package load

import (
	"go/types"

	"golang.org/x/tools/go/ssa"

	"vigor/internal/diag"
)

// alloc refuses a variable of a packet-processing function that outlives its function.
func (c *checker) alloc(i *ssa.Alloc) {
	if !i.Heap || !c.in.has(processing) {
		return
	}
	cure := "keep it in a local variable whose address stays in this function"
	switch leaked := newFlow(c.l, i).leaks(); {
	case i.Comment == "makeslice":
		c.reportf(diag.Allocation, i, "use an array of fixed length", "make is not supported while a packet is processed")
	case i.Comment == "new" && leaked:
		c.reportf(diag.Allocation, i, cure, "new allocates: the variable outlives its function")
	case leaked:
		c.reportf(diag.Allocation, i, cure, "this allocates: the value outlives its function")
	}
}

// makeSlice refuses slices of variable length.
func (c *checker) makeSlice(i *ssa.MakeSlice) {
	if c.in.has(processing) {
		c.reportf(diag.Allocation, i, "use an array of fixed length",
			"make is not supported while a packet is processed")
	}
}

// closure refuses a closure that outlives its function.
func (c *checker) closure(i *ssa.MakeClosure) {
	if newFlow(c.l, i).leaks() {
		c.reportf(diag.StoredClosure, i, "call it here, or pass it to a function that only calls it",
			"the function value is stored or returned")
	}
}

// toInterface allows two conversions: the argument of panic, and, outside packet processing, the
// arguments of fmt.Errorf.
func (c *checker) toInterface(v ssa.Value) {
	for _, user := range *v.Referrers() {
		switch user := user.(type) {
		case *ssa.Panic, *ssa.DebugRef:
			continue
		case *ssa.Store:
			if element, ok := user.Addr.(*ssa.IndexAddr); ok && !c.in.has(processing) && isVarargs(element.X) {
				continue
			}
		}
		c.reportf(diag.InterfaceUsed, v.(ssa.Instruction), "use the concrete type",
			"a value becomes an interface")
		return
	}
}

// isVarargs recognises the array behind the arguments of a variadic call.
func isVarargs(v ssa.Value) bool {
	array, ok := v.(*ssa.Alloc)
	return ok && array.Comment == "varargs"
}

// globals refuses uses of package variables other than reading constants of the program: writes, shared
// addresses, and variables that hold references, outside initialisation; variables of the standard
// library anywhere.
func (c *checker) globals(i ssa.Instruction) {
	var operands []*ssa.Value
	for _, operand := range i.Operands(operands) {
		g, ok := (*operand).(*ssa.Global)
		if !ok || g.Name() == "init$guard" {
			continue
		}
		if p := c.l.packages[g.Pkg.Pkg.Path()]; p == nil || p.Library {
			c.reportf(diag.ForeignCall, i, "use a constant of the NF",
				"uses the package variable %s, which is outside the verifiable subset", g)
			continue
		}
		if c.in != initialising {
			c.globalUse(i, g, g)
		}
	}
}

// globalUse checks one use of an address inside the package variable g.
func (c *checker) globalUse(i ssa.Instruction, address ssa.Value, g *ssa.Global) {
	cure := "make it a field with a spec tag; tables that never change are arrays"
	switch i := i.(type) {
	case *ssa.DebugRef:
	case *ssa.UnOp:
		if hasReference(i.Type()) && c.in.has(processing|settingUp) {
			c.reportf(diag.GlobalWritten, i, cure,
				"the package variable %s holds a reference, through which it can be written", g.Name())
		}
	case *ssa.FieldAddr:
		c.globalUses(i, g)
	case *ssa.IndexAddr:
		if i.X == address {
			c.globalUses(i, g)
		}
	case *ssa.Store:
		if i.Addr == address {
			if c.in == initialising {
				return
			}
			c.reportf(diag.GlobalWritten, i, cure, "writes the package variable %s", g.Name())
			return
		}
		c.reportf(diag.GlobalWritten, i, cure, "shares the address of the package variable %s", g.Name())
	default:
		c.reportf(diag.GlobalWritten, i, cure, "shares the address of the package variable %s", g.Name())
	}
}

func (c *checker) globalUses(address ssa.Value, g *ssa.Global) {
	for _, user := range *address.Referrers() {
		c.globalUse(user, address, g)
	}
}

// hasReference reports whether values of t lead to memory that others can write. Interfaces hold
// errors only, which have no content.
func hasReference(t types.Type) bool {
	switch u := t.Underlying().(type) {
	case *types.Pointer, *types.Slice, *types.Map, *types.Chan, *types.Signature:
		return true
	case *types.Array:
		return hasReference(u.Elem())
	case *types.Struct:
		for f := range u.Fields() {
			if hasReference(f.Type()) {
				return true
			}
		}
	case *types.Tuple:
		for v := range u.Variables() {
			if hasReference(v.Type()) {
				return true
			}
		}
	}
	return false
}
