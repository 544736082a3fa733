package symbex

import (
	"maps"
	"slices"

	"vigor/internal/smt"
)

// forms are the present forms of the terms of which something is known: each with its arguments rewritten by all that is
// known. A new fact changes few of them, so it is kept which rewriting depends on what.
type forms struct {
	of    map[*smt.Term]*smt.Term // the form of a term
	value map[*smt.Term]*smt.Term // what a term of which nothing is known is rewritten to
	// users has, by a term, those whose form or value was computed from what is known of it.
	users map[*smt.Term][]*smt.Term
	seen  int // so many of the path's terms have been taken into account
}

func newForms() *forms {
	return &forms{map[*smt.Term]*smt.Term{}, map[*smt.Term]*smt.Term{}, map[*smt.Term][]*smt.Term{}, 0}
}

// clone returns forms that can change without these.
func (f *forms) clone() *forms {
	users := make(map[*smt.Term][]*smt.Term, len(f.users))
	for t, list := range f.users {
		users[t] = slices.Clip(list)
	}
	return &forms{maps.Clone(f.of), maps.Clone(f.value), users, f.seen}
}

// outdated drops what depends on t, of which something new is known.
func (f *forms) outdated(t *smt.Term) {
	for todo := []*smt.Term{t}; len(todo) > 0; {
		changed := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		users := f.users[changed]
		delete(f.users, changed)
		for _, u := range users {
			delete(f.of, u)
			if f.value[u] != nil {
				delete(f.value, u)
				todo = append(todo, u)
			}
		}
	}
}

func (f *forms) uses(user, t *smt.Term) {
	if len(t.Args()) > 0 || t.Op() != smt.OpConst {
		f.users[t] = append(f.users[t], user)
	}
}

// form gives the present form of a term of which something is known.
func (p *Path) form(t *smt.Term) *smt.Term {
	f := p.forms
	if form := f.of[t]; form != nil {
		return form
	}
	args := make([]*smt.Term, len(t.Args()))
	for i, arg := range t.Args() {
		args[i] = p.rewritten(arg)
		f.uses(t, arg)
	}
	f.of[t] = p.builder.Build(t, args)
	return f.of[t]
}

// rewritten is t rewritten by what is known of it and of what is below it.
func (p *Path) rewritten(t *smt.Term) *smt.Term {
	if known := p.known[t]; known != nil {
		return known
	}
	if len(t.Args()) == 0 {
		return t
	}
	f := p.forms
	if value := f.value[t]; value != nil {
		return value
	}
	args := make([]*smt.Term, len(t.Args()))
	changed := false
	for i, arg := range t.Args() {
		args[i] = p.rewritten(arg)
		f.uses(t, arg)
		changed = changed || args[i] != arg
	}
	value := t
	if changed {
		value = p.builder.Build(t, args)
		f.uses(t, value)
		if known := p.known[value]; known != nil {
			value = known
		}
	}
	f.value[t] = value
	return value
}
