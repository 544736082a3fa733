package load

import (
	"go/ast"
	"go/token"

	"golang.org/x/tools/go/ssa"

	"vigor/internal/diag"
)

// Go leaves open whether x or f() comes first in x + f(), and compilers differ: go/ssa reads x before
// the call, gc after it. So a statement must not read a variable before a call in it that may change
// variables, unless the language says which comes first.

// ordered refuses such reads in the checked function.
func (c *checker) ordered() {
	if pkg := packageOf(c.fn); pkg == nil || c.l.packages[pkg.Path()] == nil {
		return
	}
	var loads []*ssa.UnOp
	for _, block := range c.fn.DomPreorder() {
		for _, i := range block.Instrs {
			switch i := i.(type) {
			case *ssa.UnOp:
				if i.Op == token.MUL {
					loads = append(loads, i)
				}
			case *ssa.Call:
				if i.Pos().IsValid() && c.l.changes(i.Common(), map[*ssa.Function]bool{}) {
					c.readBefore(i, loads)
				}
			}
		}
	}
}

// readBefore refuses the loads that share a statement with call and may come before or after it.
func (c *checker) readBefore(call *ssa.Call, loads []*ssa.UnOp) {
	var around []ast.Node
	for _, file := range c.l.packages[packageOf(c.fn).Path()].Files {
		around = append(around, enclosing(file, call.Pos())...)
	}
	for _, load := range loads {
		if load.Block().Dominates(call.Block()) && unordered(around, placeOf(load), call.Pos()) {
			c.reportf(diag.ReadBeforeCall, load, "read it into a variable in a statement before",
				"this is read before or after a call in the same statement that may change it")
		}
	}
}

// placeOf is where a load stands; an implicit one, such as of a receiver, stands where its value is used.
func placeOf(load *ssa.UnOp) token.Pos {
	if load.Pos().IsValid() {
		return load.Pos()
	}
	for _, user := range *load.Referrers() {
		if user.Pos().IsValid() {
			return user.Pos()
		}
	}
	return token.NoPos
}

// enclosing lists the nodes around pos, the innermost first.
func enclosing(root ast.Node, pos token.Pos) []ast.Node {
	var list []ast.Node
	ast.Inspect(root, func(n ast.Node) bool {
		if n == nil || pos < n.Pos() || n.End() <= pos {
			return false
		}
		list = append([]ast.Node{n}, list...)
		return true
	})
	return list
}

// unordered reports whether a read at pos, in the nodes around a call, has no order with the call: it is
// part of the same statement, neither inside the call nor on the other side of && or ||.
func unordered(around []ast.Node, pos, call token.Pos) bool {
	for _, n := range around {
		within := n.Pos() <= pos && pos < n.End()
		switch n := n.(type) {
		case *ast.CallExpr:
			if within {
				return n.Lparen != call
			}
		case *ast.BinaryExpr:
			if within {
				return n.Op != token.LAND && n.Op != token.LOR
			}
		case ast.Stmt:
			return within && innermost(n, pos) == n
		case ast.Expr, *ast.ValueSpec:
			if within {
				return true
			}
		}
	}
	return false
}

// innermost is the innermost statement of root around pos.
func innermost(root ast.Stmt, pos token.Pos) ast.Stmt {
	for _, n := range enclosing(root, pos) {
		if s, ok := n.(ast.Stmt); ok {
			return s
		}
	}
	return nil
}

// changes reports whether a call may write to a variable that the caller can read. Operations of libvig
// and of the standard library get and give values only.
func (l *loader) changes(call *ssa.CallCommon, seen map[*ssa.Function]bool) bool {
	if b, ok := call.Value.(*ssa.Builtin); ok {
		return b.Name() == "copy" || b.Name() == "clear"
	}
	fn := call.StaticCallee()
	switch {
	case fn == nil:
		return true
	case !l.entered(fn) || seen[fn]:
		return false
	}
	seen[fn] = true
	for _, block := range fn.Blocks {
		for _, i := range block.Instrs {
			switch i := i.(type) {
			case *ssa.Store:
				if !ownVariable(i.Addr) {
					return true
				}
			case *ssa.Call:
				if l.changes(&i.Call, seen) {
					return true
				}
			}
		}
	}
	return false
}

// ownVariable reports whether an address lies in a variable of the function that stores there.
func ownVariable(addr ssa.Value) bool {
	switch a := addr.(type) {
	case *ssa.Alloc:
		return true
	case *ssa.FieldAddr:
		return ownVariable(a.X)
	case *ssa.IndexAddr:
		return ownVariable(a.X)
	}
	return false
}
