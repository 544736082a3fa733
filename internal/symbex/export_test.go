package symbex

import (
	"go/types"

	"golang.org/x/tools/go/ssa"

	"vigor/internal/smt"
)

// Body runs the body of a function, even if a contract stands for it elsewhere.
func (p *Program) Body(path *Path, fn *ssa.Function, args []Value) Value {
	return p.machine(path).call(fn, args, nil)
}

// Head is the state at the head of a function's only loop.
type Head struct {
	Bytes Slice     // the one variable that is a slice of bytes, a part of content
	Sum   *smt.Term // the one variable that is a number
}

// Round runs a function with one loop, of which the first argument is a slice of content, until it comes to the head of
// the loop: from its beginning if at is nil, else from the head on. It gives the state there, or else the result.
func (p *Program) Round(path *Path, fn *ssa.Function, content smt.Array, args []Value, at *Head) (*Head, Value) {
	m := p.machine(path)
	m.memory[args[0].(Slice).Base.Object] = Bytes{content}
	f, head := m.enter(fn, args, nil), loopHead(fn)
	if at != nil {
		f.block = head
		for _, phi := range phisOf(head) {
			if _, number := phi.Type().Underlying().(*types.Basic); number {
				f.values[phi] = Scalar{at.Sum}
			} else {
				f.values[phi] = at.Bytes
			}
		}
	}
	for at != nil || f.block != head {
		at = nil
		for _, instr := range f.block.Instrs {
			m.reach(f, instr)
			if ret, ok := instr.(*ssa.Return); ok {
				return nil, m.results(f, ret)
			}
			m.step(f, instr)
		}
		m.leave(f)
	}
	m.phis(f) // of a folded region they have their values
	again := &Head{}
	for _, phi := range phisOf(head) {
		switch v := f.values[phi].(type) {
		case Scalar:
			again.Sum = v.Term
		case Slice:
			again.Bytes = v
		}
	}
	return again, nil
}

// loopHead is the block of a function that a later one leads back to.
func loopHead(fn *ssa.Function) *ssa.BasicBlock {
	for _, block := range fn.Blocks {
		for _, from := range block.Preds {
			if block.Dominates(from) {
				return block
			}
		}
	}
	return nil
}

func phisOf(block *ssa.BasicBlock) (list []*ssa.Phi) {
	for _, instr := range block.Instrs {
		if phi, ok := instr.(*ssa.Phi); ok {
			list = append(list, phi)
		}
	}
	return list
}
