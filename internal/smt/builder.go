package smt

import (
	"fmt"
	"math/big"
	"slices"
)

// Builder owns a table of terms and builds their normal forms.
type Builder struct {
	table   []*Term // by hash, modulo its length: the first of a list
	terms   []*Term
	funcs   map[string]*Func
	vars    map[string]int // widths
	slices  map[sliceKey]*Term
	calls   map[call]*Term
	bounds  map[*Term]bound
	sums    map[string]int
	summed  map[*Func]Array // by the functions of Sum, what they add
	limits  []limit         // by number of a sum; scratch of contradictory
	round   int
	yes, no *Term
}

// call is a constructor call whose result is remembered: replayed paths build the same terms again.
type call struct {
	op   Op
	s, t *Term
}

// once is f(s, t), computed the first time.
func (b *Builder) once(op Op, s, t *Term, f func(b *Builder, s, t *Term) *Term) *Term {
	key := call{op, s, t}
	if r := b.calls[key]; r != nil {
		return r
	}
	r := f(b, s, t)
	b.calls[key] = r
	return r
}

type sliceKey struct {
	term      *Term
	high, low int
}

// NewBuilder returns an empty table.
func NewBuilder() *Builder {
	b := &Builder{
		table:  make([]*Term, firstTable),
		funcs:  map[string]*Func{},
		vars:   map[string]int{},
		slices: map[sliceKey]*Term{},
		calls:  map[call]*Term{},
		bounds: map[*Term]bound{},
		sums:   map[string]int{},
		summed: map[*Func]Array{},
	}
	b.no, b.yes = b.value(zero, 0), b.value(one, 0)
	return b
}

// Size gives the number of terms built so far.
func (b *Builder) Size() int { return len(b.terms) }

// True is the constant true.
func (b *Builder) True() *Term { return b.yes }

// False is the constant false.
func (b *Builder) False() *Term { return b.no }

// Bool is the constant v.
func (b *Builder) Bool(v bool) *Term {
	if v {
		return b.yes
	}
	return b.no
}

// Const is the constant v mod 2^w; v may be negative. For width 0, an odd v is true.
func (b *Builder) Const(v *big.Int, w int) *Term { return b.value(wrap(v, max(1, w)), w) }

// Word is the constant v mod 2^w. For width 0, an odd v is true.
func (b *Builder) Word(v uint64, w int) *Term { return b.value(small(v).low(max(1, w)), w) }

// Var is the variable of that name. It panics if there is one of another width: two things would have one name.
func (b *Builder) Var(name string, w int) *Term {
	if had, ok := b.vars[name]; ok && had != w {
		panic(fmt.Sprintf("smt: variable %s of %d and of %d bits", name, had, w))
	}
	b.vars[name] = w
	return b.intern(Term{op: OpVar, width: w, name: name})
}

// Func is the uninterpreted function of that name. A second declaration must agree with the first.
func (b *Builder) Func(name string, params []int, result int) *Func {
	if f := b.funcs[name]; f != nil {
		if !slices.Equal(f.Params, params) || f.Result != result {
			panic("smt: two declarations of function " + name)
		}
		return f
	}
	f := &Func{Name: name, Params: slices.Clone(params), Result: result}
	b.funcs[name] = f
	return f
}

// Apply is f applied to args.
func (b *Builder) Apply(f *Func, args ...*Term) *Term {
	if len(args) != len(f.Params) {
		panic(fmt.Sprintf("smt: %s takes %d arguments, has %d", f.Name, len(f.Params), len(args)))
	}
	for i, a := range args {
		b.need(a, f.Params[i])
	}
	return b.intern(Term{op: OpApply, width: f.Result, fn: f, args: slices.Clone(args)})
}

func (b *Builder) value(v num, w int) *Term {
	return b.intern(Term{op: OpConst, width: w, lo: v, hi: v})
}

// need panics unless t has width w.
func (b *Builder) need(t *Term, w int) {
	if t.width != w {
		panic(fmt.Sprintf("smt: width %d, want %d: %v", t.width, w, t))
	}
}

// node interns a term after constant folding, with its interval.
func (b *Builder) node(op Op, width int, args ...*Term) *Term {
	return b.finish(Term{op: op, width: width, args: args})
}

func (b *Builder) finish(t Term) *Term {
	if v, ok := fold(&t); ok {
		return b.value(v, t.width)
	}
	return b.intern(t)
}

// fold evaluates an operator on constants.
func fold(t *Term) (num, bool) {
	for _, a := range t.args {
		if !a.isConst() {
			return zero, false
		}
	}
	vals := make([]num, len(t.args))
	for i, a := range t.args {
		vals[i] = a.lo
	}
	return evalOp(t, vals), true
}

// intern returns the one term equal to t.
func (b *Builder) intern(t Term) *Term {
	t.hashed = t.hash()
	for u := b.table[t.hashed%uint64(len(b.table))]; u != nil; u = u.next {
		if u.hashed == t.hashed && u.same(&t) {
			return u
		}
	}
	if t.op != OpConst {
		if t.lo, t.hi = interval(&t); t.lo.eq(t.hi) {
			return b.value(t.lo, t.width)
		}
	}
	u := new(Term)
	*u = t
	u.id = len(b.terms)
	b.terms = append(b.terms, u)
	if len(b.terms) > len(b.table) {
		b.table = make([]*Term, 2*len(b.table))
		for _, v := range b.terms[:u.id] {
			b.enter(v)
		}
	}
	b.enter(u)
	return u
}

// firstTable is the length of the table at first; it doubles when there are more terms.
const firstTable = 1 << 10

func (b *Builder) enter(t *Term) {
	first := &b.table[t.hashed%uint64(len(b.table))]
	t.next, *first = *first, t
}

func (t *Term) hash() uint64 {
	h := uint64(14695981039346656037)
	mix := func(v uint64) { h = (h ^ v) * 1099511628211; h ^= h >> 29 }
	mix(uint64(t.op))
	mix(uint64(t.width))
	mix(uint64(t.high)<<32 | uint64(t.low))
	for _, a := range t.args {
		mix(uint64(a.id))
	}
	for i := range len(t.name) {
		mix(uint64(t.name[i]))
	}
	if t.fn != nil {
		for i := range len(t.fn.Name) {
			mix(uint64(t.fn.Name[i]))
		}
	}
	if t.op == OpConst {
		mix(t.lo.w)
		if t.lo.b != nil {
			for _, w := range t.lo.b.Bits() {
				mix(uint64(w))
			}
		}
	}
	return h
}

func (t *Term) same(u *Term) bool {
	return t.op == u.op && t.width == u.width && t.high == u.high && t.low == u.low && t.fn == u.fn &&
		t.name == u.name && slices.Equal(t.args, u.args) && (t.op != OpConst || t.lo.eq(u.lo))
}
