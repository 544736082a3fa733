package smt

import (
	"maps"
	"math/big"
	"slices"
	"strings"
)

// Model gives values to variables and uninterpreted functions; what it does not mention is 0. Bools
// are 0 and 1.
type Model struct {
	vars map[*Term]num
	apps map[*Func]map[string]*Entry
	// The values of terms by ID, those that are known having the current stamp.
	memo  []num
	stamp []uint32
	now   uint32
}

// Entry is the value of an uninterpreted function at one point.
type Entry struct {
	Args  []*big.Int
	Value *big.Int
}

// NewModel returns a model in which everything is 0.
func NewModel() *Model {
	return &Model{vars: map[*Term]num{}, apps: map[*Func]map[string]*Entry{}, now: 1}
}

// SetVar gives variable v a value, taken modulo 2^width.
func (m *Model) SetVar(v *Term, value *big.Int) {
	if v.op != OpVar {
		panic("smt: not a variable: " + v.String())
	}
	m.vars[v] = wrap(value, max(1, v.width))
	m.now++
}

// SetApp gives f a value at args, all taken modulo their widths.
func (m *Model) SetApp(f *Func, args []*big.Int, value *big.Int) {
	e := &Entry{Value: wrap(value, max(1, f.Result)).copy()}
	vals := make([]num, len(args))
	for i, a := range args {
		vals[i] = wrap(a, max(1, f.Params[i]))
		e.Args = append(e.Args, vals[i].copy())
	}
	if m.apps[f] == nil {
		m.apps[f] = map[string]*Entry{}
	}
	m.apps[f][point(vals)] = e
	m.now++
}

// Clone returns a model with the same values, which can be changed without changing m.
func (m *Model) Clone() *Model {
	c := NewModel()
	maps.Copy(c.vars, m.vars)
	for f, entries := range m.apps {
		c.apps[f] = maps.Clone(entries)
	}
	return c
}

// Forget drops the values of terms that were computed so far, which take most of a model's memory. They are computed
// again when they are asked for.
func (m *Model) Forget() { m.memo, m.stamp = nil, nil }

// point is a map key for argument values.
func point(vals []num) string {
	var s strings.Builder
	for _, v := range vals {
		if v.b != nil {
			s.WriteString(v.b.Text(62))
		} else {
			var buf [8]byte
			for i := range buf {
				buf[i] = byte(v.w >> (8 * i))
			}
			s.WriteByte(0xFF)
			s.Write(buf[:])
		}
		s.WriteByte(0xFE)
	}
	return s.String()
}

// Entries gives what the model says of f, sorted by arguments.
func (m *Model) Entries(f *Func) []Entry {
	var list []Entry
	for _, e := range m.apps[f] {
		list = append(list, *e)
	}
	slices.SortFunc(list, func(x, y Entry) int {
		for i := range x.Args {
			if c := x.Args[i].Cmp(y.Args[i]); c != 0 {
				return c
			}
		}
		return 0
	})
	return list
}

// Eval gives the value of t, which the caller may change.
func (m *Model) Eval(t *Term) *big.Int { return m.eval(t).copy() }

// Holds tells whether the Bool t is true.
func (m *Model) Holds(t *Term) bool { return !m.eval(t).isZero() }

func (m *Model) eval(t *Term) num {
	if n := t.id + 1 - len(m.memo); n > 0 {
		m.memo = append(m.memo, make([]num, n)...)
		m.stamp = append(m.stamp, make([]uint32, n)...)
	}
	known := func(t *Term) bool { return m.stamp[t.id] == m.now }
	if !known(t) {
		walk([]*Term{t}, known, func(t *Term) { m.memo[t.id], m.stamp[t.id] = m.value(t), m.now })
	}
	return m.memo[t.id]
}

// value evaluates t, whose arguments are in the memo.
func (m *Model) value(t *Term) num {
	switch t.op {
	case OpConst:
		return t.lo
	case OpVar:
		return m.vars[t]
	}
	vals := make([]num, len(t.args))
	for i, a := range t.args {
		vals[i] = m.memo[a.id]
	}
	if t.op != OpApply {
		return evalOp(t, vals)
	}
	if e := m.apps[t.fn][point(vals)]; e != nil {
		return copyOf(e.Value)
	}
	return zero
}
