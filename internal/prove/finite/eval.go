package finite

import (
	"errors"
	"fmt"
	"math/big"
	"slices"
	"strings"
)

// Value is a *big.Int, a bool, an [Element] or an [*Array].
type Value any

// Element is a value of a sort without a meaning: nothing is known of it but that it differs from others.
type Element string

// Array is a map that is given at some indices. Indices are int64 or Elements; below and above those that
// are given it has the value of the nearest one.
type Array struct {
	at        map[any]Value
	low, high Value // nil for an array over elements
	from, to  int64 // the indices between which at is complete
}

// At is the value at an index.
func (a *Array) At(index Value) (Value, bool) {
	key := key(index)
	if v, ok := a.at[key]; ok {
		return v, true
	}
	n, ok := index.(*big.Int)
	switch {
	case !ok:
		return nil, false
	case n.Cmp(big.NewInt(a.from)) < 0:
		return a.low, a.low != nil
	case n.Cmp(big.NewInt(a.to)) > 0:
		return a.high, a.high != nil
	}
	return nil, false
}

// set is the array changed at one index.
func (a *Array) set(index, v Value) *Array {
	b := &Array{at: map[any]Value{}, low: a.low, high: a.high, from: a.from, to: a.to}
	for k, x := range a.at {
		b.at[k] = x
	}
	b.at[key(index)] = v
	return b
}

// key is what stands for an index in a map.
func key(index Value) any {
	if n, ok := index.(*big.Int); ok {
		if n.IsInt64() {
			return n.Int64()
		}
		return n.String()
	}
	return index
}

// failure is what evaluation panics with.
type failure struct{ error }

func failf(format string, args ...any) { panic(failure{fmt.Errorf(format, args...)}) }

// guard turns a failure into an error.
func guard(err *error) {
	switch e := recover().(type) {
	case nil:
	case failure:
		*err = e.error
	default:
		panic(e)
	}
}

// Model gives the constants and functions of a script values.
type Model struct {
	s         *Script
	bound     Bound
	constants map[string]Value
	tables    map[string]map[string]Value // of functions, by their arguments as text
	ints      []Value                     // what quantifiers range over
	outside   Outside                     // asked for what the model does not have; nil for one of a solver
	fuel      int
	deep      int // calls in calls
}

// ErrFalse is returned by [Model.Check] for a model that does not meet an assertion.
var ErrFalse = errors.New("the model does not meet an assertion")

// Read reads what a solver said after sat: a value of each term that was asked for.
func (s *Script) Read(q *Question, answer string) (m *Model, err error) {
	defer guard(&err)
	nodes, err := read(answer)
	if err != nil {
		return nil, fmt.Errorf("reading a model: %w", err)
	}
	if len(nodes) != 1 || len(nodes[0].kids) != len(q.asked) {
		return nil, errors.New("reading a model: not every value is there")
	}
	m = &Model{s: s, bound: q.bound, constants: map[string]Value{}, tables: map[string]map[string]Value{}}
	for _, f := range s.functions {
		if _, _, ok := arraySorts(f.result); ok && f.body == nil && len(f.sorts) == 0 {
			m.constants[f.name] = &Array{at: map[any]Value{}, from: -1, to: int64(q.bound.Capacity) + 1}
		}
	}
	for i, pair := range nodes[0].kids {
		if len(pair.kids) != 2 {
			return nil, errors.New("reading a model: a value is missing")
		}
		m.take(q.asked[i], m.eval(pair.kids[1], nil))
	}
	m.widen()
	return m, nil
}

// widen lets quantifiers range over more than a question named.
func (m *Model) widen() {
	for i := -3; i <= m.bound.Capacity+3; i++ {
		m.ints = append(m.ints, big.NewInt(int64(i)))
	}
	for _, far := range []int64{-1 << 40, 1 << 31, 1 << 40} {
		m.ints = append(m.ints, big.NewInt(far))
	}
}

// take notes one value.
func (m *Model) take(a asked, v Value) {
	array, isArray := m.constants[a.of].(*Array)
	switch {
	case a.args == nil:
		m.constants[a.of] = v
	case isArray:
		array.at[key(a.args[0])] = v
		if n, ok := a.args[0].(*big.Int); ok && n.Cmp(big.NewInt(array.from)) == 0 {
			array.low = v
		} else if ok && n.Cmp(big.NewInt(array.to)) == 0 {
			array.high = v
		}
	default:
		if m.tables[a.of] == nil {
			m.tables[a.of] = map[string]Value{}
		}
		m.tables[a.of][arguments(a.args)] = v
	}
}

func arguments(list []Value) string {
	var b strings.Builder
	for _, v := range list {
		fmt.Fprintf(&b, "%v ", v)
	}
	return b.String()
}

// mostSteps bounds the evaluation of one assertion.
const mostSteps = 20_000_000

// Check evaluates every assertion of the script.
func (m *Model) Check() (err error) {
	defer guard(&err)
	for _, a := range m.s.asserts {
		m.fuel = mostSteps
		v, ok := m.eval(a, nil).(bool)
		if !ok || !v {
			return fmt.Errorf("%w: %v", ErrFalse, a)
		}
	}
	return nil
}

// Eval evaluates a term of the script's language.
func (m *Model) Eval(term string) (v Value, err error) {
	defer guard(&err)
	nodes, err := read(term)
	if err != nil || len(nodes) != 1 {
		return nil, fmt.Errorf("evaluating %s: no term", term)
	}
	m.fuel = mostSteps
	return m.eval(nodes[0], nil), nil
}

// scope binds variables.
type scope struct {
	name  string
	value Value
	next  *scope
}

func (m *Model) eval(n *node, vars *scope) Value {
	if m.fuel--; m.fuel == 0 {
		failf("evaluating takes too long")
	}
	if n.num != nil {
		return n.num
	}
	if n.kids == nil {
		return m.atom(n.atom, vars)
	}
	switch op := n.op(); op {
	case "!":
		return m.eval(n.kids[1], vars)
	case "forall", "exists":
		return m.quantified(n, 0, vars)
	case "and", "or":
		for _, k := range n.kids[1:] {
			if v := m.truth(k, vars); v != (op == "and") {
				return v
			}
		}
		return op == "and"
	case "=>":
		return !m.truth(n.kids[1], vars) || m.truth(n.kids[2], vars)
	case "ite":
		if m.truth(n.kids[1], vars) {
			return m.eval(n.kids[2], vars)
		}
		return m.eval(n.kids[3], vars)
	case "":
		return m.constant(n, vars)
	}
	args := make([]Value, len(n.kids)-1)
	for i, k := range n.kids[1:] {
		args[i] = m.eval(k, vars)
	}
	return m.apply(n.op(), args)
}

func (m *Model) atom(name string, vars *scope) Value {
	switch name {
	case "true":
		return true
	case "false":
		return false
	}
	for s := vars; s != nil; s = s.next {
		if s.name == name {
			return s.value
		}
	}
	if v, ok := m.constants[name]; ok {
		return v
	}
	if m.outside != nil {
		if v, ok := m.outside(name, nil); ok {
			return v
		}
	}
	if f := m.s.named[name]; f != nil && f.body != nil && len(f.params) == 0 {
		return m.eval(f.body, nil)
	}
	if sort, _, ok := strings.Cut(name, "."); ok && slices.Contains(m.s.sorts, sort) {
		return Element(name)
	}
	failf("%s has no value", name)
	return nil
}

// constant is ((as const sort) value).
func (m *Model) constant(n *node, vars *scope) Value {
	if head := n.kids[0]; head.op() == "as" && len(head.kids) == 3 && head.kids[1].atom == "const" && len(n.kids) == 2 {
		v := m.eval(n.kids[1], vars)
		index, _, _ := arraySorts(head.kids[2].String())
		return m.Const(index, v)
	}
	failf("%v has no value", n)
	return nil
}

func (m *Model) truth(n *node, vars *scope) bool {
	v, ok := m.eval(n, vars).(bool)
	if !ok {
		failf("%v is neither true nor false", n)
	}
	return v
}

// quantified evaluates a quantifier, from one of its variables on.
func (m *Model) quantified(n *node, i int, vars *scope) Value {
	bound := n.kids[1].kids
	if i == len(bound) {
		return m.truth(n.kids[2], vars)
	}
	every := n.op() == "forall"
	for _, v := range m.domain(bound[i].kids[1].String()) {
		if m.quantified(n, i+1, &scope{bound[i].kids[0].atom, v, vars}) != every {
			return !every
		}
	}
	return every
}

func (m *Model) domain(sort string) []Value {
	if sort == "Int" {
		return m.ints
	}
	values := m.s.values(m.bound, sort)
	if values == nil {
		failf("the values of %s cannot be listed", sort)
	}
	return values
}

// Domain lists the values of a sort that a model speaks of: indices to behind the capacity, elements.
func (m *Model) Domain(sort string) []Value { return m.s.values(m.bound, sort) }
