package prove

import (
	"fmt"

	"vigor/internal/contract"
)

// This file translates the exported contracts, which package contract has resolved.

// expr translates an expression of a contract.
func (e env) expr(x contract.Expr) term {
	switch x := x.(type) {
	case *contract.Literal:
		if x.Sort().Kind == contract.Bool {
			return term{map[bool]string{true: "true", false: "false"}[x.Value.Sign() != 0], "Bool"}
		}
		return integer(x.Value)
	case *contract.Variable:
		t, ok := e.names[x.Name]
		if !ok {
			refuse(e.pos, "", "unknown name %s", x.Name)
		}
		return t
	case *contract.Read:
		array := e.state(x.Old).observer(x.Ghost.Name)
		if x.Index == nil {
			return array
		}
		return pick(array, e.expr(x.Index))
	case *contract.Length:
		if t, ok := e.names[x.Of.Name+"#len"]; ok {
			return t
		}
	case *contract.Element:
		if t, ok := e.names[x.Of.Name]; ok {
			return pick(t, e.expr(x.Index))
		}
	case *contract.Field:
		if list, ok := x.X.(*contract.Element); ok {
			if t, ok := e.names[list.Of.Name+"."+x.Name]; ok {
				return pick(t, e.expr(list.Index))
			}
		}
		if t, ok := e.r.w.part(e.expr(x.X), x.Name); ok {
			return t
		}
	case *contract.Unary:
		if x.Op == "!" {
			return boolean("not", e.expr(x.X))
		}
		if x.Op == "-" {
			return apply("Int", "-", e.expr(x.X))
		}
	case *contract.Binary:
		return e.binary(x)
	case *contract.Cond:
		c, a, b := e.expr(x.C), e.expr(x.X), e.expr(x.Y)
		return apply(a.sort, "ite", c, a, b)
	case *contract.Count:
		return apply("Int", "f_count", e.state(x.Old).observer(x.Ghost.Name), e.expr(x.N))
	}
	refuse(e.pos, "", "%v cannot be proved yet", x)
	return term{}
}

// state is the scope of the state before or after the call.
func (e env) state(old bool) env {
	if old && e.old != nil {
		e.st = e.old
	}
	return e
}

func (e env) binary(x *contract.Binary) term {
	a, b := e.expr(x.X), e.expr(x.Y)
	switch x.Op {
	case "==":
		return boolean("=", a, b)
	case "!=":
		return boolean("not", boolean("=", a, b))
	}
	op, ok := operators[x.Op]
	if !ok {
		refuse(e.pos, "", "operator %s cannot be proved yet", x.Op)
	}
	return apply(op.result, op.smt, a, b)
}

// quantified translates a requires or exposes line.
func (e env) quantified(q *contract.Quantified) term {
	if q.Var == nil {
		return e.expr(q.Body)
	}
	v := term{boundName(q.Var.Name), contractSort(q.Var.Sort())}
	inner := e.with(map[string]term{q.Var.Name: v})
	body := inner.expr(q.Body)
	if q.Trigger == nil {
		return term{fmt.Sprintf("(forall ((%s %s)) %s)", v.text, v.sort, body.text), "Bool"}
	}
	return term{fmt.Sprintf("(forall ((%s %s)) (! %s :pattern (%s)))", v.text, v.sort, body.text, inner.expr(q.Trigger).text), "Bool"}
}

// guarded is a formula under guards.
func (e env) guarded(guards []contract.Expr, body term) term {
	for i := len(guards) - 1; i >= 0; i-- {
		body = boolean("=>", e.expr(guards[i]), body)
	}
	return body
}

// claim is one conjunct of a contract.
type claim struct {
	what string
	term term
}

// exposed are the lines of a type that hold in every state, with the ranges of its observers.
func (e env) exposed() []claim {
	var list []claim
	for _, q := range e.of.contract.Exposes {
		list = append(list, claim{"exposes " + q.String(), e.quantified(q)})
	}
	for _, g := range e.of.contract.Ghosts {
		if t, ok := e.observerRange(g); ok {
			list = append(list, claim{"range of observer " + g.Name, t})
		}
	}
	return list
}

// effects are the postconditions of an operation: definitions, constraints, and for each observer that
// no definition names that it is unchanged.
func (e env) effects(op *contract.Operation) []claim {
	var list []claim
	for _, d := range op.Defs {
		list = append(list, claim{"ensures " + d.Target.Name() + " as defined", e.guarded(d.Guards, e.definition(d))})
	}
	for _, c := range op.Constraints {
		list = append(list, claim{"ensures " + c.Quantified.String(), e.guarded(c.Guards, e.quantified(&c.Quantified))})
	}
	if op.Type == nil || op.Constructor {
		return list
	}
	for _, g := range op.Type.Ghosts {
		if t, ok := e.frame(op, g); ok {
			list = append(list, claim{"observer " + g.Name + " is unchanged", t})
		}
	}
	return list
}

// definition says that the target has its defined value.
func (e env) definition(d *contract.Def) term {
	if r := d.Target.Result; r != nil {
		return boolean("=", e.names[r.Name], e.expr(d.Value))
	}
	g := d.Target.Ghost
	now := e.observer(g.Name)
	switch {
	case d.Updates != nil:
		value := e.state(true).observer(g.Name)
		for _, u := range d.Updates {
			value = put(value, e.expr(u.Index), e.expr(u.Value))
		}
		return boolean("=", now, value)
	case d.Var != nil:
		v := term{boundName(d.Var.Name), contractSort(d.Var.Sort())}
		inner := e.with(map[string]term{d.Var.Name: v})
		left := pick(now, v)
		return term{fmt.Sprintf("(forall ((%s %s)) (! (= %s %s) :pattern (%s)))",
			v.text, v.sort, left.text, inner.expr(d.Value).text, left.text), "Bool"}
	}
	return boolean("=", now, e.expr(d.Value))
}

// frame says that an observer is unchanged where no definition of it applies; ok is false if there is
// nothing to say.
func (e env) frame(op *contract.Operation, g *contract.Ghost) (term, bool) {
	for _, m := range op.Modifies {
		if m == g {
			return term{}, false
		}
	}
	body := boolean("=", e.observer(g.Name), e.state(true).observer(g.Name))
	for _, d := range op.Defs {
		if d.Target.Ghost != g {
			continue
		}
		if len(d.Guards) == 0 {
			return term{}, false
		}
		var all []term
		for _, x := range d.Guards {
			all = append(all, e.expr(x))
		}
		body = boolean("or", boolean("and", all...), body)
	}
	return body, true
}
