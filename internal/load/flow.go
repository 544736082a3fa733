package load

import (
	"golang.org/x/tools/go/ssa"
)

// flow follows the address of one local variable, or one closure, through the functions it reaches
// and finds out whether it outlives the function that made it. It over-approximates: what it does not
// know counts as a leak.
type flow struct {
	l    *loader
	home *ssa.Function
	// aliases are values that may hold the address, holders those that may point to memory which
	// contains it.
	aliases, holders map[ssa.Value]bool
	work             []ssa.Value
	calls            map[*ssa.Function][]*ssa.Call // followed into, by callee
	returned         map[*ssa.Function][]ssa.Value // what these callees give back
	leaked           bool
}

func newFlow(l *loader, origin ssa.Value) *flow {
	f := &flow{
		l: l, home: origin.Parent(), aliases: make(map[ssa.Value]bool),
		holders: make(map[ssa.Value]bool), calls: make(map[*ssa.Function][]*ssa.Call),
		returned: make(map[*ssa.Function][]ssa.Value),
	}
	f.alias(origin)
	return f
}

// leaks runs the analysis.
func (f *flow) leaks() bool {
	for len(f.work) > 0 && !f.leaked {
		v := f.work[len(f.work)-1]
		f.work = f.work[:len(f.work)-1]
		for _, user := range *v.Referrers() {
			f.use(v, user)
		}
	}
	return f.leaked
}

func (f *flow) alias(v ssa.Value) { f.add(f.aliases, v) }
func (f *flow) hold(v ssa.Value)  { f.add(f.holders, v) }

func (f *flow) add(set map[ssa.Value]bool, v ssa.Value) {
	if !set[v] {
		set[v] = true
		f.work = append(f.work, v)
	}
}

// pass gives to the properties of from.
func (f *flow) pass(from, to ssa.Value) {
	if f.aliases[from] && hasReference(to.Type()) {
		f.alias(to)
	}
	if f.holders[from] && hasReference(to.Type()) {
		f.hold(to)
	}
}

// use follows v into one instruction that uses it.
func (f *flow) use(v ssa.Value, user ssa.Instruction) {
	switch i := user.(type) {
	case *ssa.UnOp: // a load: what a holder contains may be the address
		if f.holders[v] && hasReference(i.Type()) {
			f.alias(i)
			f.hold(i)
		}
	case *ssa.FieldAddr, *ssa.IndexAddr, *ssa.Slice, *ssa.Phi, *ssa.ChangeType, *ssa.Convert,
		*ssa.SliceToArrayPointer, *ssa.Field, *ssa.Index, *ssa.Extract:
		f.pass(v, i.(ssa.Value))
	case *ssa.Store:
		f.store(v, i)
	case *ssa.MakeClosure:
		f.capture(v, i)
	case *ssa.Call:
		f.call(v, i)
	case *ssa.Return:
		f.result(v, i)
	case *ssa.BinOp, *ssa.If, *ssa.DebugRef, *ssa.Panic:
	default:
		f.leaked = true
	}
}

// store handles v written to memory: harmless where the memory is a local variable.
func (f *flow) store(v ssa.Value, i *ssa.Store) {
	if i.Val != v || !f.aliases[v] && !f.holders[v] {
		return
	}
	base := i.Addr
	for {
		switch b := base.(type) {
		case *ssa.FieldAddr:
			base = b.X
		case *ssa.IndexAddr:
			base = b.X
		case *ssa.Alloc:
			f.hold(b)
			return
		default:
			f.leaked = true
			return
		}
	}
}

// capture follows v into a closure and the closure itself.
func (f *flow) capture(v ssa.Value, i *ssa.MakeClosure) {
	f.alias(i)
	for n, binding := range i.Bindings {
		if binding == v {
			f.pass(v, i.Fn.(*ssa.Function).FreeVars[n])
		}
	}
}

// call follows v into the callee; values passed to libvig are copied, contracts have no pointers.
func (f *flow) call(v ssa.Value, i *ssa.Call) {
	switch callee := i.Call.Value.(type) {
	case *ssa.Builtin:
		return
	case *ssa.Function:
		if pkg := packageOf(callee); pkg != nil && pkg.Path() == LibraryPath {
			return
		}
		if !f.l.entered(callee) || len(callee.Blocks) == 0 {
			f.leaked = true
			return
		}
		f.calls[callee] = append(f.calls[callee], i)
		for n, arg := range i.Call.Args {
			if arg == v {
				f.pass(v, callee.Params[n])
			}
		}
		for _, result := range f.returned[callee] {
			f.pass(result, i)
		}
	default:
		for _, arg := range i.Call.Args {
			if arg == v {
				f.leaked = true
			}
		}
	}
}

// result handles v returned: from the function that made it, it is lost; from a callee, it comes back.
func (f *flow) result(v ssa.Value, i *ssa.Return) {
	fn := i.Parent()
	if fn == f.home || len(f.calls[fn]) == 0 {
		f.leaked = true
		return
	}
	f.returned[fn] = append(f.returned[fn], v)
	for _, call := range f.calls[fn] {
		f.pass(v, call)
	}
}
