package syntax

import (
	"math/big"

	"vigor/internal/source"
)

// Node is a part of the tree.
type Node interface {
	// Span says where the node's text is; parentheses around an expression do not belong to it.
	Span() source.Span
}

// Place is a node's position, embedded in every node.
type Place struct{ At source.Span }

// Span gives the node's position.
func (p Place) Span() source.Span { return p.At }

// File is one parsed file.
type File struct {
	Place
	Name     string
	Text     []byte
	Body     []Stmt
	Comments []Comment
}

// Comment is a '#' comment without its '#', surrounding blanks removed.
type Comment struct {
	Place
	Text string
}

// Doc returns the docstring that opens body, or nil.
func Doc(body []Stmt) *String {
	if len(body) == 0 {
		return nil
	}
	s, ok := body[0].(*ExprStmt)
	if !ok {
		return nil
	}
	text, _ := s.X.(*String)
	return text
}

// Stmt is a statement.
type Stmt interface{ Node }

// From is `from module import a, b as c`.
type From struct {
	Place
	Module string // dotted
	Names  []Alias
}

// Import is `import name`.
type Import struct {
	Place
	Name string
}

// Alias is one imported name; As equals Name if there is no `as`.
type Alias struct {
	Place
	Name, As string
}

// Function is a top-level `def`.
type Function struct {
	Place
	Name      string
	NameAt    source.Span
	Params    []Param
	Result    Expr // the annotation behind `->`, or nil
	Body      []Stmt
	Decorator *Name // nil, or scenario
}

// Param is a parameter with its annotation, which may be nil.
type Param struct {
	Place
	Name       string
	Annotation Expr
}

// If is `if`; an `elif` is an If alone in Else.
type If struct {
	Place
	Cond Expr
	Body []Stmt
	Else []Stmt
}

// For is a loop over a tuple or a range.
type For struct {
	Place
	Target Expr
	Over   Expr
	Body   []Stmt
}

// Return is `return`, Value nil if bare.
type Return struct {
	Place
	Value Expr
}

// Assert is `assert Cond, Text`; Text may be nil.
type Assert struct {
	Place
	Cond Expr
	Text *String
}

// Delete is `del target`.
type Delete struct {
	Place
	Target Expr
}

// ExprStmt is a call, or a docstring.
type ExprStmt struct {
	Place
	X Expr
}

// Assign is `a = b = value`.
type Assign struct {
	Place
	Targets []Expr
	Value   Expr
}

// Annotated is `name: annotation = value`; Value may be nil.
type Annotated struct {
	Place
	Target     *Name
	Annotation Expr
	Value      Expr
}

// Augmented is `target op= value`.
type Augmented struct {
	Place
	Target Expr
	Op     string // without the '='
	Value  Expr
}

// Pass is `pass`.
type Pass struct{ Place }

// Expr is an expression.
type Expr interface{ Node }

// Name is an identifier.
type Name struct {
	Place
	Name string
}

// Number is an integer literal.
type Number struct {
	Place
	Value *big.Int
}

// String is a string literal, adjacent ones joined.
type String struct {
	Place
	Value string
}

// Bool is True or False.
type Bool struct {
	Place
	Value bool
}

// Ellipsis is `...`.
type Ellipsis struct{ Place }

// Tuple is `a, b`, with or without parentheses.
type Tuple struct {
	Place
	Elems []Expr
}

// Attribute is `X.Name`.
type Attribute struct {
	Place
	X      Expr
	Name   string
	NameAt source.Span
}

// Subscript is `X[Index]`.
type Subscript struct {
	Place
	X, Index Expr
}

// Call is `Fun(args)`.
type Call struct {
	Place
	Fun      Expr
	Args     []Expr
	Keywords []Keyword
}

// Keyword is `name=value` in a call.
type Keyword struct {
	Place
	Name  string
	Value Expr
}

// Generator is `Elem for Target in Over`, the only argument of all() or any().
type Generator struct {
	Place
	Elem, Target, Over Expr
}

// Unary is `-x`, `+x`, `~x` or `not x`.
type Unary struct {
	Place
	Op string
	X  Expr
}

// Binary is an arithmetic operation.
type Binary struct {
	Place
	Op   string
	X, Y Expr
}

// Logic is `a and b and c` or `a or b or c`.
type Logic struct {
	Place
	Op     string
	Values []Expr
}

// Compare is a chain such as `a < b <= c`: one operator before each element of Right.
type Compare struct {
	Place
	Left  Expr
	Ops   []string // "<", …, "in", "not in"
	Right []Expr
}

// Conditional is `Then if Cond else Else`.
type Conditional struct {
	Place
	Cond, Then, Else Expr
}
