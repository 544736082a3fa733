package prove

import (
	"fmt"
	"go/token"
	"maps"
	"math/big"
	"regexp"
	"strings"

	"vigor/internal/contract"
)

// env says what the names of a formula mean.
type env struct {
	r      *run
	st     *state // current
	old    *state // at the beginning of the call
	of     *structure
	prefix string          // of the leaves of a component: "m."
	names  map[string]term // bound variables, parameters and results
	closed bool            // variables of the function are not in scope
	self   string          // name of the receiver, if it is not the run's: in the contract of another method
	depth  int             // of observers that are represented by observers
	bound  bool            // inside a quantifier
	each   string          // sort of the index of everywhere; "" is Int
	pos    token.Position
}

// with binds variables.
func (e env) with(names map[string]term) env {
	e.names = maps.Clone(e.names)
	if e.names == nil {
		e.names = map[string]term{}
	}
	maps.Copy(e.names, names)
	return e
}

// observer is an observer of the structure, in the current state.
func (e env) observer(name string) term {
	if e.prefix != "" {
		return e.leaf(e.prefix + name)
	}
	if t := e.of.represent[name]; t != nil {
		if e.depth++; e.depth > 20 {
			refuse(e.pos, "represent it by fields and ghosts", "observer %s is represented by itself", name)
		}
		e.names, e.closed, e.old = nil, true, nil
		return e.tree(t)
	}
	return e.leaf(name)
}

// receiver is the name by which the lines know the receiver.
func (e env) receiver() string {
	if e.self != "" {
		return e.self
	}
	return e.r.self
}

func (e env) leaf(path string) term {
	t, ok := e.st.leaves[path]
	if !ok {
		refuse(e.pos, "fields, ghosts and observers of the type, parameters, results and ghosts of the function", "unknown name %s", strings.ReplaceAll(path, "#len", ""))
	}
	return t
}

// tree translates a formula of the prover's lines.
func (e env) tree(t *contract.Tree) term {
	switch t.Op {
	case "number":
		n, ok := new(big.Int).SetString(strings.ReplaceAll(t.Text, "_", ""), 0)
		if !ok {
			refuse(e.pos, "", "malformed number %s", t.Text)
		}
		return integer(n)
	case "name", "field":
		return e.path(t)
	case "index":
		return e.index(t)
	case "update":
		a, i, v := e.tree(t.Kids[0]), e.tree(t.Kids[1]), e.tree(t.Kids[2])
		e.demand(t, strings.HasPrefix(a.sort, "(Array "), "an array", a)
		index, value := arraySorts(a.sort)
		e.same(t, i.sort, index)
		e.same(t, v.sort, value)
		return put(a, i, v)
	case "call":
		return e.call(t)
	case "forall", "exists":
		return e.quantifier(t)
	case "?:":
		c, x, y := e.tree(t.Kids[0]), e.tree(t.Kids[1]), e.tree(t.Kids[2])
		e.same(t, c.sort, "Bool")
		e.same(t, x.sort, y.sort)
		return apply(x.sort, "ite", c, x, y)
	}
	return e.operator(t)
}

func (e env) demand(t *contract.Tree, ok bool, what string, got term) {
	if !ok {
		refuse(e.pos, "", "%v needs %s, got %s", t, what, got.sort)
	}
}

func (e env) same(t *contract.Tree, got, want string) {
	if got != want {
		refuse(e.pos, "", "%v joins %s and %s", t, got, want)
	}
}

// operators maps the operators of the language on those of SMT-LIB, with the sort of their operands.
var operators = map[string]struct{ smt, operands, result string }{
	"&&": {"and", "Bool", "Bool"}, "||": {"or", "Bool", "Bool"}, "==>": {"=>", "Bool", "Bool"},
	"<==>": {"=", "Bool", "Bool"}, "<": {"<", "Int", "Bool"}, "<=": {"<=", "Int", "Bool"},
	">": {">", "Int", "Bool"}, ">=": {">=", "Int", "Bool"}, "+": {"+", "Int", "Int"},
	"-": {"-", "Int", "Int"}, "*": {"*", "Int", "Int"}, "/": {"div", "Int", "Int"},
	"%": {"mod", "Int", "Int"}, "&": {"band", "Int", "Int"},
}

func (e env) operator(t *contract.Tree) term {
	if len(t.Kids) == 1 {
		x := e.tree(t.Kids[0])
		switch t.Op {
		case "!":
			e.same(t, x.sort, "Bool")
			return boolean("not", x)
		case "-":
			e.same(t, x.sort, "Int")
			return apply("Int", "-", x)
		}
	} else {
		x, y := e.tree(t.Kids[0]), e.tree(t.Kids[1])
		e.same(t, x.sort, y.sort)
		switch t.Op {
		case "==":
			return boolean("=", x, y)
		case "!=":
			return boolean("not", boolean("=", x, y))
		}
		if op, ok := operators[t.Op]; ok {
			e.same(t, x.sort, op.operands)
			return apply(op.result, op.smt, x, y)
		}
	}
	refuse(e.pos, "", "operator %s is not part of the language of proofs", t.Op)
	return term{}
}

// path resolves a name, or a chain of fields.
func (e env) path(t *contract.Tree) term {
	var names []string
	at := t
	for ; at.Op == "field"; at = at.Kids[0] {
		names = append([]string{at.Text}, names...)
	}
	if at.Op == "index" { // cells[i].prev
		return pick(e.leafOf(append(e.flat(at.Kids[0]), names...)), e.tree(at.Kids[1]))
	}
	if at.Op == "call" && at.Text == "old" && len(at.Kids) == 1 {
		return e.before().tree(wrap(at.Kids[0], names))
	}
	if at.Op != "name" {
		refuse(e.pos, "", "%v has no fields", at)
	}
	return e.leafOf(append([]string{at.Text}, names...))
}

// wrap puts fields around an expression.
func wrap(t *contract.Tree, names []string) *contract.Tree {
	for _, n := range names {
		t = &contract.Tree{Op: "field", Text: n, Kids: []*contract.Tree{t}}
	}
	return t
}

// flat turns a name or chain of fields into its names.
func (e env) flat(t *contract.Tree) []string {
	switch t.Op {
	case "name":
		return []string{t.Text}
	case "field":
		return append(e.flat(t.Kids[0]), t.Text)
	}
	refuse(e.pos, "", "%v is no name", t)
	return nil
}

// leafOf resolves names: of a variable, or of a piece of state.
func (e env) leafOf(names []string) term {
	first := names[0]
	if len(names) == 1 {
		switch first {
		case "true", "false":
			return term{first, "Bool"}
		}
		if t, ok := e.names[first]; ok {
			return t
		}
		if v, ok := e.st.vars[first]; ok && !e.closed {
			return v.term
		}
	}
	if len(names) == 2 {
		if t, ok := e.known(first + "." + names[1]); ok {
			return t
		}
	}
	if first == e.receiver() && e.prefix == "" && len(names) > 1 {
		names = names[1:]
	}
	if e.of == nil {
		refuse(e.pos, "", "unknown name %s", strings.Join(names, "."))
	}
	if len(names) == 1 && e.of.contract != nil && e.of.contract.Ghost(names[0]) != nil {
		return e.observer(names[0])
	}
	if e.prefix != "" {
		refuse(e.pos, "outside of its type only the observers of a structure are known", "unknown name %s", strings.Join(names, "."))
	}
	return e.leaf(strings.Join(names, "."))
}

func (e env) index(t *contract.Tree) term {
	of := t.Kids[0]
	if of.Op == "call" && of.Text == "old" && len(of.Kids) == 1 {
		a := e.before().tree(of.Kids[0])
		return e.element(t, a, e.tree(t.Kids[1]))
	}
	return e.element(t, e.tree(of), e.tree(t.Kids[1]))
}

func (e env) element(t *contract.Tree, a, i term) term {
	e.demand(t, strings.HasPrefix(a.sort, "(Array "), "an array", a)
	index, _ := arraySorts(a.sort)
	e.same(t, i.sort, index)
	return pick(a, i)
}

// before is the scope of old(): state and parameters at the beginning of the call; ghosts and locals have
// their current values.
func (e env) before() env {
	if e.old == nil {
		refuse(e.pos, "", "old means nothing here: there is one state only")
	}
	now := e.st
	e.st = &state{vars: maps.Clone(now.vars), leaves: e.old.leaves, facts: now.facts}
	for name, v := range e.old.vars {
		e.st.vars[name] = v
	}
	return e
}

func (e env) call(t *contract.Tree) term {
	switch t.Text {
	case "old":
		if len(t.Kids) != 1 {
			refuse(e.pos, "", "old takes one expression")
		}
		return e.before().tree(t.Kids[0])
	case "everywhere":
		return e.everywhere(t)
	case "len":
		names := e.flat(t.Kids[0])
		if length, ok := e.known(names[0] + "#len"); ok && len(names) == 1 {
			return length
		}
		if names[0] == e.receiver() {
			names = names[1:]
		}
		return e.leaf(e.prefix + strings.Join(names, ".") + "#len")
	}
	var args []term
	for _, k := range t.Kids {
		args = append(args, e.tree(k))
	}
	params, result := e.r.w.signature(t.Text, e.pos)
	if len(params) != len(args) {
		refuse(e.pos, "", "%s takes %d values, got %d", t.Text, len(params), len(args))
	}
	for i := range args {
		e.same(t, args[i].sort, params[i])
	}
	if len(args) == 0 {
		return term{"f_" + t.Text, result}
	}
	return apply(result, "f_"+t.Text, args...)
}

// bound finds the variables of quantifiers in a term.
var bound = regexp.MustCompile(`!(q|all)\b`)

// boundName is a variable of a quantifier, or a parameter of a function of proofs, in SMT-LIB. No function, sort or
// constant has a name of this form, so it hides none: constants end with a number.
func boundName(name string) string { return name + "!q" }

func (e env) quantifier(t *contract.Tree) term {
	names := map[string]term{}
	var vars []string
	for _, v := range t.Vars {
		if v.Name == e.receiver() {
			refuse(e.pos, "choose another name", "%s hides the receiver", v.Name)
		}
		if _, ok := e.names[v.Name]; ok {
			refuse(e.pos, "choose another name", "%s hides another variable", v.Name)
		}
		if _, ok := e.st.vars[v.Name]; ok && !e.closed {
			refuse(e.pos, "choose another name", "%s hides a variable of the function", v.Name)
		}
		sort := sortName(v.Type, e.pos)
		names[v.Name] = term{boundName(v.Name), sort}
		vars = append(vars, "("+boundName(v.Name)+" "+sort+")")
	}
	inner := e.with(names)
	inner.bound = true
	body := inner.tree(t.Kids[0])
	e.same(t, body.sort, "Bool")
	patterns := ""
	for _, list := range t.Triggers {
		var parts []string
		for _, k := range list {
			parts = append(parts, inner.tree(k).text)
		}
		patterns += " :pattern (" + strings.Join(parts, " ") + ")"
	}
	if patterns == "" {
		return term{fmt.Sprintf("(%s (%s) %s)", t.Op, strings.Join(vars, " "), body.text), "Bool"}
	}
	return term{fmt.Sprintf("(%s (%s) (! %s%s))", t.Op, strings.Join(vars, " "), body.text, patterns), "Bool"}
}

// split cuts a formula into parts that together mean the same: at &&, below ==> and below forall.
func split(t *contract.Tree) []*contract.Tree {
	switch t.Op {
	case "&&":
		return append(split(t.Kids[0]), split(t.Kids[1])...)
	case "==>":
		var list []*contract.Tree
		for _, k := range split(t.Kids[1]) {
			list = append(list, &contract.Tree{Op: "==>", Kids: []*contract.Tree{t.Kids[0], k}})
		}
		return list
	case "forall":
		var list []*contract.Tree
		for _, k := range split(t.Kids[0]) {
			list = append(list, &contract.Tree{Op: "forall", Vars: t.Vars, Triggers: t.Triggers, Kids: []*contract.Tree{k}})
		}
		return list
	}
	return []*contract.Tree{t}
}
