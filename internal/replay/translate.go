package replay

import (
	"fmt"
	"go/ast"
	"go/token"

	"vigor/internal/contract"
)

// translator writes expressions of one operation's contract as Go text for its body. Every integer
// is an int64 there; what that type cannot hold exactly is refused, as arithmetic is.
type translator struct {
	in       *instrumenter
	op       *contract.Operation
	receiver string
	pos      token.Position // of the line, for errors
}

func (in *instrumenter) translator(d *ast.FuncDecl, op *contract.Operation) *translator {
	t := &translator{in: in, op: op}
	if d.Recv != nil && len(d.Recv.List[0].Names) == 1 {
		t.receiver = d.Recv.List[0].Names[0].Name
	}
	return t
}

// fail reports an expression that cannot be written, and returns text that is never compiled.
func (t *translator) fail(e contract.Expr, why string) string {
	shown := (&contract.Quantified{Body: e}).Text()
	t.in.fail(t.pos, "%s of %s cannot be computed: %s", shown, t.op.Name, why)
	return "?"
}

// text is e as Go.
func (t *translator) text(e contract.Expr) string {
	if s := e.Sort(); s.Kind == contract.Int && s.Bits == 64 && !s.Signed {
		return t.fail(e, "it may exceed an int64")
	}
	switch e := e.(type) {
	case *contract.Literal:
		return t.literal(e)
	case *contract.Variable:
		return converted(e, e.Name)
	case *contract.Field:
		return converted(e, t.text(e.X)+"."+e.Name)
	case *contract.Length:
		return "int64(len(" + e.Of.Name + "))"
	case *contract.Read:
		return t.read(e)
	case *contract.Unary:
		if e.Op == "!" {
			return "!(" + t.text(e.X) + ")"
		}
	case *contract.Binary:
		return t.binary(e)
	}
	return t.fail(e, "there is no Go for it")
}

func (t *translator) literal(e *contract.Literal) string {
	switch {
	case e.Sort().Kind == contract.Bool:
		return e.String()
	case e.Value.IsInt64():
		return "int64(" + e.Value.String() + ")"
	}
	return t.fail(e, "it exceeds an int64")
}

// converted is Go text of e's type in the type that it has here.
func converted(e contract.Expr, text string) string {
	switch e.Sort().Kind {
	case contract.Int:
		return "int64(" + text + ")"
	case contract.Bool:
		return "bool(" + text + ")"
	}
	return text
}

// operators gives the Go operator for each of the contract's that has one on bools or int64.
var operators = map[string]string{"&&": "&&", "||": "||", "<==>": "==", "==": "==", "!=": "!=",
	"<": "<", "<=": "<=", ">": ">", ">=": ">="}

func (t *translator) binary(e *contract.Binary) string {
	if e.Op == "==>" {
		return "(!(" + t.text(e.X) + ") || " + t.text(e.Y) + ")"
	}
	op, ok := operators[e.Op]
	if !ok {
		return t.fail(e, "integers are exact in contracts and wrap in Go")
	}
	return "(" + t.text(e.X) + " " + op + " " + t.text(e.Y) + ")"
}

// read is the call of an observer's accessor, or its field.
func (t *translator) read(e *contract.Read) string {
	method := "observe" + capital(e.Ghost.Name)
	if t.receiver == "" {
		return t.fail(e, "the function has no named receiver")
	}
	if !t.in.accessors[t.op.Type.Name+"."+method] {
		if e.Index == nil && e.Ghost.Value.Kind == contract.Int {
			t.in.ghosts[e.Ghost] = true
			return t.receiver + "." + fieldOf(e.Ghost)
		}
		return t.fail(e, fmt.Sprintf("package replay needs a method (*%s).%s in its _harness/libvig_observe.go",
			t.op.Type.Name, method))
	}
	index := ""
	if e.Index != nil {
		index = t.text(e.Index)
	}
	return t.receiver + "." + method + "(" + index + ")"
}

// defined is a part of a definition as Go: a guard, which may speak of results only, or a value,
// which may speak of arguments only.
func (t *translator) defined(e contract.Expr, guard bool) string {
	contract.Walk(e, func(x contract.Expr) {
		switch x := x.(type) {
		case *contract.Variable:
			if x.Result != guard {
				t.fail(x, "a guard may use results only, a value arguments only")
			}
		case *contract.Read, *contract.Count:
			t.fail(x, "a definition that is executed may not use observers")
		}
	})
	return t.text(e)
}
