package symbex

import (
	"go/constant"
	"go/token"
	"go/types"

	"golang.org/x/tools/go/ssa"

	"vigor/internal/diag"
	"vigor/internal/smt"
)

// step executes one instruction that does not end its block.
func (m *Machine) step(f *frame, instr ssa.Instruction) {
	switch i := instr.(type) {
	case *ssa.Phi, *ssa.DebugRef, *ssa.Jump, *ssa.If:
		// phis ran on entry, and control is moved by leave.
	case *ssa.Store:
		m.storeTo(f, i)
	case *ssa.Panic:
		m.prove(f, m.b.False(), diag.ExplicitPanic, diag.Text("panic is reached"))
	case *ssa.RunDefers:
	case ssa.Value:
		f.values[i] = m.eval(f, i)
	default:
		panic(unsupported("%s", describeInstruction(instr)))
	}
}

// eval computes the value of one instruction.
func (m *Machine) eval(f *frame, v ssa.Value) Value {
	switch v := v.(type) {
	case *ssa.Alloc:
		return Pointer{Object: m.alloc(v.Comment, v.Type().Underlying().(*types.Pointer).Elem())}
	case *ssa.BinOp:
		return m.binary(f, v)
	case *ssa.UnOp:
		return m.unary(f, v)
	case *ssa.Call:
		return m.callInstruction(f, v)
	case *ssa.ChangeType:
		return m.operand(f, v.X)
	case *ssa.ChangeInterface:
		return m.operand(f, v.X)
	case *ssa.Convert:
		return m.convert(f, v)
	case *ssa.Extract:
		return m.operand(f, v.Tuple).(Aggregate)[v.Index]
	case *ssa.Field:
		return m.operand(f, v.X).(Aggregate)[v.Field]
	case *ssa.FieldAddr:
		return m.pointer(f, v.X).at(step{field: v.Field})
	case *ssa.Index:
		return m.index(f, v)
	case *ssa.IndexAddr:
		return m.indexAddr(f, v)
	case *ssa.MakeInterface:
		return Interface{v.X.Type(), m.operand(f, v.X)}
	case *ssa.MakeClosure:
		return m.closure(f, v)
	case *ssa.MakeSlice:
		return m.makeSlice(f, v)
	case *ssa.Slice:
		return m.slice(f, v)
	case *ssa.SliceToArrayPointer:
		return m.sliceToArray(f, v)
	}
	panic(unsupported("%s", describeInstruction(v.(ssa.Instruction))))
}

func describeInstruction(i ssa.Instruction) string {
	if _, ok := i.(*ssa.Defer); ok {
		return "defer"
	}
	return "the statement `" + i.String() + "`"
}

// constant is the value of a constant of the program.
func (m *Machine) constant(c *ssa.Const) Value {
	if c.Value == nil {
		return zero(m.b, c.Type())
	}
	switch c.Value.Kind() {
	case constant.String:
		return String{constant.StringVal(c.Value)}
	case constant.Bool:
		return Scalar{m.b.Bool(constant.BoolVal(c.Value))}
	}
	w, signed, ok := width(c.Type())
	if !ok {
		panic(unsupported("a constant of type %s", c.Type()))
	}
	if signed {
		return Scalar{m.b.Word(uint64(c.Int64()), w)}
	}
	return Scalar{m.b.Word(c.Uint64(), w)}
}

// pointer is an operand that is about to be followed: it must not be nil.
func (m *Machine) pointer(f *frame, v ssa.Value) Pointer {
	p, ok := m.operand(f, v).(Pointer)
	if !ok {
		panic(unsupported("an address of type %s", v.Type()))
	}
	if p.Object == nil {
		m.prove(f, m.b.False(), diag.NilDereference, diag.Text("nil pointer is followed"))
	}
	return p
}

func (m *Machine) storeTo(f *frame, s *ssa.Store) {
	p := m.pointer(f, s.Addr)
	if p.Object != nil && m.program.isGlobal(p.Object) && m.program.initialised {
		panic(unsupported("a store to package variable %s", p.Object.Name))
	}
	if p.Object != nil && p.Object == m.received {
		panic(unsupported("a store to the nf.Packet that Process was given"))
	}
	m.store(p, m.operand(f, s.Val))
}

func (m *Machine) unary(f *frame, v *ssa.UnOp) Value {
	switch v.Op {
	case token.MUL:
		return m.load(m.pointer(f, v.X), v.Type())
	case token.NOT:
		return Scalar{m.b.Not(m.scalar(f, v.X))}
	case token.SUB:
		return Scalar{m.b.BVNeg(m.scalar(f, v.X))}
	case token.XOR:
		return Scalar{m.b.BVNot(m.scalar(f, v.X))}
	}
	panic(unsupported("%s", describeInstruction(v)))
}

func (m *Machine) convert(f *frame, v *ssa.Convert) Value {
	from, signed, okFrom := width(v.X.Type())
	to, _, okTo := width(v.Type())
	if !okFrom || !okTo {
		panic(unsupported("a conversion from %s to %s", v.X.Type(), v.Type()))
	}
	x := m.scalar(f, v.X)
	switch {
	case to < from:
		return Scalar{m.b.Extract(x, to-1, 0)}
	case to == from:
		return Scalar{x}
	case signed:
		return Scalar{m.b.SignExtend(x, to)}
	}
	return Scalar{m.b.ZeroExtend(x, to)}
}

func (m *Machine) closure(f *frame, v *ssa.MakeClosure) Value {
	bindings := make([]Value, len(v.Bindings))
	for i, b := range v.Bindings {
		bindings[i] = m.operand(f, b)
	}
	return Func{v.Fn.(*ssa.Function), bindings}
}

// binary evaluates arithmetic and comparisons.
func (m *Machine) binary(f *frame, v *ssa.BinOp) Value {
	if hasBlank(v.X.Type()) {
		panic(unsupported("a comparison of structs with a blank field"))
	}
	if m.toNothing(v.X.Type()) && !isNil(v.X) && !isNil(v.Y) {
		panic(unsupported("a comparison of addresses of variables without size, which may be one"))
	}
	switch v.Op {
	case token.EQL:
		return Scalar{m.equal(m.operand(f, v.X), m.operand(f, v.Y))}
	case token.NEQ:
		return Scalar{m.b.Not(m.equal(m.operand(f, v.X), m.operand(f, v.Y)))}
	case token.SHL, token.SHR:
		return Scalar{m.shift(f, v)}
	case token.QUO, token.REM:
		return Scalar{m.divide(f, v)}
	}
	_, signed, _ := width(v.X.Type())
	op, ok := arithmetic(m.b, v.Op, signed)
	if !ok {
		panic(unsupported("%s", describeInstruction(v)))
	}
	return Scalar{op(m.scalar(f, v.X), m.scalar(f, v.Y))}
}

// hasBlank reports whether a value of type t has a field named _, which comparisons leave out.
func hasBlank(t types.Type) bool {
	switch u := t.Underlying().(type) {
	case *types.Array:
		return hasBlank(u.Elem())
	case *types.Struct:
		for f := range u.Fields() {
			if f.Name() == "_" || hasBlank(f.Type()) {
				return true
			}
		}
	}
	return false
}

// toNothing reports whether values of type t hold addresses of variables of size 0: Go leaves open
// whether two of those have one address.
func (m *Machine) toNothing(t types.Type) bool {
	switch u := t.Underlying().(type) {
	case *types.Pointer:
		return m.program.NF.Sizes.Sizeof(u.Elem()) == 0
	case *types.Array:
		return m.toNothing(u.Elem())
	case *types.Struct:
		for f := range u.Fields() {
			if m.toNothing(f.Type()) {
				return true
			}
		}
	}
	return false
}

// isNil reports whether v is the constant nil.
func isNil(v ssa.Value) bool {
	c, ok := v.(*ssa.Const)
	return ok && c.IsNil()
}

// arithmetic returns the operator on terms that op is on Go integers of equal width.
func arithmetic(b *smt.Builder, op token.Token, signed bool) (func(x, y *smt.Term) *smt.Term, bool) {
	switch op {
	case token.ADD:
		return b.BVAdd, true
	case token.SUB:
		return b.BVSub, true
	case token.MUL:
		return b.BVMul, true
	case token.AND:
		return b.BVAnd, true
	case token.OR:
		return b.BVOr, true
	case token.XOR:
		return b.BVXor, true
	case token.AND_NOT:
		return func(x, y *smt.Term) *smt.Term { return b.BVAnd(x, b.BVNot(y)) }, true
	}
	return comparison(b, op, signed)
}

func comparison(b *smt.Builder, op token.Token, signed bool) (func(x, y *smt.Term) *smt.Term, bool) {
	less, lessEqual := b.BVULt, b.BVULe
	if signed {
		less, lessEqual = b.BVSLt, b.BVSLe
	}
	switch op {
	case token.LSS:
		return less, true
	case token.LEQ:
		return lessEqual, true
	case token.GTR:
		return func(x, y *smt.Term) *smt.Term { return less(y, x) }, true
	case token.GEQ:
		return func(x, y *smt.Term) *smt.Term { return lessEqual(y, x) }, true
	}
	return nil, false
}

// divide is Go's / or %, which truncate toward zero; the divisor must not be 0.
func (m *Machine) divide(f *frame, v *ssa.BinOp) *smt.Term {
	x, y := m.scalar(f, v.X), m.scalar(f, v.Y)
	nonZero := m.b.Not(m.b.Eq(y, m.b.Word(0, y.Width())))
	m.prove(f, nonZero, diag.DivisionByZero, diag.Text("division by zero"))
	_, signed, _ := width(v.X.Type())
	switch {
	case v.Op == token.QUO && signed:
		return m.b.BVSDiv(x, y)
	case v.Op == token.QUO:
		return m.b.BVUDiv(x, y)
	case signed:
		return m.b.BVSRem(x, y)
	}
	return m.b.BVURem(x, y)
}

// shift is Go's << or >>: the count may exceed the width, and must not be negative.
func (m *Machine) shift(f *frame, v *ssa.BinOp) *smt.Term {
	x, count := m.scalar(f, v.X), m.scalar(f, v.Y)
	if _, signed, _ := width(v.Y.Type()); signed {
		zero := m.b.Word(0, count.Width())
		m.prove(f, m.b.BVSLe(zero, count), diag.NegativeShift, func(value diag.Valuer) string {
			return "shift count is negative"
		})
	}
	_, signed, _ := width(v.X.Type())
	n, huge := m.shiftCount(count, x.Width())
	switch {
	case v.Op == token.SHL:
		return m.choose(huge, m.b.Word(0, x.Width()), m.b.BVShl(x, n))
	case signed: // a shift by width-1 or more leaves only copies of the sign
		last := m.b.Word(uint64(x.Width()-1), x.Width())
		return m.b.BVAShr(x, m.choose(huge, last, n))
	}
	return m.choose(huge, m.b.Word(0, x.Width()), m.b.BVLShr(x, n))
}

// shiftCount brings a count to the width of the shifted operand; huge says that it is w or more.
func (m *Machine) shiftCount(count *smt.Term, w int) (n, huge *smt.Term) {
	if count.Width() < w {
		count = m.b.ZeroExtend(count, w)
	}
	huge = m.b.BVULe(m.b.Word(uint64(w), count.Width()), count)
	if count.Width() > w {
		return m.b.Extract(count, w-1, 0), huge
	}
	return count, huge
}
