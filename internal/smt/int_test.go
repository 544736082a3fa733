package smt

import (
	"fmt"
	"math/big"
	"testing"
)

// span is a test range of an integer variable: lo..hi.
type span struct{ lo, hi int64 }

var spans = []span{{0, 5}, {-4, 3}, {-6, -2}, {2, 7}, {0, 15}, {-1, 9}, {3, 3}, {0, 0}}

// variable is an integer that ranges over s, made from a bit-vector variable, and the setter of its value.
func variable(b *Builder, name string, s span) (Int, func(*Model, int64)) {
	v := b.Var(name, 6)
	i := b.IntSigned(v)
	i = b.IntRestrict(i, big.NewInt(s.lo), big.NewInt(s.hi))
	return i, func(m *Model, x int64) { m.SetVar(v, big.NewInt(x)) }
}

// value reads an integer under a model and checks that its bounds hold.
func value(t *testing.T, m *Model, i Int) *big.Int {
	t.Helper()
	v := m.Eval(i.Term)
	if i.Lo.Sign() < 0 {
		v = copyOf(v).signed(i.Term.Width())
	}
	if v.Cmp(i.Lo) < 0 || v.Cmp(i.Hi) > 0 {
		t.Errorf("value %v outside its bounds [%v, %v] of %v", v, i.Lo, i.Hi, i.Term)
	}
	if w := intWidth(i.Lo, i.Hi); w != i.Term.Width() {
		t.Errorf("width %d, bounds [%v, %v] need %d", i.Term.Width(), i.Lo, i.Hi, w)
	}
	return v
}

type intOp struct {
	name string
	f    func(b *Builder, i, j Int) Int
	want func(x, y *big.Int) *big.Int
	ok   func(x, y int64) bool
}

func always(x, y int64) bool  { return true }
func divisor(x, y int64) bool { return y != 0 }
func distant(x, y int64) bool { return y >= 0 }
func onValues(f func(z, x, y *big.Int) *big.Int) func(x, y *big.Int) *big.Int {
	return func(x, y *big.Int) *big.Int { return f(new(big.Int), x, y) }
}

func floorDiv(x, y *big.Int) *big.Int {
	q, m := new(big.Int).DivMod(x, y, new(big.Int))
	if y.Sign() < 0 && m.Sign() != 0 {
		q.Sub(q, bigOne)
	}
	return q
}

func floorMod(x, y *big.Int) *big.Int {
	return new(big.Int).Sub(x, new(big.Int).Mul(y, floorDiv(x, y)))
}

var intOps = []intOp{
	{"add", (*Builder).IntAdd, onValues((*big.Int).Add), always},
	{"sub", (*Builder).IntSub, onValues((*big.Int).Sub), always},
	{"mul", (*Builder).IntMul, onValues((*big.Int).Mul), always},
	{"and", (*Builder).IntAnd, onValues((*big.Int).And), always},
	{"or", (*Builder).IntOr, onValues((*big.Int).Or), always},
	{"xor", (*Builder).IntXor, onValues((*big.Int).Xor), always},
	{"min", (*Builder).IntMin, minBig, always},
	{"max", (*Builder).IntMax, maxBig, always},
	{"floordiv", (*Builder).IntFloorDiv, floorDiv, divisor},
	{"floormod", (*Builder).IntFloorMod, floorMod, divisor},
	{"truncdiv", (*Builder).IntTruncDiv, onValues((*big.Int).Quo), divisor},
	{"truncrem", (*Builder).IntTruncRem, onValues((*big.Int).Rem), divisor},
	{"shl", (*Builder).IntShl, func(x, y *big.Int) *big.Int { return new(big.Int).Lsh(x, distance(y)) }, distant},
	{"shr", (*Builder).IntShr, func(x, y *big.Int) *big.Int { return new(big.Int).Rsh(x, distance(y)) }, distant},
	{"neg", func(b *Builder, i, _ Int) Int { return b.IntNeg(i) }, func(x, _ *big.Int) *big.Int { return new(big.Int).Neg(x) }, always},
	{"not", func(b *Builder, i, _ Int) Int { return b.IntNot(i) }, func(x, _ *big.Int) *big.Int { return new(big.Int).Not(x) }, always},
}

func TestIntOperators(t *testing.T) {
	for _, op := range intOps {
		for _, p := range spans {
			for _, q := range spans {
				if (op.name == "shl" || op.name == "shr") && q.hi < 0 {
					continue
				}
				t.Run(fmt.Sprint(op.name, p, q), func(t *testing.T) { checkIntOp(t, op, p, q) })
			}
		}
	}
}

func checkIntOp(t *testing.T, op intOp, p, q span) {
	b := NewBuilder()
	i, setI := variable(b, "i", p)
	j, setJ := variable(b, "j", q)
	r := op.f(b, i, j)
	eq, less := b.IntEq(i, j), b.IntLess(i, j)
	for x := p.lo; x <= p.hi; x++ {
		for y := q.lo; y <= q.hi; y++ {
			m := NewModel()
			setI(m, x)
			setJ(m, y)
			if m.Holds(eq) != (x == y) || m.Holds(less) != (x < y) {
				t.Errorf("%d against %d: eq %v, less %v", x, y, m.Holds(eq), m.Holds(less))
			}
			if !op.ok(x, y) {
				continue
			}
			want := op.want(big.NewInt(x), big.NewInt(y))
			if got := value(t, m, r); got.Cmp(want) != 0 {
				t.Errorf("%s(%d, %d): got %v, want %v", op.name, x, y, got, want)
			}
			c := op.f(b, b.IntConst(big.NewInt(x)), b.IntConst(big.NewInt(y)))
			if got, ok := c.Const(); !ok || got.Cmp(want) != 0 {
				t.Errorf("constant %s(%d, %d): got %v, want %v", op.name, x, y, got, want)
			}
			if m.Eval(b.IntWrap(r, 9)).Cmp(wrap(want, 9).big()) != 0 {
				t.Errorf("%s(%d, %d) wrapped to 9 bits: got %v", op.name, x, y, m.Eval(b.IntWrap(r, 9)))
			}
		}
	}
}

func TestIntFits(t *testing.T) {
	b := NewBuilder()
	i, set := variable(b, "i", span{-4, 3})
	fits := b.IntFits(i, big.NewInt(-2), big.NewInt(1))
	for x := int64(-4); x <= 3; x++ {
		m := NewModel()
		set(m, x)
		if got, want := m.Holds(fits), -2 <= x && x <= 1; got != want {
			t.Errorf("%d fits [-2, 1]: got %v, want %v", x, got, want)
		}
	}
	if !b.IntFits(i, big.NewInt(-4), big.NewInt(3)).IsTrue() {
		t.Error("an integer must fit its own bounds without a solver")
	}
}
