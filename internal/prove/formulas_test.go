package prove

import (
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"slices"
	"strings"
	"testing"

	"vigor/internal/contract"
)

// nasty are formulas over the type of nastyGhosts.
var nasty = []string{
	"old(x[i]) == x[i]", "old(x[y[i]]) == x[y[i]]", "x[old(y[i])] == y[i]", "x[y[i]] <= old(y[x[i]])",
	"(i - 5) / 3 == j", "(i - 5) % 3 == j - 1", "(0 - i) / 2 + (0 - i) % 2 < 0 - j", "-i / 4 == -(i / 4)", "(i - j) % 7 >= 0",
	"count(on, n) == count(old(on), n)", "count(on, n) < count(old(on), n) + 1", "count(on, n) == n", "count(old(on), n) == 0",
	"on[i] ? old(on[j]) : !on[j]", "(on[i] ? x[i] : y[j]) == (on[j] ? y[i] : x[j])", "on[i] ==> on[j] ==> old(on[i])",
	"(on[i] ==> on[j]) ==> old(on[i])", "(on[i] <==> on[j]) <==> old(on[j])", "on[i] || on[j] && old(on[i])",
	"!(on[i] && on[j]) == (!on[i] || !on[j])", "(i < j) == on[i]", "x[i] - y[j] - x[j] < 0", "x[i] - (y[j] - x[j]) < 0",
	"x[i] * y[j] - 7 == 7 * j", "w[i] + w[j] > 18446744073709551615", "w[i] - w[j] < 0", "w[i] * w[j] >= w[i]", "s[i] * s[j] < s[i] + s[j]",
	"s[i] / 3 * 3 + s[i] % 3 == s[i]", "s[i] / 3 == s[j] / 3", "s[i] % 8 == s[j] % 8", "k == key[i]", "old(key[i]) != key[j]", "of[key[i]] == of[k]",
	"old(of[key[i]]) <= of[old(key[i])]", "n - 1 < old(n)", "top == old(top)", "old(top) + 1 > top",
}

const nastyGhosts = `// @ ghost on map[int]bool
// @ ghost x, y map[int]uint31
// @ ghost w map[int]uint64
// @ ghost s map[int]int64
// @ ghost key map[int]K
// @ ghost of map[K]uint8
// @ ghost n uint31
// @ ghost top int64
`

// formulas lists those of a type's contracts, and how many there are that speak of slices and structures, which
// operations of the type made here cannot have.
func formulas(of *contract.Type) (list []sample, left int) {
	add := func(e contract.Expr, vs ...*contract.Variable) {
		params, fits := map[string]string{}, true
		contract.Walk(e, func(e contract.Expr) {
			switch e := e.(type) {
			case *contract.Variable:
				params[e.Name] = goType(e.Sort())
				fits = fits && params[e.Name] != ""
			case *contract.Element, *contract.Length, *contract.Field:
				fits = false
			}
		})
		if !fits {
			left++
			return
		}
		text := withoutInnerOld(e.String())
		switch e.Sort().Kind {
		case contract.Int:
			text, params["than"] = "("+text+") <= than", "int"
		case contract.Param:
			text, params["than"] = "("+text+") == than", e.Sort().Name
		}
		declared := []string{}
		for _, name := range sorted(params) {
			declared = append(declared, name+" "+params[name])
		}
		list = append(list, sample{strings.Join(declared, ", "), text})
	}
	operation := func(op *contract.Operation) {
		for _, q := range op.Requires {
			add(q.Body)
		}
		for _, d := range op.Defs {
			for _, u := range d.Updates {
				add(u.Index)
				add(u.Value)
			}
			for _, x := range slices.Concat(d.Guards, []contract.Expr{d.Value}) {
				if x != nil {
					add(x)
				}
			}
		}
		for _, c := range op.Constraints {
			for _, x := range slices.Concat(c.Guards, []contract.Expr{c.Body}) {
				add(x)
			}
		}
	}
	for _, q := range of.Exposes {
		add(q.Body)
	}
	for _, name := range of.OperationNames() {
		operation(of.Operations[name])
	}
	for _, name := range of.ConstructorNames() {
		operation(of.Constructors[name])
	}
	return list, left
}

// withoutInnerOld leaves out old where it stands inside of old, as it does in the way formulas are shown.
func withoutInnerOld(text string) string {
	var out strings.Builder
	var open []bool // for each open parenthesis: that of an old
	olds := 0
	for i := 0; i < len(text); i++ {
		switch {
		case strings.HasPrefix(text[i:], "old(") && (i == 0 || !strings.ContainsRune("abcdefghijklmnopqrstuvwxyz", rune(text[i-1]))):
			if olds++; olds == 1 {
				out.WriteString("old")
			}
			out.WriteByte('(')
			open = append(open, true)
			i += len("old(") - 1
			continue
		case text[i] == '(':
			open = append(open, false)
		case text[i] == ')':
			if open[len(open)-1] {
				olds--
			}
			open = open[:len(open)-1]
		}
		out.WriteByte(text[i])
	}
	return out.String()
}

func goType(s contract.Sort) string {
	switch s.Kind {
	case contract.Bool:
		return "bool"
	case contract.Param:
		return s.Name
	case contract.Int:
		if s.Bits == 0 {
			return "int"
		}
		return s.String()
	}
	return ""
}

// agreeing makes the type: each observer has a twin, which is its value after each operation.
func agreeing(t *testing.T, ghosts []*contract.Ghost, params []string, list []sample) *contract.Type {
	t.Helper()
	var b strings.Builder
	b.WriteString("package t\n\n// Agreed is any type.\n//\n// @ ghost made bool\n")
	effects, back, first := "", "", []string{}
	start := "// @ ensures made == true\n" // scalars begin with what the constructor is given
	for _, g := range ghosts {
		sort := goType(g.Value)
		if g.Index != nil {
			sort = "map[" + goType(*g.Index) + "]" + sort
			effects += fmt.Sprintf("// @ ensures forall at %s :: %s[at] == old(%sNow[at])\n", goType(*g.Index), g.Name, g.Name)
			back += fmt.Sprintf("// @ ensures forall at %s :: %sNow[at] == old(%s[at])\n", goType(*g.Index), g.Name, g.Name)
		} else {
			effects += fmt.Sprintf("// @ ensures %s == old(%sNow)\n", g.Name, g.Name)
			back += fmt.Sprintf("// @ ensures %sNow == old(%s)\n", g.Name, g.Name)
			for _, name := range []string{g.Name, g.Name + "Now"} {
				first = append(first, fmt.Sprintf("%sFirst %s", name, widened(g.Value)))
				start += fmt.Sprintf("// @ ensures %s == %sFirst\n", name, name)
			}
		}
		fmt.Fprintf(&b, "// @ ghost %s, %sNow %s\n", g.Name, g.Name, sort)
	}
	declared, used := "", ""
	if len(params) > 0 {
		declared, used = "["+strings.Join(params, ", ")+" comparable]", "["+strings.Join(params, ", ")+"]"
	}
	fmt.Fprintf(&b, "type Agreed%s struct{}\n\n// @ constructor\n%sfunc New%s(%s) *Agreed%s { return nil }\n", declared, start, declared, strings.Join(first, ", "), used)
	fmt.Fprintf(&b, "\n%sfunc (t *Agreed%s) Back() {}\n", back, used)
	for i, s := range list {
		fmt.Fprintf(&b, "\n%s// @ ensures result == (%s)\nfunc (t *Agreed%s) F%d(%s) (result bool) { return }\n", effects, s.text, used, i, s.params)
	}
	return parsed(t, b.String()).Types["Agreed"]
}

// parsed reads the contracts of a Go text.
func parsed(t *testing.T, text string) *contract.Package {
	t.Helper()
	fset := token.NewFileSet()
	f, err := parser.ParseFile(fset, "t.go", text, parser.ParseComments)
	if err != nil {
		t.Fatal(err, text)
	}
	info := &types.Info{Defs: map[*ast.Ident]types.Object{}}
	pkg, err := (&types.Config{Importer: importer.Default()}).Check("t", fset, []*ast.File{f}, info)
	if err != nil {
		t.Fatal(err)
	}
	out, problems := contract.Parse(fset, []*ast.File{f}, info, pkg)
	if len(problems) > 0 {
		t.Fatal(problems[0], strings.Split(text, "\n")[problems[0].Pos.Line-1])
	}
	return out
}

// widened is the Go type that holds values of a sort.
func widened(s contract.Sort) string {
	if s.Kind == contract.Int && s.Bits < 64 {
		return "int"
	}
	return goType(s)
}
