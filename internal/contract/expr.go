package contract

import (
	"fmt"
	"go/token"
	"go/types"
	"math/big"
	"strings"
)

// Kind tells the four sorts of values that a contract speaks of.
type Kind int

// The kinds of a Sort.
const (
	Bool  Kind = iota
	Int        // an exact integer, perhaps with a declared range
	Param      // a value of a type parameter: equality only
	Plain      // a Go struct or array: equality, fields
)

// Sort is the type of an expression.
type Sort struct {
	Kind   Kind
	Bits   int        // Int: width of the declared range in bits, 0 if there is none
	Signed bool       // Int: the range is two's complement
	Name   string     // Param: the name in the type's declaration
	Go     types.Type // the Go type of a parameter, result or field; nil for what only contracts have
}

// String writes the sort as contract text does.
func (s Sort) String() string {
	switch s.Kind {
	case Bool:
		return "bool"
	case Param:
		return s.Name
	case Plain:
		return types.TypeString(s.Go, func(p *types.Package) string { return p.Name() })
	}
	switch {
	case s.Bits == 0 || s.Bits == 64 && s.Signed:
		return "int"
	case s.Signed:
		return fmt.Sprintf("int%d", s.Bits)
	}
	return fmt.Sprintf("uint%d", s.Bits)
}

// Range returns the least and the greatest value of an Int sort; nil, nil if it has no range.
func (s Sort) Range() (lo, hi *big.Int) {
	if s.Kind != Int || s.Bits == 0 {
		return nil, nil
	}
	one := big.NewInt(1)
	if s.Signed {
		half := new(big.Int).Lsh(one, uint(s.Bits-1))
		return new(big.Int).Neg(half), half.Sub(half, one)
	}
	top := new(big.Int).Lsh(one, uint(s.Bits))
	return new(big.Int), top.Sub(top, one)
}

// same reports whether values of s and t may be compared with ==.
func (s Sort) same(t Sort) bool {
	if s.Kind != t.Kind {
		return false
	}
	switch s.Kind {
	case Param:
		return s.Name == t.Name
	case Plain:
		return types.Identical(s.Go, t.Go)
	}
	return true
}

// Expr is a typed expression. Its String is canonical: equal text means equal meaning within one
// operation.
type Expr interface {
	Pos() token.Pos
	Sort() Sort
	String() string
}

type base struct {
	pos  token.Pos
	sort Sort
}

func (b base) Pos() token.Pos { return b.pos }
func (b base) Sort() Sort     { return b.sort }

// Literal is a constant: a bool if its sort is Bool (Value is 0 or 1), else an integer.
type Literal struct {
	base
	Value *big.Int
}

// Variable is a parameter, a result or the variable of a quantifier.
type Variable struct {
	base
	Name   string
	Result bool
}

// Read is the value of an observer, at an index unless it is a scalar.
type Read struct {
	base
	Ghost *Ghost
	Index Expr // nil for a scalar
	// Old says which state of a call is read: the one before. An observer that the operation leaves
	// unchanged is always read there. In an exposes line it is false.
	Old bool
}

// Field is a field of a struct value.
type Field struct {
	base
	X     Expr
	Name  string
	Index int // the field's number
	// Before are the sorts of the fields before it.
	Before []Sort
}

// Unary is ! of a bool, - of an integer, or ^ (all bits inverted) of an unsigned integer with a range.
type Unary struct {
	base
	Op string
	X  Expr
}

// Binary is one of && || ==> <==> (bool), == != (any sort), < <= > >= + - * and, with a positive
// literal on the right, / % (exact integers, rounding down).
type Binary struct {
	base
	Op   string
	X, Y Expr
}

// Cond is C ? X : Y.
type Cond struct {
	base
	C, X, Y Expr
}

// Count is the number of i in 0..N-1 at which a bool observer over int holds.
type Count struct {
	base
	Ghost *Ghost
	Old   bool
	N     Expr
}

// OCAdd is the 16-bit addition with end-around carry of RFC 1071: the sum of its arguments as
// integers, folded while it exceeds 0xffff by adding the part above bit 15 to the low 16 bits.
type OCAdd struct {
	base
	Args []Expr
}

// OCSum is the sum, with end-around carry, of the 16-bit words of a parameter that is a slice of bytes, the more
// significant byte of each first and an odd last one padded with 0 (RFC 1071), and of what Initial already adds up: a
// number of at most 32 bits, whose two halves are added like words.
type OCSum struct {
	base
	Of      *Variable
	Initial Expr
}

// Element is an element of a parameter that is a slice, as it is before the call. Beyond the end it is any
// value.
type Element struct {
	base
	Of    *Variable
	Index Expr
}

// Length is the number of elements of a parameter that is a slice.
type Length struct {
	base
	Of *Variable
}

// String writes the expression as in a contract.
func (e *Element) String() string { return e.Of.Name + "[" + e.Index.String() + "]" }

// String writes the expression as in a contract.
func (e *OCSum) String() string { return "ocsum(" + e.Of.Name + ", " + e.Initial.String() + ")" }

// String writes the expression as in a contract.
func (e *Length) String() string { return "len(" + e.Of.Name + ")" }

// String writes the expression as in a contract.
func (e *Literal) String() string {
	if e.sort.Kind == Bool {
		return fmt.Sprint(e.Value.Sign() != 0)
	}
	return e.Value.String()
}

// String writes the expression as in a contract.
func (e *Variable) String() string { return e.Name }

// String writes the expression as in a contract.
func (e *Read) String() string {
	s := e.Ghost.Name
	if e.Index != nil {
		s += "[" + e.Index.String() + "]"
	}
	if e.Old {
		return "old(" + s + ")"
	}
	return s
}

// String writes the expression as in a contract.
func (e *Field) String() string { return e.X.String() + "." + e.Name }

// String writes the expression as in a contract.
func (e *Unary) String() string { return e.Op + e.X.String() }

// String writes the expression as in a contract.
func (e *Binary) String() string {
	return "(" + e.X.String() + " " + e.Op + " " + e.Y.String() + ")"
}

// String writes the expression as in a contract.
func (e *Cond) String() string {
	return "(" + e.C.String() + " ? " + e.X.String() + " : " + e.Y.String() + ")"
}

// String writes the expression as in a contract.
func (e *Count) String() string {
	s := e.Ghost.Name
	if e.Old {
		s = "old(" + s + ")"
	}
	return "count(" + s + ", " + e.N.String() + ")"
}

// String writes the expression as in a contract.
func (e *OCAdd) String() string {
	parts := make([]string, len(e.Args))
	for i, a := range e.Args {
		parts[i] = a.String()
	}
	return "ocadd(" + strings.Join(parts, ", ") + ")"
}

// operands returns the direct subexpressions of e in order.
func operands(e Expr) []Expr {
	switch e := e.(type) {
	case *Read:
		if e.Index != nil {
			return []Expr{e.Index}
		}
	case *Element:
		return []Expr{e.Index}
	case *Field:
		return []Expr{e.X}
	case *Unary:
		return []Expr{e.X}
	case *Binary:
		return []Expr{e.X, e.Y}
	case *Cond:
		return []Expr{e.C, e.X, e.Y}
	case *Count:
		return []Expr{e.N}
	case *OCAdd:
		return e.Args
	case *OCSum:
		return []Expr{e.Initial}
	}
	return nil
}

// Walk calls f on e and all its subexpressions, outermost first.
func Walk(e Expr, f func(Expr)) {
	f(e)
	for _, x := range operands(e) {
		Walk(x, f)
	}
}
