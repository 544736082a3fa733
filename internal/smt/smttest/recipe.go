package smttest

import (
	"fmt"
	"math/big"
	"math/rand/v2"

	"vigor/internal/smt"
)

// Recipe says how to build a term: a list of steps, each using earlier ones; the last is the result.
type Recipe []Step

// Step is one constructor call.
type Step struct {
	kind  kind
	width int // of the result; 0 is Bool
	op    int // index into Operators
	args  []int
	value uint64 // of a constant; low bit of an extract; number of a variable
}

type kind uint8

const (
	constant kind = iota
	variable
	apply
	operator
	not
	and
	or
	boolEq
	ite
	concat
	extract
	zeroExtend
	signExtend
	ocadd
	kinds
)

var widths = []int{1, 3, 4, 7, 8, 16, 16, 32, 48, 64}

// Random makes a recipe of n steps at most 64 bits wide.
func Random(r *rand.Rand, n int) Recipe {
	var p Recipe
	for len(p) < n {
		if s, ok := p.step(r); ok {
			p = append(p, s)
		}
	}
	return p
}

// step proposes one step; it fails if no earlier steps fit.
func (p Recipe) step(r *rand.Rand) (Step, bool) {
	if len(p) < 4 || r.IntN(6) == 0 {
		return leaf(r), true
	}
	switch k := operator + kind(r.IntN(int(kinds-operator)+6)); k {
	case not, and, or, boolEq:
		x, ok1 := p.find(r, 0)
		y, ok2 := p.find(r, 0)
		return Step{kind: k, args: []int{x, y}}, ok1 && ok2
	case ite:
		c, ok1 := p.find(r, 0)
		x := r.IntN(len(p))
		y, ok2 := p.find(r, p[x].width)
		return Step{kind: k, width: p[x].width, args: []int{c, x, y}}, ok1 && ok2
	case concat, extract, zeroExtend, signExtend:
		return p.slicing(r, k)
	case ocadd:
		return p.checksum(r)
	}
	x, ok := p.wide(r)
	if !ok {
		return Step{}, false
	}
	y, _ := p.find(r, p[x].width)
	if r.IntN(10) == 0 {
		return Step{kind: apply, width: 8, args: []int{x}}, p[x].width == 16
	}
	op := r.IntN(len(Operators))
	s := Step{kind: operator, width: p[x].width, op: op, args: []int{x, y}}
	if Operators[op].Bool {
		s.width = 0
	}
	return s, true
}

func (p Recipe) slicing(r *rand.Rand, k kind) (Step, bool) {
	x, ok := p.wide(r)
	if !ok {
		return Step{}, false
	}
	w := p[x].width
	switch k {
	case concat:
		y, _ := p.wide(r)
		return Step{kind: k, width: w + p[y].width, args: []int{x, y}}, w+p[y].width <= 64
	case extract:
		low := r.IntN(w)
		return Step{kind: k, width: 1 + r.IntN(w-low), args: []int{x}, value: uint64(low)}, true
	}
	return Step{kind: k, width: w + r.IntN(65-w), args: []int{x}}, true
}

func (p Recipe) checksum(r *rand.Rand) (Step, bool) {
	s := Step{kind: ocadd, width: 16}
	for range 1 + r.IntN(4) {
		x, ok := p.find(r, 16)
		if !ok {
			return s, false
		}
		s.args = append(s.args, x)
	}
	return s, true
}

// find picks an earlier step of that width.
func (p Recipe) find(r *rand.Rand, w int) (int, bool) {
	for range 40 {
		if i := len(p) - 1 - r.IntN(len(p)); p[i].width == w {
			return i, true
		}
	}
	for i := range p {
		if p[i].width == w {
			return i, true
		}
	}
	return 0, false
}

// wide picks an earlier bit-vector.
func (p Recipe) wide(r *rand.Rand) (int, bool) {
	for range 20 {
		if i := r.IntN(len(p)); p[i].width > 0 {
			return i, true
		}
	}
	return 0, false
}

func leaf(r *rand.Rand) Step {
	w := widths[r.IntN(len(widths))]
	if r.IntN(3) == 0 {
		return Step{kind: constant, width: w, value: Mask(Corner(r, w), w)}
	}
	return Step{kind: variable, width: w, value: uint64(r.IntN(3))}
}

// Corner picks a number of w bits that is likely to be special.
func Corner(r *rand.Rand, w int) uint64 {
	switch r.IntN(6) {
	case 0:
		return Mask(uint64(r.IntN(4)), w)
	case 1:
		return Mask(-uint64(r.IntN(4)), w)
	case 2:
		return Mask(1<<r.IntN(w), w)
	case 3:
		return Mask(1<<r.IntN(w)-1, w)
	}
	return Mask(r.Uint64(), w)
}

// Build makes the terms of all steps.
func (p Recipe) Build(b *smt.Builder) []*smt.Term {
	ts := make([]*smt.Term, len(p))
	for i, s := range p {
		args := make([]*smt.Term, len(s.args))
		for k, a := range s.args {
			args[k] = ts[a]
		}
		ts[i] = s.build(b, args)
	}
	return ts
}

func (s Step) build(b *smt.Builder, a []*smt.Term) *smt.Term {
	switch s.kind {
	case constant:
		return b.Word(s.value, s.width)
	case variable:
		return b.Var(fmt.Sprintf("v%d.%d", s.width, s.value), s.width)
	case apply:
		return b.Apply(b.Func("f", []int{16}, 8), a[0])
	case operator:
		return Operators[s.op].Build(b, a[0], a[1])
	case not:
		return b.Not(a[0])
	case and:
		return b.And(a...)
	case or:
		return b.Or(a...)
	case boolEq:
		return b.Eq(a[0], a[1])
	case ite:
		return b.Ite(a[0], a[1], a[2])
	case concat:
		return b.Concat(a...)
	case extract:
		return b.Extract(a[0], int(s.value)+s.width-1, int(s.value))
	case zeroExtend:
		return b.ZeroExtend(a[0], s.width)
	case signExtend:
		return b.SignExtend(a[0], s.width)
	}
	return b.OCAdd(a...)
}

// Values are random values of the variables v<width>.<n>; the function f is a fixed mixture of its
// argument and Seed.
type Values struct {
	Vars map[string]uint64
	Seed uint64
}

// RandomValues picks values for every variable that a recipe may use.
func RandomValues(r *rand.Rand) Values {
	v := Values{map[string]uint64{}, r.Uint64()}
	for _, w := range widths {
		for n := range 3 {
			v.Vars[fmt.Sprintf("v%d.%d", w, n)] = Corner(r, w)
		}
	}
	return v
}

func (v Values) f(x uint64) uint64 { return Mask((x+1)*(v.Seed|1)>>7, 8) }

// Eval computes the values of all steps with Go's operators.
func (p Recipe) Eval(v Values) []uint64 {
	vals := make([]uint64, len(p))
	for i, s := range p {
		args := make([]uint64, len(s.args))
		for k, a := range s.args {
			args[k] = vals[a]
		}
		vals[i] = Mask(p.eval(s, v, args), max(1, s.width))
	}
	return vals
}

func (p Recipe) eval(s Step, v Values, a []uint64) uint64 {
	switch s.kind {
	case constant:
		return s.value
	case variable:
		return v.Vars[fmt.Sprintf("v%d.%d", s.width, s.value)]
	case apply:
		return v.f(a[0])
	case operator:
		return Operators[s.op].Value(p[s.args[0]].width, a[0], a[1])
	case not:
		return 1 - a[0]
	case and:
		return a[0] & a[1]
	case or:
		return a[0] | a[1]
	case boolEq:
		return truth(a[0] == a[1])
	case ite:
		if a[0] == 1 {
			return a[1]
		}
		return a[2]
	case concat:
		return a[0]<<p[s.args[1]].width | a[1]
	case extract:
		return a[0] >> s.value
	case signExtend:
		return uint64(Signed(a[0], p[s.args[0]].width))
	case ocadd:
		return OCAdd(a...)
	}
	return a[0]
}

// Model gives the values to terms of b, the function at every argument that p gives it.
func (p Recipe) Model(b *smt.Builder, v Values) *smt.Model {
	m := smt.NewModel()
	for _, w := range widths {
		for n := range 3 {
			name := fmt.Sprintf("v%d.%d", w, n)
			m.SetVar(b.Var(name, w), new(big.Int).SetUint64(v.Vars[name]))
		}
	}
	vals := p.Eval(v)
	f := b.Func("f", []int{16}, 8)
	for _, s := range p {
		if s.kind == apply {
			x := vals[s.args[0]]
			m.SetApp(f, []*big.Int{new(big.Int).SetUint64(x)}, new(big.Int).SetUint64(v.f(x)))
		}
	}
	return m
}
