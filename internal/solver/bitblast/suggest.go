package bitblast

import (
	"slices"

	"vigor/internal/smt"
	"vigor/internal/solver/sat"
)

// Suggest has the next search begin with the values of a model. Where it is one of all but the last assumption, as at
// a branch, that leaves little to be changed, while values that were right for another path contradict each other one by
// one.
func (e *Engine) Suggest(m *smt.Model) { e.suggested = m }

// begin has the SAT solver try the suggested values first: those of what is free, and what gates make of them.
func (e *Engine) begin(q parts) {
	m := e.suggested
	if e.suggested = nil; m == nil {
		return
	}
	if n := len(e.ends) - len(e.values); n > 0 {
		e.values = append(e.values, make([]bool, n)...)
	}
	e.values[e.true] = true
	for _, t := range slices.Concat(q.leaves, q.applications, q.multiplications) {
		v := m.Eval(t)
		for i, l := range e.words[t.ID()] {
			e.values[max(l, -l)] = (v.Bit(i) == 1) == (l > 0)
		}
	}
	for v := 1; v < len(e.ends); v++ { // inputs come before what is computed from them
		e.values[v] = e.output(v)
		if e.values[v] {
			e.sat.Prefer(sat.Lit(v))
		} else {
			e.sat.Prefer(sat.Lit(-v))
		}
	}
}

// output computes a gate from its inputs.
func (e *Engine) output(v int) bool {
	inputs := e.flat[e.ends[v-1]:e.ends[v]]
	value := func(l sat.Lit) bool { return e.values[max(l, -l)] == (l > 0) }
	switch e.kinds[v] {
	case andGate:
		return !slices.ContainsFunc(inputs, func(l sat.Lit) bool { return !value(l) })
	case xorGate:
		return value(inputs[0]) != value(inputs[1])
	case muxGate:
		if value(inputs[0]) {
			return value(inputs[1])
		}
		return value(inputs[2])
	case majorityGate:
		if value(inputs[0]) == value(inputs[1]) {
			return value(inputs[0])
		}
		return value(inputs[2])
	}
	return e.values[v]
}
