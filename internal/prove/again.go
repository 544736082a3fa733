package prove

import (
	"fmt"

	"vigor/internal/prove/finite"
)

// weak says what may be too weak if a claim has an example that no calls reach: the body is run from the state of
// the example. If the claim fails there, too, the type allows that state; if not, the proof does not know enough on
// the way to the claim.
func (m *machine) weak(x *Failure) string {
	fails, err := m.again(x)
	switch {
	case err != nil:
		return "the invariant, of the type or of a loop, may be too weak"
	case fails:
		return "run from this state the claim fails, too, so the invariant of the type may be too weak"
	}
	return "run from this state the claim holds, so the invariant of a loop, or a contract, may be too weak"
}

// again runs a function from the state of an example, with its arguments, and reports whether the claim fails. The
// error says that it cannot be run, or that the machine does not agree that it may be.
func (m *machine) again(x *Failure) (fails bool, err error) {
	n := &machine{w: m.w, script: m.script, shapes: map[*function]*shape{}, terms: m.terms, model: x.Example.model,
		bound: finite.Bound{Capacity: x.Example.Capacity, Each: min(x.Example.Capacity, 4) + 2}}
	this := &object{x.in.of, map[string]finite.Value{}, map[string]*object{}}
	if this.of == nil {
		return false, fmt.Errorf("%s has no state", x.Owner)
	}
	for _, f := range this.of.fields {
		if m.w.component(f.typ) != nil {
			return false, fmt.Errorf("the state of component %s is not known", f.name)
		}
	}
	values := func(terms map[string]term, into map[string]finite.Value) error {
		for name, t := range terms {
			v, err := x.Example.model.Eval(t.text)
			if err != nil {
				return err
			}
			into[name] = v
		}
		return nil
	}
	args := map[string]finite.Value{}
	if err := values(x.in.entry.leaves, this.leaves); err != nil {
		return false, err
	}
	if err := values(x.in.args, args); err != nil {
		return false, err
	}
	ok, err := n.permitted(x.in.f, this, args)
	if err != nil {
		return false, err
	}
	if !ok {
		return false, fmt.Errorf("%s is not to be called with these arguments", x.Owner)
	}
	_, _, ok, err = n.call(x.in.f, this, args)
	if err != nil {
		return false, err
	}
	if n.unsaid {
		return false, fmt.Errorf("a claim of %s cannot be evaluated", x.Owner)
	}
	if ok {
		return false, nil
	}
	for _, v := range n.violations {
		if v == x.keyOf() {
			return true, nil
		}
	}
	return false, fmt.Errorf("another claim of %s fails", x.Owner)
}
