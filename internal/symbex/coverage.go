package symbex

import (
	"go/token"

	"golang.org/x/tools/go/ssa"
)

// NeverReturned lists the return statements of Process, and of the functions of the NF's package that it
// calls without folding them, that no run came through.
func (r *Result) NeverReturned(p *Program) []token.Pos {
	seen := map[*ssa.Return]bool{}
	called := map[*ssa.Function]bool{p.NF.Process: true}
	order := []*ssa.Function{p.NF.Process}
	for _, run := range r.Runs {
		for _, ret := range run.Returns {
			seen[ret] = true
			if fn := ret.Parent(); fn.Pkg == p.NF.Package && !called[fn] {
				called[fn] = true
				order = append(order, fn)
			}
		}
	}
	var list []token.Pos
	for _, fn := range order {
		for _, block := range fn.Blocks {
			ret, ok := block.Instrs[len(block.Instrs)-1].(*ssa.Return)
			if ok && !seen[ret] {
				list = append(list, ret.Pos())
			}
		}
	}
	return list
}
