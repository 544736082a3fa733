package prove

import (
	"go/token"

	"vigor/internal/contract"
	"vigor/internal/prove/finite"
)

// claimsOf translates a line of the body in the present scope; the text is the same in every run.
func (f *frame) claimsOf(key *contract.Tree, read func(*state) []claim) []claim {
	if list, ok := f.s.lines[key]; ok {
		return list
	}
	list := read(f.present())
	f.s.lines[key] = list
	return list
}

// present is the state of formulas inside the body.
func (f *frame) present() *state {
	s := &state{vars: map[string]variable{}, leaves: map[string]term{}}
	if f.this != nil {
		s.leaves = f.m.leafTerms(f.this.of, "!now")
	}
	for name := range f.vars {
		s.vars[name] = variable{nil, term{name + "!var", f.s.sorts[name]}}
	}
	return s
}

// lines runs statements of the proof.
func (f *frame) lines(list []proofLine) {
	for _, l := range list {
		f.ghosts(l.Steps, l.Pos)
	}
}

// ghosts changes ghosts as the proof says, and checks what it asserts. Lemmas do nothing; what one chooses is
// not known.
func (f *frame) ghosts(list []contract.Step, pos token.Position) {
	for _, step := range list {
		switch step.Do {
		case "assert":
			f.claims(pos, "assert ", f.claimsOf(step.Cond, func(s *state) []claim {
				var list []claim
				for _, part := range split(step.Cond) {
					list = append(list, claim{part.String(), f.s.r.scope(s, pos).tree(part)})
				}
				return list
			}))
		case "define":
			f.ghost(step, pos)
		case "set":
			f.change(step, pos)
		case "if":
			here := len(f.path)
			if f.formula(step.Cond, pos) == true {
				f.path = append(f.path, step.Cond.String())
				f.ghosts(step.Then, pos)
			} else {
				f.path = append(f.path, "!"+step.Cond.String())
				f.ghosts(step.Else, pos)
			}
			f.path = f.path[:here]
		}
	}
}

// formula evaluates an expression of the proof; nil if it cannot be evaluated.
func (f *frame) formula(t *contract.Tree, pos token.Position) finite.Value {
	if t.Op == "call" && t.Text == "everywhere" {
		if len(t.Kids) != 1 {
			return nil
		}
		if v := f.formula(t.Kids[0], pos); v != nil {
			return f.values().Const("Int", v)
		}
		return nil
	}
	c := f.claimsOf(t, func(s *state) []claim { return []claim{{"", f.s.r.scope(s, pos).tree(t)}} })
	v, err := f.eval(c[0].term.text)
	if err != nil {
		return nil
	}
	return v
}

// ghost runs names := expression.
func (f *frame) ghost(step contract.Step, pos token.Position) {
	d := f.m.w.defs[step.Right.Text]
	if step.Right.Op == "call" && d != nil && d.Word == "lemma" {
		for i, name := range step.Names {
			f.vars[name], f.s.sorts[name] = nil, sortName(d.Results[i].Type, pos)
		}
		return
	}
	v := f.formula(step.Right, pos)
	f.vars[step.Names[0]] = v
	if list := f.s.lines[step.Right]; list != nil {
		f.s.sorts[step.Names[0]] = list[0].term.sort
	} else {
		giveUp("ghost %s cannot be followed", step.Names[0])
	}
}

// change runs ghost = expression.
func (f *frame) change(step contract.Step, pos token.Position) {
	left := step.Left
	v := f.formula(step.Right, pos)
	if left.Op == "name" {
		f.vars[left.Text] = v
		return
	}
	var index finite.Value
	if left.Op == "index" {
		index, left = f.formula(left.Kids[1], pos), left.Kids[0]
	}
	if left.Op != "field" || v == nil || step.Left.Op == "index" && index == nil {
		giveUp("a ghost cannot be followed")
	}
	if index == nil {
		f.this.leaves[left.Text] = v
		return
	}
	f.set(left.Text, index, v)
}
