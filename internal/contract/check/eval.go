package check

import (
	"fmt"
	"go/token"
	"math/big"
	"reflect"

	"vigor/internal/contract"
)

// failure is what evaluation panics with; guard turns it into an error.
type failure struct{ error }

func failf(format string, args ...any) { panic(failure{fmt.Errorf(format, args...)}) }

func guard(f func()) (err error) {
	defer func() {
		switch e := recover().(type) {
		case nil:
		case failure:
			err = e.error
		default:
			panic(e)
		}
	}()
	f()
	return nil
}

// evaluator evaluates expressions over two states. Integers are *big.Int, bools bool, everything else
// the Go value itself.
type evaluator struct {
	old, now state
	domain   domain
	vars     map[string]any
}

func (v *evaluator) bind(vars []*contract.Variable, values []any) {
	if len(vars) != len(values) {
		failf("the call has %d values for %d parameters or results", len(values), len(vars))
	}
	for i, x := range vars {
		v.vars[x.Name] = plain(values[i])
	}
}

// plain brings integers to *big.Int and named bools to bool.
func plain(x any) any {
	switch r := reflect.ValueOf(x); {
	case !r.IsValid():
		return x
	case r.CanInt():
		return big.NewInt(r.Int())
	case r.CanUint():
		return new(big.Int).SetUint64(r.Uint())
	case r.Kind() == reflect.Bool:
		return r.Bool()
	}
	return x
}

func integer(x any) *big.Int {
	if n, ok := x.(*big.Int); ok {
		return n
	}
	n, ok := plain(x).(*big.Int)
	if !ok {
		failf("%v (%T) is not an integer", x, x)
	}
	return n
}

func truth(x any) bool {
	b, ok := plain(x).(bool)
	if !ok {
		failf("%v (%T) is not a bool", x, x)
	}
	return b
}

// equal compares two values of one sort.
func equal(x, y any) bool {
	x, y = plain(x), plain(y)
	if a, ok := x.(*big.Int); ok {
		return a.Cmp(integer(y)) == 0
	}
	if n, ok := y.(*big.Int); ok {
		return integer(x).Cmp(n) == 0
	}
	return x == y
}

// demand fails unless q holds for every value of its variable.
func (v *evaluator) demand(q *contract.Quantified, what string) {
	if q.Var == nil {
		if !truth(v.eval(q.Body)) {
			failf("%v: %s %v: it does not hold", q.Pos, what, q)
		}
		return
	}
	v.each(q.Var, q.Pos, func(x any) {
		if !truth(v.eval(q.Body)) {
			failf("%v: %s %v: it does not hold for %s = %v", q.Pos, what, q, q.Var.Name, x)
		}
	})
}

// each runs f with the variable bound to each value of its sort.
func (v *evaluator) each(x *contract.Variable, pos token.Position, f func(any)) {
	values := v.domain[sortName(x.Sort())]
	if s := x.Sort(); s.Kind == contract.Bool {
		values = []any{false, true}
	} else if len(values) == 0 || s.Kind == contract.Int && (s.Bits != 64 || !s.Signed) {
		failf("%v: the values of %s %s cannot be enumerated", pos, x.Name, s)
	}
	for _, value := range values {
		v.vars[x.Name] = plain(value)
		f(value)
	}
	delete(v.vars, x.Name)
}

// ensures evaluates definitions and constraints.
func (v *evaluator) ensures(op *contract.Operation) {
	for _, d := range op.Defs {
		if v.all(d.Guards) {
			v.definition(op, d)
		}
	}
	for _, c := range op.Constraints {
		if v.all(c.Guards) {
			v.demand(&c.Quantified, op.Name+" ensures")
		}
	}
}

func (v *evaluator) all(guards []contract.Expr) bool {
	for _, g := range guards {
		if !truth(v.eval(g)) {
			return false
		}
	}
	return true
}

func (v *evaluator) definition(op *contract.Operation, d *contract.Def) {
	g := d.Target.Ghost
	switch {
	case g == nil:
		got, want := v.vars[d.Target.Result.Name], v.eval(d.Value)
		if !equal(got, want) {
			failf("%v: result %s of %s is %v, want %v = %v", d.Pos, d.Target.Result.Name, op.Name, got, d.Value, want)
		}
	case g.Index == nil:
		v.same(op, d.Pos, g, nil, v.eval(d.Value))
	case d.Var != nil:
		v.each(d.Var, d.Pos, func(x any) {
			if v.defined(g, x) {
				v.same(op, d.Pos, g, x, v.eval(d.Value))
			}
		})
	default:
		v.updated(op, d)
	}
}

// updated compares an observer with its old value and the updates of its definition.
func (v *evaluator) updated(op *contract.Operation, d *contract.Def) {
	g := d.Target.Ghost
	at := make([]any, len(d.Updates))
	to := make([]any, len(d.Updates))
	for i, u := range d.Updates {
		at[i], to[i] = v.eval(u.Index), v.eval(u.Value)
	}
	for _, i := range v.domain[sortName(*g.Index)] {
		if !v.defined(g, i) {
			continue
		}
		var want any
		found := false
		for j := range at {
			if equal(at[j], i) {
				want, found = to[j], true
			}
		}
		if !found {
			want = v.before(g, i)
		}
		v.same(op, d.Pos, g, i, want)
	}
}

// defined reports whether the observer means something at an index now.
func (v *evaluator) defined(g *contract.Ghost, i any) bool {
	return g.On == nil || truth(v.now[g.On.Name][i])
}

func (v *evaluator) before(g *contract.Ghost, i any) any {
	x, ok := v.old[g.Name][i]
	if !ok {
		failf("%s[%v] had no value before the call", g.Name, i)
	}
	return x
}

// same fails unless an observer now has the wanted value.
func (v *evaluator) same(op *contract.Operation, pos token.Position, g *contract.Ghost, i, want any) {
	got := v.now[g.Name][i]
	if equal(got, want) {
		return
	}
	name := g.Name
	if g.Index != nil {
		name = fmt.Sprintf("%s[%v]", name, i)
	}
	failf("%v: after %s, %s is %v, want %v", pos, op.Name, name, got, want)
}

// frame fails unless every observer without an active definition is unchanged.
func (v *evaluator) frame(op *contract.Operation) {
	defined := map[*contract.Ghost]bool{}
	for _, g := range op.Modifies {
		defined[g] = true
	}
	for _, d := range op.Defs {
		if d.Target.Ghost != nil && v.all(d.Guards) {
			defined[d.Target.Ghost] = true
		}
	}
	for _, g := range op.Type.Ghosts {
		switch {
		case defined[g]:
		case g.Index == nil:
			v.same(op, op.Pos, g, nil, v.before(g, nil))
		default:
			for _, i := range v.domain[sortName(*g.Index)] {
				if v.defined(g, i) {
					v.same(op, op.Pos, g, i, v.before(g, i))
				}
			}
		}
	}
}

func (v *evaluator) exposes(op *contract.Operation) {
	for _, q := range op.Type.Exposes {
		v.demand(q, "after "+op.Name+", "+op.Type.Name+" exposes")
	}
}
