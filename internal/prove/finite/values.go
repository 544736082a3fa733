package finite

import (
	"fmt"
	"slices"
)

// Outside gives a constant, for which args is nil, or a declared function a value.
type Outside func(name string, args []Value) (v Value, ok bool)

// Values is a model whose constants come from outside: terms are evaluated with them, by the definitions of the
// script.
func (s *Script) Values(b Bound, outside Outside) *Model {
	m := &Model{s: s, bound: b, constants: map[string]Value{}, outside: outside}
	m.widen()
	return m
}

// Term is a term that has been read.
type Term struct{ n *node }

// ParseTerm reads a term.
func ParseTerm(text string) (Term, error) {
	nodes, err := read(text)
	if err != nil || len(nodes) != 1 {
		return Term{}, fmt.Errorf("reading %s: no term", text)
	}
	return Term{nodes[0]}, nil
}

// Of evaluates a term.
func (m *Model) Of(t Term) (v Value, err error) {
	defer guard(&err)
	m.fuel, m.deep = mostSteps, 0
	return m.eval(t.n, nil), nil
}

// Call evaluates a function of the script.
func (m *Model) Call(name string, args ...Value) (v Value, err error) {
	defer guard(&err)
	m.fuel, m.deep = mostSteps, 0
	return m.apply(name, args), nil
}

// Const is the array that has a value at every index of a sort.
func (m *Model) Const(index string, v Value) *Array {
	a := &Array{at: map[any]Value{}, from: 0, to: -1, low: v, high: v}
	if index != "Int" {
		a.low, a.high = nil, nil
		for _, e := range m.bound.elements(index) {
			a.at[e] = v
		}
	}
	return a
}

// Set is the array changed at one index.
func (a *Array) Set(index, v Value) *Array { return a.set(index, v) }

// Same reports whether values are equal, as far as a model tells.
func (m *Model) Same(a, b Value) (same bool, err error) {
	defer guard(&err)
	return m.equal(a, b), nil
}

// Elements lists what there is of a sort without a meaning.
func (b Bound) Elements(sort string) []Element { return b.elements(sort) }

// Text writes what the array has, the same for arrays that are made in the same way.
func (a *Array) Text() string {
	keys := make([]string, 0, len(a.at))
	for k, v := range a.at {
		keys = append(keys, fmt.Sprintf("%v:%v", k, v))
	}
	slices.Sort(keys)
	return fmt.Sprint(keys, a.low, a.high)
}
