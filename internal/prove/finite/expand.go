package finite

import (
	"cmp"
	"errors"
	"fmt"
	"math/big"
	"strings"
)

// mostNodes bounds the size of a question.
const mostNodes = 400_000

// ErrLarge is returned for a script whose quantifiers have too many instances.
var ErrLarge = errors.New("there are too many instances")

// Question is a script without quantifiers, and without a command to solve it, with the terms whose values
// make up a model.
type Question struct {
	Text  string
	bound Bound
	asked []asked
}

// asked is a term whose value is asked for: of a constant or function at arguments.
type asked struct {
	of   string
	args []Value
	term string
	sort string
}

// Question writes a script for a bound.
func (s *Script) Question(b Bound) (*Question, error) {
	q := &Question{bound: b}
	x := &expander{s: s, b: b}
	var out strings.Builder
	out.WriteString("(set-option :produce-models true)\n")
	for _, sort := range s.sorts {
		fmt.Fprintf(&out, "(declare-datatypes ((%s 0)) ((", sort)
		for _, e := range b.elements(sort) {
			fmt.Fprintf(&out, "(%s)", e)
		}
		out.WriteString(")))\n")
	}
	for _, f := range s.functions {
		x.declare(&out, f)
	}
	for _, a := range s.asserts {
		fmt.Fprintf(&out, "(assert %v)\n", x.expand(a, nil))
	}
	x.limits(&out)
	if x.nodes > mostNodes {
		return nil, ErrLarge
	}
	q.asked = s.terms(b)
	q.Text = out.String()
	return q, nil
}

// Values is the command that asks for a model.
func (q *Question) Values() string {
	var b strings.Builder
	b.WriteString("(get-value (")
	for _, t := range q.asked {
		b.WriteString(t.term + " ")
	}
	return b.String() + "))\n"
}

// Preferences are formulas, each of which makes a model easier to read, with what is second best: constants and
// what arrays have below the capacity are 0, or at most 1, or false, or the first element of a sort.
func (q *Question) Preferences() [][]string {
	var list [][]string
	for _, t := range q.asked {
		if len(t.args) > 1 || t.args != nil && !strings.HasPrefix(t.term, "(select ") {
			continue
		}
		if len(t.args) == 1 {
			if n, ok := t.args[0].(*big.Int); ok && (n.Sign() < 0 || n.Cmp(big.NewInt(int64(q.bound.Capacity))) > 0) {
				continue
			}
		}
		switch {
		case t.sort == "Int":
			list = append(list, []string{"(= " + t.term + " 0)", "(<= 0 " + t.term + " 1)", "(<= (- 1) " + t.term + " 9)"})
		case t.sort == "Bool":
			list = append(list, []string{"(not " + t.term + ")"})
		case !strings.HasPrefix(t.sort, "("):
			list = append(list, []string{"(= " + t.term + " " + t.sort + ".0)"})
		}
	}
	return list
}

// elements are those of a sort without a meaning: more than there are indices, for one that is nowhere.
func (b Bound) elements(sort string) []Element {
	var list []Element
	for i := range cmp.Or(b.Each, min(b.Capacity, 4)+2) {
		list = append(list, Element(fmt.Sprintf("%s.%d", sort, i)))
	}
	return list
}

// indices are the integers over which quantifiers range.
func (b Bound) indices() []Value {
	var list []Value
	for i := -1; i <= b.Capacity+1; i++ {
		list = append(list, big.NewInt(int64(i)))
	}
	return list
}

// values lists the values of a sort that quantifiers range over; nil for one that cannot be listed.
func (s *Script) values(b Bound, sort string) []Value {
	switch sort {
	case "Int":
		return b.indices()
	case "Bool":
		return []Value{false, true}
	}
	var list []Value
	for _, known := range s.sorts {
		if known == sort {
			for _, e := range b.elements(sort) {
				list = append(list, e)
			}
		}
	}
	return list
}

func literal(v Value) *node {
	switch v := v.(type) {
	case *big.Int:
		return number(v)
	case bool:
		return leaf(fmt.Sprint(v))
	}
	return leaf(fmt.Sprint(v))
}

type expander struct {
	s     *Script
	b     Bound
	nodes int
	deep  map[string]int // of recursive functions, the level that a call goes to
}

// declare writes a declaration or definition. A recursive function is unrolled as far as the indices reach.
func (x *expander) declare(out *strings.Builder, f *function) {
	sorts := strings.Join(f.sorts, " ")
	if f.name == "band" && f.body == nil {
		out.WriteString(x.band())
		return
	}
	if f.body == nil {
		fmt.Fprintf(out, "(declare-fun %s (%s) %s)\n", f.name, sorts, f.result)
		return
	}
	var params []string
	for i, p := range f.params {
		params = append(params, "("+p+" "+f.sorts[i]+")")
	}
	define := func(name string) {
		fmt.Fprintf(out, "(define-fun %s (%s) %s %v)\n", name, strings.Join(params, " "), f.result, x.expand(f.body, nil))
	}
	if !f.calls {
		define(f.name)
		return
	}
	fmt.Fprintf(out, "(declare-fun %s@0 (%s) %s)\n", f.name, sorts, f.result)
	depth := x.b.Capacity + 3
	for i := 1; i <= depth; i++ {
		x.deep = map[string]int{f.name: i - 1}
		define(fmt.Sprintf("%s@%d", f.name, i))
	}
	x.deep = nil
	if len(params) == 0 {
		return
	}
	fmt.Fprintf(out, "(define-fun %s (%s) %s (%s@%d %s))\n", f.name, strings.Join(params, " "), f.result, f.name, depth, strings.Join(f.params, " "))
}

// band defines the bits that two numbers have in common, if one of them is small.
func (x *expander) band() string {
	var b strings.Builder
	b.WriteString("(define-fun band ((x Int) (y Int)) Int (+ 0")
	for power := 1; power <= 4*x.b.Capacity+4; power *= 2 {
		fmt.Fprintf(&b, " (ite (and (= (mod (div x %d) 2) 1) (= (mod (div y %d) 2) 1)) %d 0)", power, power, power)
	}
	return b.String() + "))\n"
}

// masked is a number cut to its lowest bits, if the other one is a literal of ones; nil if not.
func masked(x, mask *node) *node {
	if mask.num == nil || mask.num.Sign() < 0 {
		return nil
	}
	power := new(big.Int).Add(mask.num, big.NewInt(1))
	if new(big.Int).And(power, mask.num).Sign() != 0 {
		return nil
	}
	return list(leaf("mod"), x, number(power))
}

// limits writes what the bound says of constants.
func (x *expander) limits(out *strings.Builder) {
	most := x.b.Capacity
	for _, name := range x.b.Limited {
		fmt.Fprintf(out, "(assert (<= %s %d))\n", name, most)
	}
	numbers, _ := x.s.Constants()
	for _, name := range numbers {
		if x.b.Small {
			fmt.Fprintf(out, "(assert (and (<= (- %d) %s) (<= %s %d)))\n", most+1, name, name, 2*most+2)
		}
	}
	for _, r := range x.b.Ranges {
		for _, i := range x.b.indices() {
			fmt.Fprintf(out, "(assert (and (<= %v (select %s %v)) (<= (select %s %v) %v)))\n",
				number(r.Low), r.Array, literal(i), r.Array, literal(i), number(r.High))
		}
	}
}

// terms lists what makes up a model.
func (s *Script) terms(b Bound) []asked {
	var list []asked
	for _, f := range s.functions {
		if f.body != nil || f.name == "band" {
			continue
		}
		index, element, array := arraySorts(f.result)
		switch {
		case len(f.sorts) == 0 && !array:
			list = append(list, asked{f.name, nil, f.name, f.result})
		case len(f.sorts) == 0:
			for _, i := range s.values(b, index) {
				list = append(list, asked{f.name, []Value{i}, fmt.Sprintf("(select %s %v)", f.name, literal(i)), element})
			}
		default:
			list = append(list, s.applications(b, f)...)
		}
	}
	return list
}

// applications lists the values of a function of sorts with few elements.
func (s *Script) applications(b Bound, f *function) []asked {
	tuples := [][]Value{nil}
	for _, sort := range f.sorts {
		var next [][]Value
		for _, t := range tuples {
			for _, v := range s.values(b, sort) {
				next = append(next, append(append([]Value{}, t...), v))
			}
		}
		if tuples = next; len(tuples) > 1000 {
			return nil
		}
	}
	var list []asked
	for _, t := range tuples {
		term := "(" + f.name
		for _, v := range t {
			term += " " + literal(v).String()
		}
		list = append(list, asked{f.name, t, term + ")", f.result})
	}
	return list
}

// expand replaces quantifiers by their instances, and drops triggers.
func (x *expander) expand(n *node, vars map[string]*node) *node {
	if x.nodes++; x.nodes > mostNodes {
		return leaf("true")
	}
	if n.kids == nil {
		if v, ok := vars[n.atom]; ok {
			return v
		}
		return n
	}
	switch n.op() {
	case "!":
		return x.expand(n.kids[1], vars)
	case "forall", "exists":
		return x.instances(n, vars)
	}
	kids := make([]*node, len(n.kids))
	same := true
	for i, k := range n.kids {
		kids[i] = x.expand(k, vars)
		same = same && kids[i] == k
		if level, ok := x.deep[k.atom]; ok && i == 0 {
			kids[0], same = leaf(fmt.Sprintf("%s@%d", k.atom, level)), false
		}
	}
	if n.op() == "band" && len(kids) == 3 {
		if masked := masked(kids[1], kids[2]); masked != nil {
			return masked
		}
	}
	if same {
		return n
	}
	return simplify(&node{kids: kids, num: n.num})
}

// instances is the conjunction or disjunction of a quantifier's instances.
func (x *expander) instances(n *node, vars map[string]*node) *node {
	op := map[string]string{"forall": "and", "exists": "or"}[n.op()]
	all := []*node{leaf(op)}
	var each func(i int, inner map[string]*node)
	each = func(i int, inner map[string]*node) {
		if i == len(n.kids[1].kids) {
			all = append(all, x.expand(n.kids[2], inner))
			return
		}
		name, sort := n.kids[1].kids[i].kids[0].atom, n.kids[1].kids[i].kids[1].String()
		for _, v := range x.s.values(x.b, sort) {
			next := map[string]*node{name: literal(v)}
			for k, t := range inner {
				if k != name {
					next[k] = t
				}
			}
			each(i+1, next)
		}
	}
	each(0, vars)
	return simplify(list(all...))
}

// simplify drops what is decided by literals alone.
func simplify(n *node) *node {
	switch n.op() {
	case "and", "or":
		return junction(n)
	case "not":
		if v, ok := truth(n.kids[1]); ok {
			return leaf(fmt.Sprint(!v))
		}
	case "=>":
		if v, ok := truth(n.kids[1]); ok {
			if v {
				return n.kids[2]
			}
			return leaf("true")
		}
	case "ite":
		if v, ok := truth(n.kids[1]); ok {
			if v {
				return n.kids[2]
			}
			return n.kids[3]
		}
	case "<", "<=", ">", ">=", "=":
		if a, b := n.kids[1].num, n.kids[2].num; a != nil && b != nil && len(n.kids) == 3 {
			return leaf(fmt.Sprint(compare(n.op(), a, b)))
		}
	}
	return n
}

func truth(n *node) (value, ok bool) { return n.atom == "true", n.atom == "true" || n.atom == "false" }

// junction simplifies and, or.
func junction(n *node) *node {
	neutral := n.op() == "and"
	kids := []*node{n.kids[0]}
	for _, k := range n.kids[1:] {
		v, ok := truth(k)
		switch {
		case !ok:
			kids = append(kids, k)
		case v != neutral:
			return k
		}
	}
	switch len(kids) {
	case 1:
		return leaf(fmt.Sprint(neutral))
	case 2:
		return kids[1]
	}
	return list(kids...)
}
