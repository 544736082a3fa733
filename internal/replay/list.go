package replay

import (
	"encoding/json"
	"slices"
	"strconv"

	"vigor/internal/smt"
	"vigor/internal/symbex"
)

// A list of the configuration is spelt out like a structure: the elements up to its length if that is
// small, else some of them, and the others are like the first, which is valid if it is.

// lengthOf is the path of the length of a list in a [Value]. Without it the list is nil.
func lengthOf(list string) string { return "len(" + list + ")" }

// elementOf is the path of a part of an element of a list.
func elementOf(list string, i int, part string) string {
	list += "[" + strconv.Itoa(i) + "]"
	if part != "" && part[0] != '[' {
		list += "."
	}
	return list + part
}

// listPart is the name of a list among the structures: no field of an NF has it.
func listPart(l *symbex.List) string { return "the list " + l.Name }

// shortLists restricts every list to a length of at most size; it reports false if one cannot be so short.
func (a *attempt) shortLists(size int) bool {
	b := a.path.Builder()
	for _, l := range a.run.Inputs.Lists {
		fits := b.BVULe(l.Len, b.Word(uint64(size), 64))
		if a.path.Simplify(fits).IsFalse() {
			return false
		}
		a.path.Fact(fits)
	}
	return true
}

// spellLists states what is known of the elements of every list below size.
func (a *attempt) spellLists(size int) {
	for _, l := range a.run.Inputs.Lists {
		a.spellList(l, upTo(size))
	}
}

// spellList states what is known of some elements of a list.
func (a *attempt) spellList(l *symbex.List, indices []int) {
	for _, i := range indices {
		l.At(a.path, a.path.Builder().Word(uint64(i), 64))
	}
	a.parts[listPart(l)] = &part{indices: indices}
}

// sketchLists spells out the first elements of every list, those that are named in the conditions and
// those of extra.
func (a *attempt) sketchLists(extra map[string][]int) {
	found := a.applications()
	for _, l := range a.run.Inputs.Lists {
		indices := append(upTo(singles), extra[listPart(l)]...)
		for _, t := range listIndices(l, found) {
			if n, ok := t.Const(); ok && n.IsInt64() && n.Int64() < 1<<16 {
				indices = append(indices, int(n.Int64()))
			}
		}
		slices.Sort(indices)
		a.spellList(l, slices.Compact(indices))
	}
}

// listIndices lists the indices at which a list is read.
func listIndices(l *symbex.List, found map[*smt.Func][]*smt.Term) []*smt.Term {
	var list []*smt.Term
	for _, f := range l.Functions() {
		for _, t := range found[f] {
			if i := t.Args()[0]; !slices.Contains(list, i) {
				list = append(list, i)
			}
		}
	}
	return list
}

// route has each address that is asked for be that of a rule of its own in each list of rules of at most size, if it
// can be so: contracts of functions over all addresses leave open here which rule counts, and only what the compiled
// structure makes of the list is confirmed. It reports false if that takes more than size rules.
func (a *attempt) route(size int) bool {
	b, found := a.path.Builder(), a.applications()
	var wishes []*smt.Term
	for _, o := range a.run.Objects {
		observer := function(o.Before)
		for _, root := range o.Before.Roots() {
			if root.Ghost.Name != observer || len(root.Funcs) == 0 {
				continue
			}
			points := found[root.Funcs[0]]
			if len(points) > size {
				return false
			}
			for _, l := range a.run.Inputs.Lists {
				prefix, length, to := partOf(l, "Prefix"), partOf(l, "Length"), partOf(l, "Value")
				if prefix < 0 || length < 0 || to < 0 {
					continue
				}
				wishes = append(wishes, b.Eq(l.Len, b.Word(uint64(len(points)), 64)))
				for k, point := range points {
					rule := l.At(a.path, b.Word(uint64(k), 64))
					whole := b.Word(uint64(rule[prefix].Width()), rule[length].Width())
					wishes = append(wishes, b.Eq(b.ZeroExtend(rule[prefix], indexWidth), point.Args()[0]),
						b.Eq(rule[length], whole), b.Eq(rule[to], point))
				}
			}
		}
	}
	if len(wishes) > 0 && a.ask(wishes...) != nil {
		a.kept = append(a.kept, wishes...)
	}
	return true
}

// partOf is the place of a part in an element of a list; -1 if it has none of that name.
func partOf(l *symbex.List, name string) int {
	return slices.IndexFunc(l.Parts, func(p symbex.Leaf) bool { return p.Name == name })
}

// confineLists says that the elements that are read are spelt out or beyond the end.
func (a *attempt) confineLists(found map[*smt.Func][]*smt.Term) {
	b := a.path.Builder()
	for _, l := range a.run.Inputs.Lists {
		for _, t := range listIndices(l, found) {
			if _, constant := t.Const(); constant {
				continue
			}
			choice := []*smt.Term{b.BVULe(l.Len, t)}
			for _, i := range a.parts[listPart(l)].indices {
				choice = append(choice, b.Eq(t, b.Word(uint64(i), 64)))
			}
			a.kept = append(a.kept, b.Or(choice...))
		}
	}
}

// wantedElements adds the elements that the model reads and that are not spelt out to extra; it reports
// false if there are none.
func (a *attempt) wantedElements(extra map[string][]int, found map[*smt.Func][]*smt.Term) bool {
	more := false
	for _, l := range a.run.Inputs.Lists {
		name := listPart(l)
		for _, t := range listIndices(l, found) {
			i := a.model.Eval(t)
			if i.Cmp(a.model.Eval(l.Len)) < 0 && !slices.Contains(a.parts[name].indices, int(i.Int64())) {
				extra[name] = append(extra[name], int(i.Int64()))
				more = true
			}
		}
	}
	return more
}

// addLists adds the lists of a run to its configuration.
func (a *attempt) addLists(config Value) {
	b, m := a.path.Builder(), a.model
	for _, l := range a.run.Inputs.Lists {
		n := int(m.Eval(l.Len).Int64())
		if m.Eval(l.Null).Sign() == 0 {
			config[lengthOf(l.Name)] = json.Number(strconv.Itoa(n))
		}
		var spelt []int
		if part := a.parts[listPart(l)]; part != nil {
			spelt = part.indices
		}
		for i := range n {
			like := i
			if !slices.Contains(spelt, i) {
				like = 0
			}
			for k, f := range l.Functions() {
				part := b.Apply(f, b.Word(uint64(like), 64))
				config[elementOf(l.Name, i, l.Parts[k].Name)] = decimal(m.Eval(part), part.Width(), l.Parts[k].Signed())
			}
		}
	}
}

// pinLists says that the lists are those of a case.
func (a *attempt) pinLists(c *Case, equal func(t *smt.Term, n json.Number)) {
	b := a.path.Builder()
	for _, l := range a.run.Inputs.Lists {
		length, ok := c.Config[lengthOf(l.Name)]
		a.say(b.Eq(l.Null, b.Bool(!ok)))
		equal(l.Len, length)
		for _, i := range a.parts[listPart(l)].indices {
			for k, t := range l.At(a.path, b.Word(uint64(i), 64)) {
				equal(t, c.Config[elementOf(l.Name, i, l.Parts[k].Name)])
			}
		}
	}
}
