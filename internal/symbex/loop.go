package symbex

import (
	"go/ast"
	"go/token"

	"golang.org/x/tools/go/ssa"
)

// loopPosition is the place of the loop statement whose rounds start in head. SSA no longer knows it: it
// is the innermost one around the first thing in the text that only head leads to.
func loopPosition(head *ssa.BasicBlock) token.Pos {
	inside := token.NoPos
	for _, block := range head.Parent().Blocks {
		if !head.Dominates(block) {
			continue
		}
		for _, instr := range block.Instrs {
			if _, phi := instr.(*ssa.Phi); phi { // stands where its variable is declared
				continue
			}
			if pos := instr.Pos(); pos.IsValid() && (pos < inside || !inside.IsValid()) {
				inside = pos
			}
		}
	}
	at := inside
	if syntax := head.Parent().Syntax(); syntax != nil {
		ast.Inspect(syntax, func(n ast.Node) bool {
			switch n.(type) {
			case *ast.ForStmt, *ast.RangeStmt:
				if n.Pos() <= inside && inside < n.End() {
					at = n.Pos()
				}
			}
			return true
		})
	}
	return at
}
