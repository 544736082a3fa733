package lower

import (
	"fmt"

	"vigor/internal/diag"
	"vigor/internal/smt"
	"vigor/internal/spec/resolve"
	"vigor/internal/spec/syntax"
)

// classWidth is the width of a timer class in contracts.
const classWidth = 8

// timerMethod is a call of a method that concerns the timer classes of a table; ok is false for any other.
func (r *run) timerMethod(o object, name string, x *syntax.Call) (v value, ok bool) {
	if o.of.Kind != resolve.ClassTable {
		return nil, false
	}
	last := x.Args[len(x.Args)-1] // the timer, in all but one
	switch name {
	case "timer":
		key := r.key(o, last, r.text(x))
		return r.b.IntUnsigned(r.read(o, "class", r.index(o, key))[0]), true
	case "insert":
		key := r.store(o.of.Key, r.eval(x.Args[0]), x.Args[0], o.of.Name+"'s key")
		var leaves []*smt.Term
		if o.of.Value != nil {
			leaves = r.store(o.of.Value, r.eval(x.Args[1]), x.Args[1], "the value of "+o.of.Name)
		}
		r.upsert(o, key, leaves, r.stamp(r.timer(o, last)), x.Args[0], x.Span())
	case "refresh":
		i := r.index(o, r.key(o, x.Args[0], r.text(x)))
		r.call1(o, "Refresh", x.Span(), append([][]*smt.Term{{i}}, r.stamp(r.timer(o, last))...)...)
	case "expire_before":
		before := r.time(x.Args[0])
		r.call1(o, "ExpireBefore", x.Span(), []*smt.Term{r.timer(o, last)}, []*smt.Term{before})
	default:
		return nil, false
	}
	return nothing{}, true
}

// timer evaluates a timer class of o and proves that there is one of that number.
func (r *run) timer(o object, x syntax.Expr) *smt.Term {
	i, n := r.integer(x), r.b.IntUnsigned(r.read(o, "classes")[0])
	name, text := o.of.Name, r.text(x)
	r.prove(r.b.And(r.b.IntLessEq(r.b.IntConst(zero), i), r.b.IntLess(i, n)),
		r.claim(diag.IndexRange, x.Span(), func(val diag.Valuer) string {
			return fmt.Sprintf("timer %s may be %s, %s has %s", text, showInt(i, val), name, showInt(n, val))
		}, fmt.Sprintf("guard with `if %s < %s.timers`", text, name)))
	return r.b.IntWrap(i, classWidth)
}
