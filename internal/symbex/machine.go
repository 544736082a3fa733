package symbex

import (
	"go/token"
	"go/types"

	"golang.org/x/tools/go/ssa"

	"vigor/internal/diag"
	"vigor/internal/smt"
	"vigor/internal/source"
)

const (
	frameIndexWidth = 16  // frames are at most 65535 bytes long
	maxDepth        = 64  // nested calls
	maxRounds       = 256 // rounds of one loop in one call
)

// Machine executes SSA on one path. Its memory is mutable; the values in it are not.
type Machine struct {
	b       *smt.Builder
	p       *Path
	program *Program
	memory  memory
	guard   *smt.Term // where the folded region being executed is reached; true outside of one
	env     Value     // the nf.Env given to New
	// received is the nf.Packet given to Process. The run loop sends the frame that it holds.
	received *Object
	// frozen is what Hint must not write: all that was there before it. Nil outside of Hint.
	frozen map[*Object]bool
	// checking says that an element of a list is being validated, by itself.
	checking bool
	at       token.Pos // of the instruction being executed
	depth    int
	opaques  int
	// returns holds the return statements that a run came through without folding.
	returns []*ssa.Return
	// sums holds the sums of bytes of the frame that functions were asked for, which the checksums of a spec may be.
	sums []Sum
	// made holds what the calls of a structure's operations returned, in their order. Nil before Process.
	made map[*Object][]Made
}

// frame is one activation of a function.
type frame struct {
	fn     *ssa.Function
	values map[ssa.Value]Value
	block  *ssa.BasicBlock
	from   *ssa.BasicBlock // the predecessor through which block was entered
	rounds map[*ssa.BasicBlock]int
	at     token.Pos // of the last instruction that had a position
}

// call runs fn and returns its result: nothing, one value, or an Aggregate of several.
func (m *Machine) call(fn *ssa.Function, args, bindings []Value) Value {
	if fn.Blocks == nil {
		panic(unsupported("the body of %s", fn))
	}
	if m.depth == maxDepth {
		panic(unsupported("a call of %s %d calls deep", fn, maxDepth))
	}
	m.depth++
	defer func() { m.depth-- }()
	f := m.enter(fn, args, bindings)
	if result, ok := m.foldCall(f); ok {
		return result
	}
	return m.run(f)
}

func (m *Machine) enter(fn *ssa.Function, args, bindings []Value) *frame {
	f := &frame{fn: fn, values: map[ssa.Value]Value{}, block: fn.Blocks[0],
		rounds: map[*ssa.BasicBlock]int{}, at: fn.Pos()}
	for i, param := range fn.Params {
		f.values[param] = args[i]
	}
	for i, captured := range fn.FreeVars {
		f.values[captured] = bindings[i]
	}
	return f
}

// run executes blocks until the function returns.
func (m *Machine) run(f *frame) Value {
	for {
		m.phis(f)
		for _, instr := range f.block.Instrs {
			m.reach(f, instr)
			if ret, ok := instr.(*ssa.Return); ok {
				if m.guard.IsTrue() {
					m.returns = append(m.returns, ret)
				}
				return m.results(f, ret)
			}
			m.step(f, instr)
		}
		m.leave(f)
	}
}

// reach notes where the machine is; many instructions have no position of their own.
func (m *Machine) reach(f *frame, instr ssa.Instruction) {
	if instr.Pos().IsValid() {
		f.at = instr.Pos()
	}
	m.at = f.at
}

// leave moves f to the block that follows its current one on this path.
func (m *Machine) leave(f *frame) {
	last := f.block.Instrs[len(f.block.Instrs)-1]
	switch last := last.(type) {
	case *ssa.Jump:
		m.jump(f, f.block.Succs[0])
	case *ssa.If:
		if m.foldBranch(f) {
			return
		}
		next := f.block.Succs[1]
		if m.p.Branch(m.operand(f, last.Cond).(Scalar).Term) {
			next = f.block.Succs[0]
		}
		m.jump(f, next)
	}
}

func (m *Machine) jump(f *frame, to *ssa.BasicBlock) {
	if to.Index <= f.block.Index {
		if f.rounds[to]++; f.rounds[to] > maxRounds {
			d := diag.New(diag.UnboundedLoop, m.spanAt(loopPosition(to)),
				"a loop of %s has no visible bound: gave up after %d rounds", f.fn.Name(), maxRounds)
			panic(&refusal{d})
		}
	}
	f.from, f.block = f.block, to
}

// phis evaluates the phi nodes of the block just entered, all at once.
func (m *Machine) phis(f *frame) {
	if f.from == nil {
		return
	}
	edge := 0
	for f.block.Preds[edge] != f.from {
		edge++
	}
	var values []Value
	for _, instr := range f.block.Instrs {
		phi, ok := instr.(*ssa.Phi)
		if !ok {
			break
		}
		values = append(values, m.operand(f, phi.Edges[edge]))
	}
	for i, v := range values {
		f.values[f.block.Instrs[i].(*ssa.Phi)] = v
	}
}

func (m *Machine) results(f *frame, ret *ssa.Return) Value {
	switch len(ret.Results) {
	case 0:
		return nil
	case 1:
		return m.operand(f, ret.Results[0])
	}
	tuple := make(Aggregate, len(ret.Results))
	for i, r := range ret.Results {
		tuple[i] = m.operand(f, r)
	}
	return tuple
}

// operand returns the value of v in f.
func (m *Machine) operand(f *frame, v ssa.Value) Value {
	switch v := v.(type) {
	case *ssa.Const:
		return m.constant(v)
	case *ssa.Global:
		return Pointer{Object: m.global(v)}
	case *ssa.Function:
		return Func{Fn: v}
	case *ssa.Builtin:
		panic(unsupported("the value of built-in function %s", v.Name()))
	}
	value, ok := f.values[v]
	if !ok {
		panic("symbex: no value for " + v.Name() + " in " + f.fn.String())
	}
	return value
}

func (m *Machine) scalar(f *frame, v ssa.Value) *smt.Term {
	s, ok := m.operand(f, v).(Scalar)
	if !ok {
		panic(unsupported("a value of type %s in arithmetic", v.Type()))
	}
	return s.Term
}

// prove records an obligation at the current place, under the guard of the region being folded.
func (m *Machine) prove(f *frame, c *smt.Term, code diag.Code, say func(diag.Valuer) string) {
	m.guarded().Prove(c, diag.Claim{Code: code, Span: m.spanAt(f.at), Say: say})
}

// guardedPath is a path inside a folded region: what is proved there is owed under the guard only.
type guardedPath struct {
	*Path
	guard *smt.Term
}

// Prove records the obligation that c holds where the region is reached.
func (g guardedPath) Prove(c *smt.Term, claim diag.Claim) {
	g.Path.Prove(g.builder.Implies(g.guard, c), claim)
}

func (m *Machine) guarded() guardedPath { return guardedPath{m.p, m.guard} }

func (m *Machine) spanAt(pos token.Pos) source.Span { return m.program.NF.Span(pos) }

// global returns the object of a package variable.
func (m *Machine) global(g *ssa.Global) *Object {
	o, ok := m.program.globals[g]
	if !ok {
		panic(unsupported("the variable %s of another package", g))
	}
	return o
}

// alloc makes a new object with the zero value of t.
func (m *Machine) alloc(name string, t types.Type) *Object {
	o := &Object{Name: name, Type: t}
	m.memory[o] = zero(m.b, t)
	return o
}
