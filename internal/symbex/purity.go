package symbex

import (
	"go/token"

	"golang.org/x/tools/go/ssa"
)

// foldable reports whether a call of fn can be executed as one region: no loop, no effect but on its
// own locals, and no call of anything else. In doubt it cannot.
func (p *Program) foldable(fn *ssa.Function) bool {
	if known, ok := p.pure[fn]; ok {
		return known
	}
	p.pure[fn] = false // also the answer for a recursive call
	pure := fn.Blocks != nil && fn.Recover == nil && !hasLoop(fn)
	for _, block := range fn.Blocks {
		for _, instr := range block.Instrs {
			_, isReturn := instr.(*ssa.Return)
			pure = pure && (isReturn || p.speculative(instr))
		}
	}
	p.pure[fn] = pure
	return pure
}

// foldableBlock reports whether a block can be executed although control may not reach it, and goes
// on to other blocks.
func (p *Program) foldableBlock(block *ssa.BasicBlock) bool {
	for _, instr := range block.Instrs {
		if !p.speculative(instr) {
			return false
		}
	}
	return true
}

// speculative reports whether an instruction may be executed under a guard.
func (p *Program) speculative(instr ssa.Instruction) bool {
	switch i := instr.(type) {
	case *ssa.Phi, *ssa.If, *ssa.Jump, *ssa.DebugRef, *ssa.BinOp, *ssa.Convert, *ssa.ChangeType,
		*ssa.Extract, *ssa.Field, *ssa.FieldAddr, *ssa.Index, *ssa.IndexAddr, *ssa.Slice,
		*ssa.SliceToArrayPointer, *ssa.Alloc:
		return true
	case *ssa.UnOp:
		return i.Op != token.ARROW
	case *ssa.Store:
		return isLocal(i.Addr)
	case *ssa.Call:
		return p.speculativeCall(&i.Call)
	}
	return false
}

func (p *Program) speculativeCall(c *ssa.CallCommon) bool {
	if b, ok := c.Value.(*ssa.Builtin); ok {
		return b.Name() == "len" || b.Name() == "cap" || b.Name() == "min" || b.Name() == "max"
	}
	fn := c.StaticCallee()
	if fn == nil {
		return false
	}
	if _, summarised := p.function(fn); summarised {
		return true
	}
	if isWordFunction(fn) {
		return true
	}
	return p.isSource(fn) && !p.isLibrary(fn) && p.foldable(fn)
}

// isLocal reports whether an address lies in a variable of the same function.
func isLocal(addr ssa.Value) bool {
	for {
		switch a := addr.(type) {
		case *ssa.Alloc:
			return true
		case *ssa.FieldAddr:
			addr = a.X
		case *ssa.IndexAddr:
			addr = a.X
		default:
			return false
		}
	}
}

// hasLoop reports whether the control flow graph of fn has a cycle.
func hasLoop(fn *ssa.Function) bool {
	const open, closed = 1, 2
	state := map[*ssa.BasicBlock]int{}
	var visit func(*ssa.BasicBlock) bool
	visit = func(block *ssa.BasicBlock) bool {
		state[block] = open
		for _, next := range block.Succs {
			if state[next] == open || state[next] == 0 && visit(next) {
				return true
			}
		}
		state[block] = closed
		return false
	}
	return len(fn.Blocks) > 0 && visit(fn.Blocks[0])
}
