package symbex

import (
	"go/types"

	"golang.org/x/tools/go/ssa"

	"vigor/internal/load"
	"vigor/internal/smt"
)

// callInstruction executes a call: a built-in, a contracted operation by its summary, or a body.
func (m *Machine) callInstruction(f *frame, v *ssa.Call) Value {
	common := v.Common()
	if builtin, ok := common.Value.(*ssa.Builtin); ok {
		return m.builtin(f, builtin.Name(), v)
	}
	args := make([]Value, len(common.Args))
	for i, arg := range common.Args {
		args[i] = m.operand(f, arg)
	}
	if common.IsInvoke() {
		return m.invoke(f, common, args)
	}
	if fn := common.StaticCallee(); fn != nil {
		var bindings []Value
		if closure, ok := common.Value.(*ssa.MakeClosure); ok {
			bindings = m.operand(f, closure).(Func).Bindings
		}
		return m.callStatic(f, fn, args, bindings)
	}
	target, ok := m.operand(f, common.Value).(Func)
	if !ok || target.Fn == nil {
		panic(unsupported("a call through %s", common.Value.Name()))
	}
	return m.callStatic(f, target.Fn, args, target.Bindings)
}

func (m *Machine) callStatic(f *frame, fn *ssa.Function, args, bindings []Value) Value {
	if op, ok := m.program.function(fn); ok {
		return m.callSummary(f, op, fn, args)
	}
	if method, ok := load.ValidatesList(fn); ok {
		return m.validateAll(fn, method, args)
	}
	switch {
	case fn.Synthetic == "package initializer" && (m.program.isLibrary(fn) || !m.program.isSource(fn)):
		return nil // nothing of those packages is visible but through contracts
	case m.program.isLibrary(fn):
		return m.callLibrary(f, fn, args)
	case isWordFunction(fn):
		return m.callWordFunction(f, fn, args)
	case isErrorMaker(fn):
		return m.newError(fn)
	case !m.program.isSource(fn):
		panic(unsupported("a call of %s", fn))
	}
	return m.call(fn, args, bindings)
}

// invoke calls a method through an interface whose dynamic type is known.
func (m *Machine) invoke(f *frame, common *ssa.CallCommon, args []Value) Value {
	target, ok := m.operand(f, common.Value).(Interface)
	if !ok || target.Type == nil {
		panic(unsupported("a call of %s through a nil interface", common.Method.Name()))
	}
	fn := m.program.NF.Prog.LookupMethod(target.Type, common.Method.Pkg(), common.Method.Name())
	if fn == nil {
		panic(unsupported("a call of %s through an interface", common.Method.Name()))
	}
	return m.callStatic(f, fn, append([]Value{target.Value}, args...), nil)
}

// isErrorMaker reports whether fn makes an error of which only its being one matters.
func isErrorMaker(fn *ssa.Function) bool {
	switch fn.String() {
	case "errors.New", "fmt.Errorf":
		return true
	}
	return false
}

func (m *Machine) newError(fn *ssa.Function) Value {
	m.opaques++
	return Interface{types.Typ[types.UnsafePointer], Opaque{m.opaques}}
}

// builtin executes len, cap, min, max and copy.
func (m *Machine) builtin(f *frame, name string, v *ssa.Call) Value {
	args := v.Call.Args
	switch name {
	case "len", "cap":
		return m.length(f, name, args[0])
	case "min", "max":
		return m.extreme(f, name, v)
	case "copy":
		return m.copy(f, args)
	case "ssa:wrapnilchk":
		return m.pointer(f, args[0])
	}
	panic(unsupported("the built-in function %s", name))
}

func (m *Machine) length(f *frame, name string, arg ssa.Value) Value {
	switch x := m.operand(f, arg).(type) {
	case Slice:
		if name == "cap" && m.isList(x) {
			panic(listPart("the capacity of a list of the configuration means nothing"))
		}
		if name == "cap" {
			return Scalar{x.Cap}
		}
		return Scalar{x.Len}
	case Aggregate:
		return Scalar{m.b.Word(uint64(len(x)), 64)}
	case Pointer:
		array := arg.Type().Underlying().(*types.Pointer).Elem().Underlying().(*types.Array)
		return Scalar{m.b.Word(uint64(array.Len()), 64)}
	case String:
		return Scalar{m.b.Word(uint64(len(x.Text)), 64)}
	}
	panic(unsupported("%s of a %s", name, arg.Type()))
}

// extreme is min or max of integers, computed exactly, so that its bounds are known and it is the term
// that a spec's is.
func (m *Machine) extreme(f *frame, name string, v *ssa.Call) Value {
	w, signed, ok := width(v.Type())
	if !ok {
		panic(unsupported("%s of %s", name, v.Type()))
	}
	read, choose := m.b.IntUnsigned, m.b.IntMin
	if signed {
		read = m.b.IntSigned
	}
	if name == "max" {
		choose = m.b.IntMax
	}
	best := read(m.scalar(f, v.Call.Args[0]))
	for _, arg := range v.Call.Args[1:] {
		best = choose(best, read(m.scalar(f, arg)))
	}
	return Scalar{m.b.IntWrap(best, w)}
}

// tuple is the result of a call as the executor wants it: nothing, one value, or all of them.
func tuple(results []Value) Value {
	switch len(results) {
	case 0:
		return nil
	case 1:
		return results[0]
	}
	return Aggregate(results)
}

// terms brings the arguments of a contracted call to leaves.
func terms(args []Value) [][]*smt.Term {
	list := make([][]*smt.Term, len(args))
	for i, arg := range args {
		list[i] = leaves(arg, nil)
	}
	return list
}
