package lower

import (
	"fmt"
	"math/big"
	"net/netip"
	"strings"

	"vigor/internal/diag"
	"vigor/internal/smt"
	"vigor/internal/spec/syntax"
)

// intValue is the value of an exact integer under a counterexample.
func intValue(i smt.Int, val diag.Valuer) *big.Int {
	v := val(i.Term)
	if w := i.Term.Width(); i.Lo.Sign() < 0 && v.Bit(w-1) == 1 {
		v = new(big.Int).Sub(v, new(big.Int).Lsh(big.NewInt(1), uint(w)))
	}
	return v
}

func showInt(i smt.Int, val diag.Valuer) string { return intValue(i, val).String() }

// showBits writes a header field's bits: kind "mac", "ip4", "bool" or "".
func showBits(v *big.Int, width int) string {
	switch width {
	case 48:
		b := v.FillBytes(make([]byte, 6))
		return fmt.Sprintf("%02x:%02x:%02x:%02x:%02x:%02x", b[0], b[1], b[2], b[3], b[4], b[5])
	case 32:
		return netip.AddrFrom4([4]byte(v.FillBytes(make([]byte, 4)))).String()
	}
	return v.String()
}

// show writes a value under a counterexample.
func show(v value, val diag.Valuer) string {
	switch v := v.(type) {
	case boolean:
		if val(v.term).Sign() != 0 {
			return "True"
		}
		return "False"
	case smt.Int:
		return showInt(v, val)
	case address:
		return showBits(val(v.term), v.term.Width())
	}
	var list []string
	rec, named := v.(record)
	for i, e := range elements(v) {
		text := show(e, val)
		if named {
			text = rec.of.Fields[i].Name + " " + text
		}
		list = append(list, text)
	}
	return "(" + strings.Join(list, ", ") + ")"
}

// operands is " (a 1, b 2)": the values of what x is computed from.
func (r *run) operands(x syntax.Expr, val diag.Valuer) string {
	var list []string
	var visit func(syntax.Expr)
	visit = func(e syntax.Expr) {
		switch e := e.(type) {
		case *syntax.Binary:
			visit(e.X)
			visit(e.Y)
			return
		case *syntax.Unary:
			visit(e.X)
			return
		case *syntax.Conditional:
			visit(e.Then)
			visit(e.Else)
			return
		case *syntax.Number:
			return
		}
		if i, ok := r.seen[e].(smt.Int); ok && e != x {
			list = append(list, r.text(e)+" "+showInt(i, val))
		}
	}
	visit(x)
	if len(list) == 0 {
		return ""
	}
	return " (" + strings.Join(list, ", ") + ")"
}
