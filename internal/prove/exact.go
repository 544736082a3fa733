package prove

import (
	"fmt"
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"math/big"
	"strings"
)

// This file writes the Go body of a bits function as a formula on integers, for examples: there the function
// is evaluated and not only known by its contract.

// whole is an integer term with what is known of its bits.
type whole struct {
	text     string
	reach    int  // how many bits it needs; the sign aside
	zeros    int  // how many of its lowest bits are 0
	negative bool // it may be
}

// exactText defines a bits function.
func (w *world) exactText(f *function) string {
	sig, pos := f.object.Signature(), w.position(f.decl)
	x := &exactScope{w: w, vars: map[string]whole{}}
	var params []string
	for i := range sig.Params().Len() {
		p := sig.Params().At(i)
		low, high, ok := bounds(p.Type())
		if !ok {
			refuse(pos, "", "type %s has no bits", p.Type())
		}
		x.vars[p.Name()] = whole{text: p.Name() + "_", reach: high.BitLen(), negative: low.Sign() < 0}
		params = append(params, "("+p.Name()+"_ Int)")
	}
	if len(f.decl.Body.List) == 1 {
		if ret, ok := f.decl.Body.List[0].(*ast.ReturnStmt); ok && len(ret.Results) == 1 {
			return fmt.Sprintf("(define-fun f_%s (%s) Int %s)\n", f.owner, strings.Join(params, " "), x.value(ret.Results[0]).text)
		}
	}
	refuse(pos, "return one expression", "the body of a bits function cannot be read")
	return ""
}

type exactScope struct {
	w    *world
	vars map[string]whole
}

func (x *exactScope) value(e ast.Expr) whole {
	e = ast.Unparen(e)
	if tv := x.w.info.Types[e]; tv.Value != nil && tv.Value.Kind() == constant.Int {
		n, _ := new(big.Int).SetString(tv.Value.ExactString(), 10)
		return whole{text: integer(n).text, reach: n.BitLen(), negative: n.Sign() < 0}
	}
	switch e := e.(type) {
	case *ast.Ident:
		if v, ok := x.vars[e.Name]; ok {
			return v
		}
	case *ast.CallExpr:
		if x.w.info.Types[e.Fun].IsType() {
			return x.wrapped(x.value(e.Args[0]), x.w.info.TypeOf(e))
		}
	case *ast.BinaryExpr:
		return x.binary(e)
	}
	refuse(x.w.position(e), "", "this expression of a bits function cannot be read")
	return whole{}
}

// wrapped is a value brought into the range of a type, as Go does it.
func (x *exactScope) wrapped(v whole, t types.Type) whole {
	low, high, _ := bounds(t)
	width := new(big.Int).Sub(high, low).BitLen()
	if v.reach <= high.BitLen() && (!v.negative || low.Sign() < 0) {
		return v
	}
	power := func(n int) string { return new(big.Int).Lsh(big.NewInt(1), uint(n)).String() }
	if low.Sign() == 0 {
		return whole{text: fmt.Sprintf("(mod %s %s)", v.text, power(width)), reach: width, zeros: min(v.zeros, width)}
	}
	half := power(width - 1)
	return whole{text: fmt.Sprintf("(- (mod (+ %s %s) %s) %s)", v.text, half, power(width), half), reach: width - 1, negative: true}
}

func (x *exactScope) binary(e *ast.BinaryExpr) whole {
	a, b, t := x.value(e.X), x.value(e.Y), x.w.info.TypeOf(e)
	n, isNumber := new(big.Int).SetString(b.text, 10)
	switch e.Op {
	case token.ADD, token.SUB:
		return x.wrapped(whole{text: fmt.Sprintf("(%s %s %s)", e.Op, a.text, b.text), reach: max(a.reach, b.reach) + 1,
			negative: e.Op == token.SUB || a.negative || b.negative}, t)
	case token.SHL, token.SHR:
		if !isNumber || n.Cmp(big.NewInt(63)) > 0 || a.negative {
			break
		}
		by := int(n.Int64())
		power := new(big.Int).Lsh(big.NewInt(1), uint(by)).String()
		if e.Op == token.SHR {
			return whole{text: fmt.Sprintf("(div %s %s)", a.text, power), reach: max(a.reach-by, 0)}
		}
		return x.wrapped(whole{text: fmt.Sprintf("(* %s %s)", a.text, power), reach: a.reach + by, zeros: by}, t)
	case token.AND, token.OR, token.XOR:
		if a.negative || b.negative {
			break
		}
		return x.joined(e.Op, a, b, n, isNumber)
	}
	refuse(x.w.position(e), "", "this expression of a bits function cannot be evaluated exactly")
	return whole{}
}

// joined is & | or ^ of two numbers that are not negative.
func (x *exactScope) joined(op token.Token, a, b whole, n *big.Int, isNumber bool) whole {
	common := fmt.Sprintf("(band %s %s)", a.text, b.text)
	if isNumber && new(big.Int).Lsh(big.NewInt(1), uint(n.BitLen())).Cmp(new(big.Int).Add(n, big.NewInt(1))) == 0 {
		common = fmt.Sprintf("(mod %s %s)", a.text, new(big.Int).Add(n, big.NewInt(1)))
	}
	if a.reach <= b.zeros || b.reach <= a.zeros {
		common = "0"
	}
	reach := max(a.reach, b.reach)
	switch op {
	case token.AND:
		return whole{text: common, reach: min(a.reach, b.reach)}
	case token.OR:
		return whole{text: fmt.Sprintf("(- (+ %s %s) %s)", a.text, b.text, common), reach: reach}
	}
	return whole{text: fmt.Sprintf("(- (+ %s %s) (* 2 %s))", a.text, b.text, common), reach: reach}
}
