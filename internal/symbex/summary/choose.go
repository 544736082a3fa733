package summary

import (
	"fmt"
	"math/big"
	"slices"
	"strings"

	"vigor/internal/contract"
	"vigor/internal/diag"
	"vigor/internal/smt"
)

// choose gives a value to a result, or a modified scalar, that has no definition in this outcome: the
// one supplied, for which the constraints are proved, or a fresh one, for which they are assumed.
func (c *call) choose(t contract.Target) {
	limits := c.limits(t.Name())
	for _, q := range limits {
		c.applied[q] = true
	}
	sort := sortOf(t)
	if leaves, ok := c.options.Supplied[t.Name()]; ok && t.Result != nil {
		c.set(t, fromLeaves(c.p.Builder(), sort, leaves), leaves)
		for _, q := range limits {
			c.proveChoice(q)
		}
		return
	}
	c.fresh(t, sort, limits)
	for _, q := range limits {
		if q.Var != nil {
			c.session.learn(c.p, rule{c.state(q.Trigger.Old).node(q.Trigger.Ghost), q, c.env})
		}
	}
}

func (c *call) proveChoice(q *contract.Quantified) {
	c.p.Prove(c.formula(q), c.claim(diag.ImpossibleChoice, q.Text(), variables(q.Body)))
}

// settle applies the constraints that no choice could wait for: the last name of such a constraint was
// given its value by a definition.
func (c *call) settle() {
	for _, k := range c.op.Constraints {
		q := &k.Quantified
		if c.applied[q] || !c.holds(k.Guards) {
			continue
		}
		supplied := slices.ContainsFunc(mentioned(q.Body), func(name string) bool {
			return c.options.Supplied[name] != nil
		})
		switch {
		case supplied:
			c.proveChoice(q)
		case q.Var == nil:
			c.p.Fact(c.eval(q.Body).b)
		default: // all the names in it have a definition here, or it limits an observer that is else arbitrary
			c.session.learn(c.p, rule{c.state(q.Trigger.Old).node(q.Trigger.Ghost), q, c.env})
		}
	}
}

func sortOf(t contract.Target) contract.Sort {
	if t.Ghost != nil {
		return t.Ghost.Value
	}
	return t.Result.Sort()
}

func (c *call) set(t contract.Target, v value, leaves Value) {
	if t.Result != nil {
		c.setResult(t.Result, v, leaves)
		return
	}
	c.now.replace(t.Ghost, c.now.scalarOf(c.p.Builder(), t.Ghost, leaves))
}

// limits lists the constraints in force on a name whose other names all have values.
func (c *call) limits(name string) []*contract.Quantified {
	var out []*contract.Quantified
	for _, k := range c.op.Constraints {
		names := mentioned(k.Body)
		if !slices.Contains(names, name) {
			continue
		}
		ready := true
		for _, n := range names {
			ready = ready && (n == name || c.done[n])
		}
		if ready && c.holds(k.Guards) {
			out = append(out, &k.Quantified)
		}
	}
	return out
}

// mentioned lists the results and new observers in an expression.
func mentioned(x contract.Expr) []string {
	var out []string
	contract.Walk(x, func(x contract.Expr) {
		switch x := x.(type) {
		case *contract.Variable:
			if x.Result {
				out = append(out, x.Name)
			}
		case *contract.Read:
			if !x.Old {
				out = append(out, x.Ghost.Name)
			}
		case *contract.Count:
			if !x.Old {
				out = append(out, x.Ghost.Name)
			}
		}
	})
	return out
}

// fresh chooses the leaves; the last one carries the constraints.
func (c *call) fresh(t contract.Target, sort contract.Sort, limits []*contract.Quantified) {
	b := c.p.Builder()
	name := joined(c.objectName(), c.op.Name, t.Name())
	layout := c.object.layout(sort)
	leaves := make(Value, len(layout))
	for i, l := range layout {
		width := l.Width
		narrow := false
		if sort.Kind == contract.Int {
			if w := c.width(t, sort, limits); w < width {
				width, narrow = w, true
			}
		}
		complete := func(v *smt.Term) *smt.Term {
			if leaves[i] = v; narrow {
				leaves[i] = b.ZeroExtend(v, l.Width)
			}
			if i < len(layout)-1 {
				return b.True()
			}
			c.set(t, fromLeaves(b, sort, leaves), leaves)
			return c.all(limits)
		}
		c.p.Choose(joined(name, l.Name), width, complete)
	}
	if len(layout) == 0 {
		c.set(t, fromLeaves(b, sort, leaves), leaves)
	}
}

// all is the conjunction of the constraints without quantifier.
func (c *call) all(limits []*contract.Quantified) *smt.Term {
	out := c.p.Builder().True()
	for _, q := range limits {
		if q.Var == nil {
			out = c.p.Builder().And(out, c.eval(q.Body).b)
		}
	}
	return out
}

// width is the number of bits that the constraints leave an integer: those of its upper bound, if there
// is one and 0 is a lower bound; else the sort's own.
func (c *call) width(t contract.Target, sort contract.Sort, limits []*contract.Quantified) int {
	lo, hi := sort.Range()
	one := big.NewInt(1)
	for _, q := range limits {
		if q.Var != nil {
			continue
		}
		for _, k := range conjuncts(q.Body) {
			bound, strict, upper := c.bound(k, t.Name())
			switch {
			case bound == nil:
			case upper:
				most := new(big.Int).Set(bound.Hi)
				if strict {
					most.Sub(most, one)
				}
				if most.Cmp(hi) < 0 {
					hi = most
				}
			case bound.Lo.Cmp(lo) > 0:
				lo = bound.Lo
			}
		}
	}
	if lo.Sign() < 0 || hi.Sign() < 0 {
		return sort.Bits
	}
	return max(1, hi.BitLen())
}

func conjuncts(x contract.Expr) []contract.Expr {
	if y, ok := x.(*contract.Binary); ok && y.Op == "&&" {
		return append(conjuncts(y.X), conjuncts(y.Y)...)
	}
	return []contract.Expr{x}
}

// bound reads name < e, name <= e, e < name and e <= name, and their mirror images, where e does not
// mention name.
func (c *call) bound(x contract.Expr, name string) (e *smt.Int, strict, upper bool) {
	y, ok := x.(*contract.Binary)
	if !ok || !slices.Contains([]string{"<", "<=", ">", ">="}, y.Op) {
		return nil, false, false
	}
	is := func(x contract.Expr) bool {
		v, ok := x.(*contract.Variable)
		r, isRead := x.(*contract.Read)
		return ok && v.Name == name || isRead && r.Index == nil && !r.Old && r.Ghost.Name == name
	}
	left, right, less := y.X, y.Y, strings.HasPrefix(y.Op, "<")
	strict = !strings.HasSuffix(y.Op, "=")
	switch {
	case is(left) && !slices.Contains(mentioned(right), name):
		i := c.eval(right).i
		return &i, strict, less
	case is(right) && !slices.Contains(mentioned(left), name):
		i := c.eval(left).i
		return &i, strict, !less
	}
	return nil, false, false
}

func (c *call) objectName() string {
	if c.object == nil {
		return ""
	}
	return c.object.Name
}

// claimAt words an obligation of the call.
func (c *call) claimAt(code diag.Code, what string, vars []string) diag.Claim {
	callee := joined(c.objectName(), c.op.Name)
	text := fmt.Sprintf("%s needs %s", callee, what)
	switch code {
	case diag.ImpossibleChoice:
		text = fmt.Sprintf("%s cannot return this: %s fails", callee, what)
	case diag.ContractRange:
		text = fmt.Sprintf("%s: %s", callee, what)
	}
	shown := make([]value, len(vars))
	for i, name := range vars {
		shown[i] = c.vars[name]
	}
	say := func(v diag.Valuer) string {
		var parts []string
		for i, name := range vars {
			if s := c.show(shown[i], v); s != "" {
				parts = append(parts, name+" is "+s)
			}
		}
		if len(parts) == 0 {
			return text
		}
		return text + ": " + strings.Join(parts, ", ")
	}
	claim := diag.Claim{Code: code, Span: c.options.At, Say: say}
	if c.options.Claim != nil {
		claim = c.options.Claim(what, claim)
	}
	return claim
}

// show writes a value under a counterexample.
func (e *env) show(x value, v diag.Valuer) string {
	switch x.kind {
	case contract.Int:
		if x.i.Term == nil {
			return ""
		}
		return signedValue(x.i, v).String()
	case contract.Bool:
		if x.b == nil {
			return ""
		}
		return fmt.Sprint(v(x.b).Sign() != 0)
	}
	layout := e.object.layout(x.sort)
	var parts []string
	for i, t := range x.v {
		n := v(t)
		if l := layout[i]; l.Signed && n.Bit(l.Width-1) == 1 {
			n = new(big.Int).Sub(n, new(big.Int).Lsh(big.NewInt(1), uint(l.Width)))
		}
		if layout[i].Name == "" {
			return n.String()
		}
		parts = append(parts, layout[i].Name+" "+n.String())
	}
	return "{" + strings.Join(parts, ", ") + "}"
}

// signedValue is the value of an integer under a counterexample.
func signedValue(i smt.Int, v diag.Valuer) *big.Int {
	n := v(i.Term)
	if w := i.Term.Width(); i.Lo.Sign() < 0 && n.Bit(w-1) == 1 {
		return new(big.Int).Sub(n, new(big.Int).Lsh(big.NewInt(1), uint(w)))
	}
	return n
}
