package prove

import (
	"fmt"
	"go/token"
	"go/types"
	"strings"

	"vigor/internal/contract"
)

// steps executes statements of a proof. They change ghosts only.
func (r *run) steps(list []contract.Step, s *state, pos token.Position) {
	for i, step := range list {
		e := r.scope(s, pos)
		switch step.Do {
		case "assert":
			for _, part := range split(step.Cond) {
				r.need(s, pos, "assert "+part.String(), e.tree(part))
			}
		case "unfold":
			s.assume(r.unfolded(step.Right, e))
		case "call":
			r.lemma(step.Right, e, s, pos)
		case "define":
			r.ghosts(step, e, s, pos)
		case "set":
			r.set(step, e, s, pos)
		case "apply":
			r.applyAll(step, e, s, pos)
		case "if":
			r.ghostBranch(step, list[i+1:], e, s, pos)
		}
	}
}

// ghostBranch executes an if of a proof. Its branches may change ghosts and learn facts; what one of
// them learns holds under its condition.
func (r *run) ghostBranch(step contract.Step, _ []contract.Step, e env, s *state, pos token.Position) {
	condition := e.tree(step.Cond)
	e.same(step.Cond, condition.sort, "Bool")
	yes, no := s.clone(), s.clone()
	yes.assume(condition)
	no.assume(boolean("not", condition))
	yes.say("%v", step.Cond)
	no.say("!%v", step.Cond)
	base := s.facts
	r.steps(step.Then, yes, pos)
	r.steps(step.Else, no, pos)
	r.merge(s, yes, base, condition)
	r.merge(s, no, base, boolean("not", condition))
	for _, name := range sorted(yes.vars) {
		a, b := yes.vars[name], no.vars[name]
		if a != b {
			if b.term.sort != a.term.sort {
				continue // known in one branch only: it ends with the branch
			}
			s.vars[name] = variable{a.object, apply(a.term.sort, "ite", condition, a.term, b.term)}
		}
	}
	for _, name := range sorted(yes.leaves) {
		if a, b := yes.leaves[name], no.leaves[name]; a != b {
			merged := r.fresh(s, name, a.sort) // a name of its own: triggers cannot hold conditions
			s.assume(boolean("=", merged, apply(a.sort, "ite", condition, a, b)))
			s.leaves[name] = merged
		}
	}
}

// merge takes over what a branch has learnt, under its condition.
func (r *run) merge(s, branch *state, base *fact, condition term) {
	for _, line := range newLines(branch.facts, base) {
		if strings.HasPrefix(line, "(declare-fun") {
			s.note(line)
			continue
		}
		s.note("(assert (=> " + condition.text + " " + strings.TrimSuffix(strings.TrimPrefix(line, "(assert "), ")") + "))")
	}
}

// unfolded is the equation of a pure function at its arguments.
func (r *run) unfolded(call *contract.Tree, e env) term {
	d := r.w.defs[call.Text]
	if d == nil || d.Body == nil {
		refuse(e.pos, "only pure functions of proofs have a definition", "%s cannot be unfolded", call.Text)
	}
	left := e.tree(call)
	inner := env{r: e.r, st: &state{vars: map[string]variable{}, leaves: map[string]term{}}, pos: e.pos, names: map[string]term{}}
	for i, p := range d.Params {
		inner.names[p.Name] = e.tree(call.Kids[i])
	}
	return boolean("=", left, inner.tree(d.Body))
}

// lemma applies a lemma: its preconditions are proved, its results chosen and its postconditions learnt.
func (r *run) lemma(call *contract.Tree, e env, s *state, pos token.Position) []term {
	d := r.w.defs[call.Text]
	if d == nil || d.Word != "lemma" && d.Word != "bits lemma" {
		refuse(pos, "", "%s is no lemma", call.Text)
	}
	r.allowed(d, pos)
	inner := r.lemmaScope(d, call, e, pos)
	for _, p := range d.Params {
		if o, ok := types.Universe.Lookup(p.Type).(*types.TypeName); ok && d.Word == "bits lemma" {
			r.need(s, pos, "precondition of lemma "+d.Name+": "+p.Name+" fits "+p.Type, within(inner.names[p.Name], o.Type()))
		}
	}
	for _, q := range d.Requires {
		for _, part := range split(q) {
			r.need(s, pos, "precondition of lemma "+d.Name+": "+part.String(), inner.tree(part))
		}
	}
	if r.inLemma == d {
		r.need(s, pos, "the lemma ends: its measure falls", boolean("<", inner.tree(d.Decreases), r.lemmaMeasure))
		r.need(s, pos, "the lemma ends: its measure stays above zero", boolean("<=", small(0), inner.tree(d.Decreases)))
	}
	var results []term
	for _, p := range d.Results {
		t := r.fresh(s, d.Name+"."+p.Name, sortName(p.Type, pos))
		inner.names[p.Name] = t
		results = append(results, t)
	}
	for _, q := range d.Ensures {
		s.assume(inner.tree(q))
	}
	return results
}

// lemmaScope binds the parameters of a lemma.
func (r *run) lemmaScope(d *contract.Definition, call *contract.Tree, e env, pos token.Position) env {
	if len(call.Kids) != len(d.Params) {
		refuse(pos, "", "%s takes %d values, got %d", d.Name, len(d.Params), len(call.Kids))
	}
	inner := env{r: r, st: &state{vars: map[string]variable{}, leaves: map[string]term{}}, pos: pos, names: map[string]term{}}
	for i, p := range d.Params {
		t := e.tree(call.Kids[i])
		e.same(call, t.sort, sortName(p.Type, pos))
		inner.names[p.Name] = t
	}
	return inner
}

// allowed refuses lemmas that are not proved yet where they are used: a lemma may use those above it, and
// itself if its measure falls.
func (r *run) allowed(d *contract.Definition, pos token.Position) {
	if r.inLemma == nil {
		return
	}
	if d == r.inLemma {
		if d.Decreases == nil {
			refuse(pos, "add a decreases clause", "lemma %s uses itself without a measure that falls", d.Name)
		}
		return
	}
	for _, x := range r.w.lemmas {
		if x == d {
			return
		}
		if x == r.inLemma {
			break
		}
	}
	refuse(pos, "move it above", "lemma %s is used before it is proved", d.Name)
}

// ghosts executes names := expression, or names := lemma(…).
func (r *run) ghosts(step contract.Step, e env, s *state, pos token.Position) {
	var values []term
	if d := r.w.defs[step.Right.Text]; step.Right.Op == "call" && d != nil && d.Word == "lemma" {
		values = r.lemma(step.Right, e, s, pos)
	} else {
		values = []term{e.tree(step.Right)}
	}
	if len(values) != len(step.Names) {
		refuse(pos, "", "%d names get %d values", len(step.Names), len(values))
	}
	for i, name := range step.Names {
		_, list := s.vars[name+"#len"]
		if v, ok := s.vars[name]; list || ok && v.object != nil {
			refuse(pos, "choose another name", "%s is a variable of the program: a proof cannot change it", name)
		}
		if old, ok := s.vars[name]; ok && old.term.sort != values[i].sort {
			refuse(pos, "choose another name", "%s was %s and is now %s", name, old.term.sort, values[i].sort)
		}
		s.vars[name] = variable{nil, values[i]}
	}
}

// set executes ghost = expression, where the left side may have an index.
func (r *run) set(step contract.Step, e env, s *state, pos token.Position) {
	left := step.Left
	var index *contract.Tree
	if left.Op == "index" {
		left, index = left.Kids[0], left.Kids[1]
	}
	if index == nil && step.Right.Op == "call" && step.Right.Text == "everywhere" {
		if array, ok := s.leaves[left.Text]; ok && left.Op == "field" && strings.HasPrefix(array.sort, "(Array ") {
			e.each, _ = arraySorts(array.sort)
		}
	}
	value := e.tree(step.Right)
	if left.Op == "name" {
		v, ok := s.vars[left.Text]
		if !ok || v.object != nil || index != nil {
			refuse(pos, "declare it with ghost "+left.Text+" := …", "%s is no ghost of this function", left.Text)
		}
		e.same(step.Left, v.term.sort, value.sort)
		s.vars[left.Text] = variable{nil, value}
		return
	}
	names := e.flat(left)
	if len(names) != 2 || names[0] != r.self || !r.isGhost(names[1]) {
		refuse(pos, "proofs change ghosts of the receiver's type only", "%v is no ghost", left)
	}
	name := names[1]
	array := e.leaf(name)
	if index == nil {
		e.same(step.Left, array.sort, value.sort)
		s.leaves[name] = value
		return
	}
	i := e.tree(index)
	indexSort, valueSort := arraySorts(array.sort)
	e.same(step.Left, i.sort, indexSort)
	e.same(step.Left, value.sort, valueSort)
	fresh := r.fresh(s, name, array.sort)
	s.assume(boolean("=", fresh, put(array, i, value)))
	s.leaves[name] = fresh
}

// isGhost reports whether a name is a ghost of the receiver's type, and not represented by real state.
func (r *run) isGhost(name string) bool {
	for _, g := range r.of.ghosts {
		if g.Name == name {
			return true
		}
	}
	return r.of.contract != nil && r.of.contract.Ghost(name) != nil && r.of.represent[name] == nil
}

// applyAll learns a lemma for all values of some variables.
func (r *run) applyAll(step contract.Step, e env, s *state, pos token.Position) {
	d := r.w.defs[step.Right.Text]
	if d == nil || d.Word != "lemma" || len(d.Results) > 0 {
		refuse(pos, "apply takes a lemma without results", "%s cannot be applied to all values", step.Right.Text)
	}
	if d == r.inLemma {
		refuse(pos, "call it for the values that are needed", "lemma %s applies itself to all values", d.Name)
	}
	r.allowed(d, pos)
	if len(step.Triggers) == 0 {
		refuse(pos, "add a trigger in braces", "apply needs to know when an instance is wanted")
	}
	names := map[string]term{}
	var vars []string
	for _, v := range step.Vars {
		sort := sortName(v.Type, pos)
		names[v.Name] = term{v.Name + "!all", sort} // no quantifier of the lemma has a variable of this name
		vars = append(vars, "("+v.Name+"!all "+sort+")")
	}
	outer := e.with(names)
	outer.bound = true
	inner := r.lemmaScope(d, step.Right, outer, pos)
	var needs, gives []term
	for _, q := range d.Requires {
		needs = append(needs, inner.tree(q))
	}
	for _, q := range d.Ensures {
		gives = append(gives, inner.tree(q))
	}
	body := conjunction(gives)
	if len(needs) > 0 {
		body = boolean("=>", conjunction(needs), body)
	}
	patterns := ""
	for _, list := range step.Triggers {
		var parts []string
		for _, k := range list {
			parts = append(parts, outer.tree(k).text)
		}
		patterns += " :pattern (" + strings.Join(parts, " ") + ")"
	}
	s.assume(term{fmt.Sprintf("(forall (%s) (! %s%s))", strings.Join(vars, " "), body.text, patterns), "Bool"})
}

func conjunction(list []term) term {
	switch len(list) {
	case 0:
		return term{"true", "Bool"}
	case 1:
		return list[0]
	}
	return boolean("and", list...)
}
