package symbex

import (
	"go/ast"
	"go/token"

	"golang.org/x/tools/go/ssa"
)

// loopPosition is the place of the loop statement whose rounds start in head and end in last; SSA no
// longer knows it, so it is the innermost one around what the loop always executes.
func loopPosition(head, last *ssa.BasicBlock) token.Pos {
	inside := token.NoPos
	for _, block := range head.Parent().Blocks {
		if !head.Dominates(block) || !block.Dominates(last) {
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
