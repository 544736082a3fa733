package load

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"golang.org/x/tools/go/ssa"

	"vigor/internal/diag"
)

// checker refuses what one reachable function does outside the subset.
type checker struct {
	l  *loader
	fn *ssa.Function
	in phase
}

// subset checks every function that verification may execute.
func (l *loader) subset(n *NF) {
	r := newReach(l)
	r.from(n.Process, processing)
	if n.Hint != nil {
		r.from(n.Hint, processing)
	}
	for _, t := range n.validTypes() {
		r.from(n.Valid[t], processing)
	}
	r.from(n.Validate, settingUp)
	r.from(n.New, settingUp)
	for _, p := range n.SourcePackages() {
		if !p.Library {
			r.from(p.SSA.Func("init"), initialising)
		}
	}
	l.unseen(r)
	outside := make(map[*ssa.Function]bool)
	r.order = slices.DeleteFunc(r.order, validatesList)
	for _, fn := range r.order {
		if syntax := fn.Syntax(); syntax != nil && fn.Parent() == nil {
			outside[fn] = l.statements(syntax, l.infoOf(fn))
		}
	}
	for _, fn := range r.order {
		if !outside[outermost(fn)] {
			c := &checker{l: l, fn: fn, in: r.phases[fn]}
			c.function()
		}
	}
}

// outermost is the declared function around fn.
func outermost(fn *ssa.Function) *ssa.Function {
	for fn.Parent() != nil {
		fn = fn.Parent()
	}
	return fn
}

// infoOf returns the type information of the package that declares fn.
func (l *loader) infoOf(fn *ssa.Function) *types.Info {
	return l.packages[packageOf(fn).Path()].Info
}

// statements refuses loops and jumps by their syntax, because SSA no longer shows them; it reports
// whether there were any.
func (l *loader) statements(root ast.Node, info *types.Info) bool {
	before := len(l.problems)
	ast.Inspect(root, func(node ast.Node) bool {
		switch s := node.(type) {
		case *ast.RangeStmt:
			l.rangeOver(s, info.TypeOf(s.X))
		case *ast.ForStmt:
			l.loopOver(s, info)
		case *ast.BranchStmt:
			if s.Tok == token.GOTO {
				l.reportf(diag.Goto, s.Pos(), "use for, break and continue", "goto is not supported")
			}
		}
		return true
	})
	return len(l.problems) > before
}

// listLoop refuses a loop over a list of the configuration.
func (l *loader) listLoop(at token.Pos) {
	l.reportf(diag.ListLoop, at, "let libvig work on the whole list, or nf.ValidateAll; read one element at an index that is known",
		"a loop over a list of the configuration, which may have any number of elements")
}

// loopOver refuses a loop whose condition asks for the length of a list of the configuration.
func (l *loader) loopOver(s *ast.ForStmt, info *types.Info) {
	if s.Cond == nil {
		return
	}
	ast.Inspect(s.Cond, func(n ast.Node) bool {
		if call, ok := n.(*ast.CallExpr); ok && len(call.Args) == 1 {
			name, isName := call.Fun.(*ast.Ident)
			if t := info.TypeOf(call.Args[0]); isName && name.Name == "len" && t != nil && l.nf.isList(t) {
				l.listLoop(s.Pos())
				return false
			}
		}
		return true
	})
}

// rangeOver refuses a range statement over something that cannot be unrolled.
func (l *loader) rangeOver(s *ast.RangeStmt, over types.Type) {
	if over == nil { // a type parameter's body: instances are checked by their own syntax
		return
	}
	cure := "range over an integer, an array or a slice"
	if l.nf.isList(over) {
		l.listLoop(s.Pos())
		return
	}
	switch u := over.Underlying().(type) {
	case *types.Signature:
		l.reportf(diag.RangeUsed, s.Pos(), cure, "range over a function is not supported")
	case *types.Map:
		l.reportf(diag.MapUsed, s.Pos(), "use libvig.Map or libvig.Table", "range over a map is not supported")
	case *types.Chan:
		l.reportf(diag.Concurrency, s.Pos(), "", "range over a channel is not supported")
	case *types.Basic:
		if u.Info()&types.IsString != 0 {
			l.reportf(diag.RangeUsed, s.Pos(), cure, "range over a string is not supported")
		}
	}
}

// function checks the instructions of one function.
func (c *checker) function() {
	for _, block := range c.fn.Blocks {
		for _, i := range block.Instrs {
			c.instruction(i)
		}
	}
	c.ordered()
}

// instruction checks one instruction: its kind first, then the type of its value.
func (c *checker) instruction(i ssa.Instruction) {
	before := len(c.l.problems)
	switch i := i.(type) {
	case *ssa.Alloc:
		c.alloc(i)
	case *ssa.MakeSlice:
		c.makeSlice(i)
	case *ssa.MakeClosure:
		c.closure(i)
	case *ssa.MakeInterface, *ssa.ChangeInterface:
		c.toInterface(i.(ssa.Value))
	case ssa.CallInstruction:
		c.call(i)
	case *ssa.BinOp:
		c.strings(i, i.X)
		c.comparison(i)
	case *ssa.Slice:
		c.strings(i, i.X)
	case *ssa.Convert:
		c.strings(i, i.X)
	case *ssa.Index:
		c.strings(i, i.X)
	default:
		c.kind(i)
	}
	c.functionValues(i)
	c.globals(i)
	if v, ok := i.(ssa.Value); ok && len(c.l.problems) == before {
		c.value(v)
	}
}

// kind refuses instructions that have no meaning in the subset.
func (c *checker) kind(i ssa.Instruction) {
	tables := "use libvig.Map or libvig.Table, whose size is fixed"
	switch i := i.(type) {
	case *ssa.MakeMap, *ssa.MapUpdate, *ssa.Lookup:
		c.reportf(diag.MapUsed, i, tables, "Go maps are not supported")
	case *ssa.MakeChan, *ssa.Send, *ssa.Select:
		c.reportf(diag.Concurrency, i, "process each packet from start to end in Process",
			"channels are not supported")
	case *ssa.UnOp:
		if i.Op == token.ARROW {
			c.reportf(diag.Concurrency, i, "process each packet from start to end in Process",
				"channels are not supported")
		}
	case *ssa.TypeAssert:
		c.reportf(diag.InterfaceUsed, i, "use the concrete type",
			"type assertions and type switches are not supported")
	}
}

// value refuses values of types that have no terms.
func (c *checker) value(v ssa.Value) {
	if call, ok := v.(*ssa.Call); ok && c.refusedCallee(call) {
		return
	}
	basic, ok := v.Type().Underlying().(*types.Basic)
	if !ok {
		return
	}
	i := v.(ssa.Instruction)
	switch info := basic.Info(); {
	case info&(types.IsFloat|types.IsComplex) != 0:
		c.reportf(diag.FloatUsed, i, "compute with integers in a smaller unit",
			"values of type %s are not supported", c.l.show(v.Type()))
	case basic.Kind() == types.UnsafePointer || basic.Kind() == types.Uintptr:
		c.reportf(diag.UnsafeUsed, i, "use the views of package packet",
			"values of type %s are not supported", c.l.show(v.Type()))
	case info&types.IsString != 0:
		c.stringUsed(i)
	}
}

// comparison refuses comparisons of interfaces with anything but nil: all that is known of an error is
// that it is one.
func (c *checker) comparison(i *ssa.BinOp) {
	for _, operand := range []ssa.Value{i.X, i.Y} {
		if constant, ok := operand.(*ssa.Const); ok && constant.IsNil() {
			return
		}
	}
	if types.IsInterface(i.X.Type()) || types.IsInterface(i.Y.Type()) {
		c.reportf(diag.InterfaceUsed, i, "compare with nil only",
			"comparisons of interface values are not supported")
	}
}

// strings refuses an operation with a string operand.
func (c *checker) strings(i ssa.Instruction, operand ssa.Value) {
	if isString(operand.Type()) {
		c.stringUsed(i)
	}
}

func (c *checker) stringUsed(i ssa.Instruction) {
	c.reportf(diag.StringUsed, i, "compare numbers; let fmt.Errorf format values in Validate",
		"operations on strings are not supported")
}

func isString(t types.Type) bool {
	basic, ok := t.Underlying().(*types.Basic)
	return ok && basic.Info()&types.IsString != 0
}

// reportf adds a diagnostic at an instruction.
func (c *checker) reportf(code diag.Code, i ssa.Instruction, cure, format string, args ...any) {
	c.l.reportf(code, c.position(i), cure, format, args...)
}

// position is where i stands in the source. Implicit conversions and copies have no place of their
// own; then the nearest one counts: what uses the value, what precedes it, the function.
func (c *checker) position(i ssa.Instruction) token.Pos {
	if i.Pos().IsValid() {
		return i.Pos()
	}
	if made, ok := i.(*ssa.MakeInterface); ok {
		if operand, ok := made.X.(ssa.Instruction); ok && operand.Pos().IsValid() {
			return operand.Pos()
		}
	}
	if v, ok := i.(ssa.Value); ok && v.Referrers() != nil {
		for _, user := range *v.Referrers() {
			if user.Pos().IsValid() {
				return user.Pos()
			}
		}
	}
	last := c.fn.Pos()
	for _, other := range i.Block().Instrs {
		if other == i {
			break
		}
		if other.Pos().IsValid() {
			last = other.Pos()
		}
	}
	return last
}
