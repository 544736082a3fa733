package lower

import (
	"fmt"

	"vigor/internal/diag"
	"vigor/internal/smt"
	"vigor/internal/spec/resolve"
	"vigor/internal/spec/syntax"
)

// structureCall is a call of a structure's method: the operation of the contract, applied to the
// spec's state. What the contract leaves to the structure is as the NF's own call had it: the first
// call of an operation in the spec gets the results of the NF's first one that changed the structure,
// and so on. A question gets the answer that the NF had to the same one in the same state. That these are
// results that the contract allows here is proved. Where the NF has no such call, they are arbitrary.
func (r *run) structureCall(o object, m resolve.Method, x *syntax.Call) value {
	switch m.Op {
	case "Value":
		return r.ruleValue(o, x)
	case "Alive":
		return r.alive(o, x)
	}
	args := make([][]*smt.Term, len(x.Args))
	for i, a := range x.Args {
		place := m.Params[i] + " of " + o.of.Name
		args[i] = r.store(o.of.Type(m.Types[i]), r.eval(a), a, place)
	}
	if m.Op == "Beat" {
		args = append(args, []*smt.Term{r.w.Now})
	}
	s := r.state(o)
	var supplied map[string][]*smt.Term
	if m.Changes {
		r.roomFor(o, m, x)
		key := o.of.Name + "." + m.Op
		supplied = s.Made(m.Op, r.calls[key])
		r.calls[key]++
	} else {
		supplied = s.Asked(r.p, m.Op, args)
	}
	results := s.Call(r.p, m.Op, args, supplied, r.structureClaim(o, m, x), x.Span())
	if m.Value == nil {
		return nothing{}
	}
	v, _ := r.load(o.of.Type(m.Value), results[0])
	if m.Op == "Choose" { // the index, the slots passed over, and whether there is one
		return r.b.IntIte(results[2][0], v.(smt.Int), r.b.IntUnsigned(r.read(o, "n")[0]))
	}
	return v
}

// alive is m.alive(i, since): whether the last heartbeat of backend i was not before.
func (r *run) alive(o object, x *syntax.Call) value {
	i := r.inside(o, x.Args[0])
	return boolean{r.b.IntLessEq(r.integer(x.Args[1]), r.b.IntSigned(r.read(o, "time", i)[0]))}
}

// roomFor proves that a structure takes one more, where the operation itself would just refuse.
func (r *run) roomFor(o object, m resolve.Method, x *syntax.Call) {
	if m.Op != "Allocate" && m.Op != "Push" {
		return
	}
	full := r.call1(o, "Full", x.Span())[0][0]
	r.prove(r.b.Not(full), r.claim(diag.TableFull, x.Span(), diag.Text("%s may be full here", o.of.Name),
		fmt.Sprintf("guard with `if not %s.full`", o.of.Name)))
}

// structureClaim says in the spec's terms what an operation needs, and what is wrong with a result
// that the NF's call had.
func (r *run) structureClaim(o object, m resolve.Method, x *syntax.Call) func(diag.Claim) diag.Claim {
	name, what := o.of.Name, r.text(x)
	return func(c diag.Claim) diag.Claim {
		c.Span = x.Span()
		switch {
		case c.Code == diag.ImpossibleChoice:
			return r.claim(diag.StateDiffers, x.Span(), diag.Text(
				"%s: the result that the NF got is not possible here: its calls are in another order, or from another state", what), "")
		case c.Code != diag.Precondition:
			return c
		case m.Op == "Free":
			number := r.text(x.Args[0])
			return r.claim(diag.KeyAbsent, x.Span(), diag.Text("%s: %s may be free", what, number),
				fmt.Sprintf("guard with `if %s in %s`", number, name))
		case m.Op == "Beat":
			index := r.text(x.Args[0])
			return r.claim(diag.IndexRange, x.Span(), diag.Text("%s: there may be no backend %s", what, index),
				fmt.Sprintf("guard with `if %s < len(%s)`", index, name))
		}
		return r.empty1(o, what, x)
	}
}

// empty1 is the claim that there is an element.
func (r *run) empty1(o object, what string, x syntax.Expr) diag.Claim {
	return r.claim(diag.IndexRange, x.Span(), diag.Text("%s: %s may be empty", what, o.of.Name),
		fmt.Sprintf("guard with `if len(%s) != 0`", o.of.Name))
}

// ruleValue is c.value(i). It may stand where only a guard says that there is such a rule.
func (r *run) ruleValue(o object, x *syntax.Call) value {
	i := r.integer(x.Args[0])
	n := r.b.IntUnsigned(r.read(o, "n")[0])
	what, index := r.text(x), r.text(x.Args[0])
	r.prove(r.b.And(r.b.IntLessEq(r.b.IntConst(zero), i), r.b.IntLess(i, n)),
		r.claim(diag.IndexRange, x.Span(), func(val diag.Valuer) string {
			return fmt.Sprintf("%s: there may be no rule %s, which is %s of %s", what, index, showInt(i, val), showInt(n, val))
		}, fmt.Sprintf("guard with `if %s < len(%s)`", index, o.of.Name)))
	return r.b.IntUnsigned(r.read(o, "value", r.b.IntWrap(i, intWidth))[0])
}

// front is q.front: the element that is popped next.
func (r *run) front(o object, x *syntax.Attribute) value {
	size := r.read(o, "size")[0]
	r.prove(r.b.Not(r.b.Eq(size, r.b.Word(0, size.Width()))), r.empty1(o, r.text(x), x))
	v, _ := r.load(o.of.Value, r.read(o, "elem", r.word(r.read(o, "head")[0])))
	return v
}
