package lower

import (
	"fmt"
	"math/big"
	"net/netip"
	"strings"

	"vigor/internal/diag"
	"vigor/internal/smt"
	"vigor/internal/spec/resolve"
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

// showAddress writes a mac (48 bits) or an ip4 (32 bits).
func showAddress(v *big.Int, width int) string {
	if width == 48 {
		b := v.FillBytes(make([]byte, 6))
		return fmt.Sprintf("%02x:%02x:%02x:%02x:%02x:%02x", b[0], b[1], b[2], b[3], b[4], b[5])
	}
	return netip.AddrFrom4([4]byte(v.FillBytes(make([]byte, 4)))).String()
}

// showField writes the bits of a header field.
func showField(f resolve.HeaderField, v *big.Int) string {
	switch f.Type.Kind {
	case resolve.MAC, resolve.IP4:
		return showAddress(v, f.Width)
	case resolve.Bool:
		if v.Sign() != 0 {
			return "True"
		}
		return "False"
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
		return showAddress(val(v.term), v.term.Width())
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

// operands notes what x is computed from, for " (a 1, b 2)" under a counterexample.
func (r *run) operands(x syntax.Expr) func(diag.Valuer) string {
	type operand struct {
		text string
		i    smt.Int
	}
	var list []operand
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
			list = append(list, operand{r.text(e), i})
		}
	}
	visit(x)
	return func(val diag.Valuer) string {
		var parts []string
		for _, o := range list {
			parts = append(parts, o.text+" "+showInt(o.i, val))
		}
		if len(parts) == 0 {
			return ""
		}
		return " (" + strings.Join(parts, ", ") + ")"
	}
}
