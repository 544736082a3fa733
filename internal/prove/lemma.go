package prove

import (
	"vigor/internal/contract"
)

// proveLemma returns what there is to prove of a lemma.
func (w *world) proveLemma(d *contract.Definition) (obligations []Obligation, problem *Problem) {
	r := &run{w: w, f: &function{owner: d.Name}, owner: d.Name, inLemma: d, args: map[string]term{}}
	defer caught(&obligations, &problem)
	s := &state{vars: map[string]variable{}, leaves: map[string]term{}}
	for _, p := range d.Params {
		t := r.fresh(s, p.Name, sortName(p.Type, d.Pos))
		r.args[p.Name] = t
	}
	e := env{r: r, st: s, pos: d.Pos, closed: true}.with(r.args)
	for _, q := range d.Requires {
		s.assume(e.tree(q))
	}
	if d.Decreases != nil {
		r.lemmaMeasure = e.tree(d.Decreases)
	}
	for name, t := range r.args {
		s.vars[name] = variable{lemmaParameter, t}
	}
	r.entry = s.clone()
	r.steps(d.Steps, s, d.Pos)
	results := map[string]term{}
	for _, p := range d.Results {
		v, ok := s.vars[p.Name]
		if !ok || v.term.sort != sortName(p.Type, d.Pos) {
			refuse(d.Pos, "", "lemma %s does not choose its result %s on every path", d.Name, p.Name)
		}
		results[p.Name] = v.term
	}
	e = env{r: r, st: s, pos: d.Pos, closed: true}.with(r.args).with(results)
	for _, q := range d.Ensures {
		for _, part := range split(q) {
			r.oblige(s, d.Pos, "ensures "+part.String(), e.tree(part))
		}
	}
	return r.obligations, nil
}

// proveFunction returns what there is to prove of a pure function of proofs: that its definition has a
// meaning, for a recursive one that its measure falls.
func (w *world) proveFunction(d *contract.Definition) (obligations []Obligation, problem *Problem) {
	r := &run{w: w, f: &function{owner: d.Name}, owner: d.Name, args: map[string]term{}}
	defer caught(&obligations, &problem)
	s := &state{vars: map[string]variable{}, leaves: map[string]term{}}
	for _, p := range d.Params {
		r.args[p.Name] = r.fresh(s, p.Name, sortName(p.Type, d.Pos))
	}
	r.entry = s.clone()
	e := env{r: r, st: s, pos: d.Pos, closed: true}.with(r.args)
	body := e.tree(d.Body)
	e.same(d.Body, body.sort, sortName(d.Result, d.Pos))
	if !calls(d.Body, d.Name) {
		r.functionsAbove(d, d.Body)
		return nil, nil
	}
	if d.Decreases == nil {
		refuse(d.Pos, "add a decreases clause", "%s calls itself without a measure that falls", d.Name)
	}
	r.functionsAbove(d, d.Body)
	r.recursion(d, d.Body, e, s)
	return r.obligations, nil
}

// functionsAbove refuses calls of functions that are defined later: definitions must not go in circles.
func (r *run) functionsAbove(d *contract.Definition, t *contract.Tree) {
	if t.Op == "call" && t.Text != d.Name {
		if other := r.w.defs[t.Text]; other != nil {
			for _, x := range r.w.lemmas {
				if x == other {
					break
				}
				if x == d {
					refuse(d.Pos, "move it above", "%s is used before it is defined", t.Text)
				}
			}
		}
	}
	for _, k := range t.Kids {
		r.functionsAbove(d, k)
	}
}

// recursion proves for each call of the function in its own body, under the conditions around it, that the
// measure falls and stays above zero.
func (r *run) recursion(d *contract.Definition, t *contract.Tree, e env, s *state) {
	if t.Op == "forall" || t.Op == "exists" {
		if calls(t, d.Name) {
			refuse(d.Pos, "", "%s calls itself inside a quantifier", d.Name)
		}
		return
	}
	if t.Op == "?:" {
		c := e.tree(t.Kids[0])
		yes, no := s.clone(), s.clone()
		yes.assume(c)
		no.assume(boolean("not", c))
		r.recursion(d, t.Kids[0], e, s)
		r.recursion(d, t.Kids[1], e, yes)
		r.recursion(d, t.Kids[2], e, no)
		return
	}
	if t.Op == "call" && t.Text == d.Name {
		inner := map[string]term{}
		for i, p := range d.Params {
			inner[p.Name] = e.tree(t.Kids[i])
		}
		before, after := e.tree(d.Decreases), e.with(inner).tree(d.Decreases)
		r.oblige(s, d.Pos, "the function ends: its measure falls", boolean("<", after, before))
		r.oblige(s, d.Pos, "the function ends: its measure stays above zero", boolean("<=", small(0), after))
	}
	for _, k := range t.Kids {
		r.recursion(d, k, e, s)
	}
}

// calls reports whether an expression calls a function.
func calls(t *contract.Tree, name string) bool {
	if t.Op == "call" && t.Text == name {
		return true
	}
	for _, k := range t.Kids {
		if calls(k, name) {
			return true
		}
	}
	return false
}
