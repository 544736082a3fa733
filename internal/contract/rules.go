package contract

import (
	"go/token"
	"slices"
	"strings"
)

// maxGuards bounds the distinct guards of one operation: its outcomes are enumerated.
const maxGuards = 10

// rules checks the static rules of a resolved operation and orders its definitions.
func (r *reader) rules(op *Operation, s *scope) {
	if op.Warms {
		r.checkWarms(op)
		return
	}
	if !r.checkModifies(op) || !r.checkOutcomes(op) || !r.order(op) {
		return
	}
	r.read(func() { s.checkOperation(op) })
}

// checkWarms: nothing else is said of a warming operation, which is a method with one result.
func (r *reader) checkWarms(op *Operation) {
	if len(op.Requires)+len(op.Defs)+len(op.Constraints)+len(op.Modifies) > 0 || op.Constructor {
		r.failAt(op.Pos, op.Name+" warms, and its contract says more", "a hint requires and changes nothing, and nothing follows from it")
	}
	if op.Type == nil || len(op.Results) != 1 || op.Results[0].Sort().Kind != Plain {
		r.failAt(op.Pos, op.Name+" warms, but is no method that returns a hint", "return one value of a struct type")
	}
}

func (r *reader) failAt(pos token.Position, message, hint string) bool {
	r.problems = append(r.problems, Problem{pos, message, hint})
	return false
}

// checkModifies: what is defined is listed, if anything is; a listed observer with an index has a
// definition; a constructor defines every scalar.
func (r *reader) checkModifies(op *Operation) bool {
	for _, d := range op.Defs {
		if g := d.Target.Ghost; g != nil && len(op.Modifies) > 0 && !slices.Contains(op.Modifies, g) {
			return r.failAt(d.Pos, "observer "+g.Name+" is defined but not listed under modifies", "list it")
		}
	}
	defined := func(g *Ghost) bool {
		return slices.ContainsFunc(op.Defs, func(d *Def) bool { return d.Target.Ghost == g })
	}
	for _, g := range op.Modifies {
		if g.Index != nil && !defined(g) {
			return r.failAt(op.Pos, "observer "+g.Name+" is modified but not defined",
				"only a scalar may be limited by constraints alone")
		}
	}
	if op.Constructor {
		for _, g := range op.Type.Ghosts {
			if g.Index == nil && !defined(g) {
				return r.failAt(op.Pos, "constructor "+op.Name+" does not define "+g.Name, "add "+g.Name+" == its first value")
			}
		}
	}
	return true
}

// literal cuts a guard into its text without negation and its sign.
func literal(e Expr) (atom string, positive bool) {
	text := e.String()
	atom = strings.TrimLeft(text, "!")
	return atom, (len(text)-len(atom))%2 == 0
}

// atoms returns the distinct guards of an operation, in order of appearance.
func (op *Operation) atoms() []string {
	var out []string
	add := func(guards []Expr) {
		for _, g := range guards {
			if a, _ := literal(g); !slices.Contains(out, a) {
				out = append(out, a)
			}
		}
	}
	for _, d := range op.Defs {
		add(d.Guards)
	}
	for _, c := range op.Constraints {
		add(c.Guards)
	}
	return out
}

// active reports whether all guards hold when atom i has the value of bit i.
func active(guards []Expr, atoms []string, bits int) bool {
	for _, g := range guards {
		a, positive := literal(g)
		if (bits>>slices.Index(atoms, a)&1 == 1) != positive {
			return false
		}
	}
	return true
}

// checkOutcomes goes through all valuations of the guards: no name has two definitions, every result
// has a definition or a constraint, and a constraint limits something that has no definition.
func (r *reader) checkOutcomes(op *Operation) bool {
	atoms := op.atoms()
	if len(atoms) > maxGuards {
		return r.failAt(op.Pos, "operation "+op.Name+" has too many different guards", "at most 10 are supported")
	}
	for bits := range 1 << len(atoms) {
		defined := map[string]bool{}
		for _, d := range op.Defs {
			if !active(d.Guards, atoms, bits) {
				continue
			}
			if defined[d.Target.Name()] {
				return r.failAt(d.Pos, d.Target.Name()+" has two definitions for the same outcome",
					"give them guards that exclude each other, such as ok and !ok")
			}
			defined[d.Target.Name()] = true
		}
		limited := map[string]bool{}
		for _, c := range op.Constraints {
			if active(c.Guards, atoms, bits) && !r.limits(op, c, defined, limited) {
				return false
			}
		}
		for _, v := range op.Results {
			if !defined[v.Name] && !limited[v.Name] {
				return r.failAt(op.Pos, "result "+shown(v.Name)+" of "+op.Name+" is neither defined nor constrained in some outcome"+
					when(atoms, bits), "define it there too, such as !ok ==> i == 0")
			}
		}
	}
	return true
}

func shown(name string) string {
	if name == "" || name == "_" {
		return "without a name"
	}
	return name
}

// when writes a valuation of the guards.
func when(atoms []string, bits int) string {
	var parts []string
	for i, a := range atoms {
		if bits>>i&1 == 0 {
			a = "!" + a
		}
		parts = append(parts, a)
	}
	if len(parts) == 0 {
		return ""
	}
	return ": " + strings.Join(parts, " && ")
}

// limits adds to limited the names without a definition that c mentions; there must be one.
func (r *reader) limits(op *Operation, c *Constraint, defined, limited map[string]bool) bool {
	found := false
	for _, name := range op.mentions(c.Body) {
		if !defined[name] {
			limited[name], found = true, true
		}
	}
	if !found {
		return r.failAt(c.Pos, "this constraint is about nothing that the operation chooses: "+c.Body.String(),
			"a constraint limits a result, or a modified scalar, without a definition; drop it or write it as a definition")
	}
	return true
}

// mentions lists the results and the new values of modified observers in e.
func (op *Operation) mentions(e Expr) []string {
	var out []string
	Walk(e, func(e Expr) {
		switch e := e.(type) {
		case *Variable:
			if e.Result {
				out = append(out, e.Name)
			}
		case *Read:
			if !e.Old {
				out = append(out, e.Ghost.Name)
			}
		case *Count:
			if !e.Old {
				out = append(out, e.Ghost.Name)
			}
		}
	})
	return out
}

// order sorts results and changed observers topologically, ties in the order of the text.
func (r *reader) order(op *Operation) bool {
	targets := op.targets()
	needs := op.needs(targets)
	done := map[string]bool{}
	for len(op.Order) < len(targets) {
		progress := false
		for _, t := range targets {
			ready := !done[t.Name()]
			for _, n := range needs[t.Name()] {
				ready = ready && done[n]
			}
			if ready {
				op.Order, done[t.Name()], progress = append(op.Order, t), true, true
				break
			}
		}
		if !progress {
			return r.circular(op, targets, done)
		}
	}
	return true
}

func (r *reader) circular(op *Operation, targets []Target, done map[string]bool) bool {
	var names []string
	for _, t := range targets {
		if !done[t.Name()] {
			names = append(names, t.Name())
		}
	}
	return r.failAt(op.Pos, "the definitions of "+strings.Join(names, ", ")+" in "+op.Name+" depend on each other",
		"define them from parameters and old values")
}

// targets lists results and changed observers.
func (op *Operation) targets() []Target {
	var out []Target
	for _, v := range op.Results {
		out = append(out, Target{Result: v})
	}
	if op.Type != nil {
		for _, g := range op.Type.Ghosts {
			if op.Modified(g) {
				out = append(out, Target{Ghost: g})
			}
		}
	}
	return out
}

// needs maps each target's name to the names it must come after.
func (op *Operation) needs(targets []Target) map[string][]string {
	needs := map[string][]string{}
	always := map[string]bool{} // has an unguarded definition
	for _, d := range op.Defs {
		always[d.Target.Name()] = always[d.Target.Name()] || len(d.Guards) == 0
	}
	for _, d := range op.Defs {
		name := d.Target.Name()
		for _, e := range append(slices.Clone(d.Guards), d.values()...) {
			needs[name] = append(needs[name], op.mentions(e)...)
		}
	}
	for _, c := range op.Constraints {
		names := op.mentions(c.Body)
		for _, name := range names {
			if always[name] {
				continue
			}
			for _, g := range c.Guards {
				needs[name] = append(needs[name], op.mentions(g)...)
			}
			for _, other := range names {
				if always[other] {
					needs[name] = append(needs[name], other)
				}
			}
		}
	}
	return needs
}

// values lists the expressions of a definition.
func (d *Def) values() []Expr {
	var out []Expr
	for _, u := range d.Updates {
		out = append(out, u.Index, u.Value)
	}
	if d.Value != nil {
		out = append(out, d.Value)
	}
	return out
}
