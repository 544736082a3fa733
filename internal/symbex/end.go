package symbex

import (
	"go/token"

	"golang.org/x/tools/go/ssa"
)

// End is the position of the return statement that made the run's result: the last one that the run
// came through or, where that one only hands on the result of a call to its own package, the last one
// in there.
func (r *Run) End() token.Pos {
	pos := token.NoPos
	for i := len(r.Returns) - 1; i >= 0; i-- {
		ret := r.Returns[i]
		pos = ret.Pos()
		if i == 0 || len(ret.Results) == 0 {
			break
		}
		before := r.Returns[i-1].Parent()
		call, ok := ret.Results[0].(*ssa.Call)
		if !ok || call.Call.StaticCallee() != before || before.Pkg != ret.Parent().Pkg {
			break
		}
	}
	return pos
}
