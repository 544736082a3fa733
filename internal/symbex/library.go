package symbex

import (
	"go/types"
	"slices"

	"golang.org/x/tools/go/ssa"

	"vigor/internal/contract"
	"vigor/internal/diag"
	"vigor/internal/load"
	"vigor/internal/smt"
	"vigor/internal/symbex/summary"
)

// callSummary applies the contract of a plain function.
func (m *Machine) callSummary(f *frame, op *contract.Operation, fn *ssa.Function, args []Value) Value {
	m.program.Meant[fn] = true
	options := summary.CallOptions{At: m.spanAt(f.at), Lists: map[string]summary.List{}, Sums: map[string]*smt.Term{}}
	values := make([]summary.Value, len(args))
	for i, arg := range args {
		slice, ok := arg.(Slice)
		if !ok {
			values[i] = leaves(arg, nil)
			continue
		}
		name := op.Params[i].Name
		options.Lists[name], options.Sums[name] = summary.List{Len: slice.Len}, m.sumBytes(slice)
	}
	return m.fromLeaves(fn, summary.CallFunction(m.guarded(), op, values, options))
}

// callLibrary applies the contract of a libvig operation or constructor.
func (m *Machine) callLibrary(f *frame, fn *ssa.Function, args []Value) Value {
	if m.checking {
		panic(unsupported("a call of %s where an element is checked", fn.Name()))
	}
	if fn.Signature.Recv() == nil {
		return m.construct(f, fn, args)
	}
	target, ok := args[0].(Pointer)
	if !ok {
		panic(unsupported("a call of %s on something else than a structure", fn.Name()))
	}
	if target.Object == nil {
		if !m.guard.IsTrue() {
			panic(unsupported("a call of %s through a nil pointer", fn.Name()))
		}
		m.prove(f, m.b.False(), diag.NilDereference, diag.Text("%s is called through a nil pointer", fn.Name()))
	}
	object, ok := m.memory[target.Object].(Structure)
	if !ok || len(target.Path) > 0 || !m.guard.IsTrue() {
		panic(unsupported("a call of %s on this structure", fn.Name()))
	}
	typ := object.State.Object().Type
	m.program.Used[typ.Name+"."+fn.Name()] = true
	m.refuseChange(typ, fn.Name())
	options := summary.CallOptions{At: m.spanAt(f.at)}
	state, results := object.State.Call(m.p, fn.Name(), terms(args[1:]), options)
	m.memory[target.Object] = Structure{state}
	m.note(target.Object, typ.Operations[fn.Name()], Made{Changed: !state.Same(object.State), Before: object.State,
		Args: terms(args[1:])}, results)
	if typ.Operations[fn.Name()].Warms {
		m.opaques++
		return Opaque{m.opaques}
	}
	return m.fromLeaves(fn, results)
}

// note remembers what an operation returned.
func (m *Machine) note(o *Object, op *contract.Operation, made Made, results []summary.Value) {
	if m.made == nil {
		return // before Process
	}
	made.Operation, made.Results = op.Name, map[string]summary.Value{}
	for i, r := range op.Results {
		made.Results[r.Name] = results[i]
	}
	m.made[o] = append(m.made[o], made)
}

// fromLeaves builds the results of a contracted call.
func (m *Machine) fromLeaves(fn *ssa.Function, results []summary.Value) Value {
	list := make([]Value, len(results))
	for i, r := range results {
		list[i], _ = compose(fn.Signature.Results().At(i).Type(), r)
	}
	return tuple(list)
}

// construct makes a libvig structure and returns its address.
func (m *Machine) construct(f *frame, fn *ssa.Function, args []Value) Value {
	made := fn.Signature.Results().At(0).Type()
	pointer, ok := made.(*types.Pointer)
	if !ok {
		panic(unsupported("a call of %s", fn))
	}
	named := pointer.Elem().(*types.Named)
	typ := m.program.Contracts[load.LibraryPath].Types[named.Obj().Name()]
	if typ == nil || typ.Constructors[plainName(fn)] == nil {
		panic(unsupported("a call of %s, which has no contract", fn))
	}
	object := &Object{Name: named.Obj().Name(), Type: named}
	described := &summary.Object{Name: object.Name, Type: typ, Generations: m.program.Generations, Params: map[string]summary.Layout{},
		Valid: map[string]func(summary.Path, summary.Value) *smt.Term{}}
	for i, name := range typ.TypeParams {
		m.describeParam(described, name, named.TypeArgs().At(i))
		if isKey(typ, name) {
			m.proveKeySize(f, fn, named.TypeArgs().At(i))
		}
	}
	for i, t := range fn.TypeArgs() { // what the structure is not made for are keys of a list that it is made of
		if !slices.Contains(typ.TypeParams, fn.Origin().TypeParams().At(i).Obj().Name()) {
			m.proveKeySize(f, fn, t)
		}
	}
	m.program.Used[typ.Name+"."+plainName(fn)] = true
	constructor := typ.Constructors[plainName(fn)]
	leaves, lists := m.arguments(constructor, args)
	state := summary.Construct(m.p, described, constructor, leaves, summary.CallOptions{At: m.spanAt(f.at), Lists: lists})
	m.memory[object] = Structure{state}
	return Pointer{Object: object}
}

// arguments brings the arguments of a constructor to leaves, but for slices: each is a whole list of the
// configuration.
func (m *Machine) arguments(op *contract.Operation, args []Value) ([]summary.Value, map[string]summary.List) {
	leaves, lists := make([]summary.Value, len(args)), map[string]summary.List{}
	for i, arg := range args {
		if _, ok := arg.(Slice); !ok {
			leaves[i] = terms(args[i : i+1])[0]
			continue
		}
		list, ok := m.wholeList(arg)
		if !ok {
			panic(listPart(op.Name + " is given something else than a whole list of the configuration"))
		}
		lists[op.Params[i].Name] = summary.List{Len: list.Len, At: list.At}
	}
	return leaves, lists
}

// isKey reports whether some observer has a type parameter as its index: its values are keys.
func isKey(t *contract.Type, param string) bool {
	for _, g := range t.Ghosts {
		if g.Index != nil && g.Index.Kind == contract.Param && g.Index.Name == param {
			return true
		}
	}
	return false
}

// maxKeySize is the largest size of a key in bytes that a structure is made for.
const maxKeySize = 64

// proveKeySize states what constructors require of the type of keys, which contracts cannot say.
func (m *Machine) proveKeySize(f *frame, fn *ssa.Function, key types.Type) {
	size := m.program.NF.Sizes.Sizeof(key)
	m.prove(f, m.b.Bool(0 < size && size <= maxKeySize), diag.Precondition,
		diag.Text("%s needs keys of 1 to %d bytes: %v has %d", plainName(fn), maxKeySize, key, size))
}

// plainName is the name of fn without type arguments.
func plainName(fn *ssa.Function) string {
	if origin := fn.Origin(); origin != nil {
		return origin.Name()
	}
	return fn.Name()
}

// describeParam says what a structure's keys or values look like, and what must hold of them.
func (m *Machine) describeParam(o *summary.Object, name string, t types.Type) {
	layout, err := summary.LayoutOf(t)
	if err != nil {
		panic(unsupported("a structure of %s (%v)", t, err))
	}
	o.Params[name] = layout
	named, ok := types.Unalias(t).(*types.Named)
	if !ok {
		return
	}
	valid := m.program.NF.Valid[named]
	if valid == nil {
		return
	}
	env := m.env
	o.Valid[name] = func(p summary.Path, v summary.Value) *smt.Term {
		on := m.program.machine(p.(*Path))
		defer on.locate()
		value, _ := compose(t, v)
		return on.pureCall(valid, []Value{value, env}).(Scalar).Term
	}
}

// pureCall runs a function that must come to one value without deciding anything.
func (m *Machine) pureCall(fn *ssa.Function, args []Value) Value {
	if !m.program.foldable(fn) {
		panic(unsupported("%s, which has a loop or an effect", fn.Name()))
	}
	result, ok := m.foldWhole(m.enter(fn, args, nil))
	if !ok {
		panic(unsupported("%s, whose results have no common form", fn.Name()))
	}
	return result
}
