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
	vars  map[*Term]num
	apps  map[*Func]map[string]*Entry
	pages []*page // the values of terms, by ID
	now   uint32  // the stamp of those that are known
	args  []num   // of the term that is evaluated
	stack []*Term // terms to evaluate
}

// page has the values of terms with successive IDs. A model is asked about few of all terms, and those of one path were
// mostly made in a row.
type page [pageSize]struct {
	value num
	stamp uint32
}

const pageSize = 32

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
func (m *Model) Forget() { m.pages = nil }

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
	if v, ok := m.known(t); ok {
		return v
	}
	m.stack = append(m.stack[:0], t)
	for len(m.stack) > 0 {
		top := m.stack[len(m.stack)-1]
		if n := len(m.stack); m.collect(top) == n {
			m.stack = m.stack[:n-1]
			m.keep(top, m.value(top))
		}
	}
	v, _ := m.known(t)
	return v
}

// collect puts the values of t's arguments into args, and those that are not known yet on the stack, whose length it
// returns. A term may be there twice; then it is evaluated twice.
func (m *Model) collect(t *Term) int {
	m.args = m.args[:0]
	for _, a := range t.args {
		if v, ok := m.known(a); ok {
			m.args = append(m.args, v)
		} else {
			m.stack = append(m.stack, a)
		}
	}
	return len(m.stack)
}

// known gives the value of a term that was evaluated since the model was changed.
func (m *Model) known(t *Term) (v num, ok bool) {
	if at := t.id / pageSize; at < len(m.pages) && m.pages[at] != nil {
		c := &m.pages[at][t.id%pageSize]
		return c.value, c.stamp == m.now
	}
	return zero, false
}

func (m *Model) keep(t *Term, v num) {
	at := t.id / pageSize
	if n := at + 1 - len(m.pages); n > 0 {
		m.pages = append(m.pages, make([]*page, n)...)
	}
	if m.pages[at] == nil {
		m.pages[at] = new(page)
	}
	c := &m.pages[at][t.id%pageSize]
	c.value, c.stamp = v, m.now
}

// value evaluates t, whose arguments are in args.
func (m *Model) value(t *Term) num {
	switch t.op {
	case OpConst:
		return t.lo
	case OpVar:
		return m.vars[t]
	}
	vals := m.args
	if t.op != OpApply {
		return evalOp(t, vals)
	}
	if e := m.apps[t.fn][point(vals)]; e != nil {
		return copyOf(e.Value)
	}
	return zero
}
