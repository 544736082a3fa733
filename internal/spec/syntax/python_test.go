package syntax

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestSameTreeAsPython compares every accepted spec, of this package and of resolve, with CPython's
// ast.parse, positions included.
func TestSameTreeAsPython(t *testing.T) {
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("python3 is not installed")
	}
	own, _ := filepath.Glob("testdata/accept/*.py")
	resolved, _ := filepath.Glob("../resolve/testdata/accept/*.py")
	if len(own) == 0 || len(resolved) == 0 {
		t.Fatalf("%d and %d files to compare", len(own), len(resolved))
	}
	files := append(own, resolved...)
	out, err := exec.Command(python, append([]string{"testdata/dump.py"}, files...)...).Output()
	if err != nil {
		t.Fatalf("python: %v", err)
	}
	var want []any
	if err := json.Unmarshal(out, &want); err != nil {
		t.Fatal(err)
	}
	for i, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			tree, problems := Parse(file, text)
			for _, d := range problems {
				t.Errorf("%v: %v %s", d.Span, d.Code, d.Message)
			}
			got := plain(t, dumpList(tree.Body))
			if !reflect.DeepEqual(want[i], got) {
				t.Errorf("tree differs (- CPython, + ours):\n%s", cmp.Diff(want[i], got))
			}
		})
	}
}

// plain passes x through JSON, so that it compares with what Python printed.
func plain(t *testing.T, x any) any {
	data, err := json.Marshal(x)
	if err != nil {
		t.Fatal(err)
	}
	var out any
	if err := json.Unmarshal(data, &out); err != nil {
		t.Fatal(err)
	}
	return out
}

func node(kind string, n Node, fields ...any) any {
	s := n.Span()
	where := []any{s.Start.Line, s.Start.Column, s.End.Line, s.End.Column}
	return append([]any{kind, where}, fields...)
}

func dumpList[T Node](list []T) any {
	out := []any{}
	for _, n := range list {
		out = append(out, dump(n))
	}
	return out
}

func dump(n Node) any {
	switch n := n.(type) {
	case nil:
		return nil
	case *From:
		names := []any{}
		for _, a := range n.Names {
			names = append(names, []any{a.Name, a.As})
		}
		return node("ImportFrom", n, n.Module, names)
	case *Import:
		return node("Import", n, n.Name)
	case *Function:
		params, decorators := []any{}, []any{}
		for _, p := range n.Params {
			params = append(params, []any{p.Name, dump(p.Annotation)})
		}
		if n.Decorator != nil {
			decorators = append(decorators, dump(n.Decorator))
		}
		return node("FunctionDef", n, n.Name, params, dump(n.Result), dumpList(n.Body), decorators)
	case *If:
		return node("If", n, dump(n.Cond), dumpList(n.Body), dumpList(n.Else))
	case *For:
		return node("For", n, dump(n.Target), dump(n.Over), dumpList(n.Body))
	case *Return:
		return node("Return", n, dump(n.Value))
	case *Assert:
		if n.Text == nil {
			return node("Assert", n, dump(n.Cond), nil)
		}
		return node("Assert", n, dump(n.Cond), dump(n.Text))
	case *Delete:
		return node("Delete", n, dump(n.Target))
	case *ExprStmt:
		return node("Expr", n, dump(n.X))
	case *Assign:
		return node("Assign", n, dumpList(n.Targets), dump(n.Value))
	case *Annotated:
		return node("AnnAssign", n, dump(n.Target), dump(n.Annotation), dump(n.Value))
	case *Augmented:
		return node("AugAssign", n, dump(n.Target), n.Op, dump(n.Value))
	case *Pass:
		return node("Pass", n)
	}
	return dumpExpr(n)
}

func dumpExpr(n Node) any {
	switch n := n.(type) {
	case *Name:
		return node("Name", n, n.Name)
	case *Number:
		return node("Constant", n, n.Value.String())
	case *String:
		return node("Constant", n, n.Value)
	case *Bool:
		return node("Constant", n, n.Value)
	case *Ellipsis:
		return node("Constant", n, "...")
	case *Tuple:
		return node("Tuple", n, dumpList(n.Elems))
	case *Attribute:
		return node("Attribute", n, dump(n.X), n.Name)
	case *Subscript:
		return node("Subscript", n, dump(n.X), dump(n.Index))
	case *Call:
		keywords := []any{}
		for _, k := range n.Keywords {
			keywords = append(keywords, []any{k.Name, dump(k.Value)})
		}
		return node("Call", n, dump(n.Fun), dumpList(n.Args), keywords)
	case *Generator:
		return node("GeneratorExp", n, dump(n.Elem), dump(n.Target), dump(n.Over))
	case *Unary:
		return node("UnaryOp", n, n.Op, dump(n.X))
	case *Binary:
		return node("BinOp", n, n.Op, dump(n.X), dump(n.Y))
	case *Logic:
		return node("BoolOp", n, n.Op, dumpList(n.Values))
	case *Compare:
		return node("Compare", n, dump(n.Left), n.Ops, dumpList(n.Right))
	case *Conditional:
		return node("IfExp", n, dump(n.Cond), dump(n.Then), dump(n.Else))
	}
	return nil
}
