package replay

import (
	"context"
	"math/big"
	"slices"

	"vigor/internal/contract"
	"vigor/internal/smt"
	"vigor/internal/symbex"
	"vigor/internal/symbex/summary"
)

// Bounds of what is tried where capacities are large.
const (
	singles   = 4       // indices spelt out besides those that the conditions name
	examples  = 3       // blocks of a structure: of free indices, of old entries and of young ones
	maxRounds = 4       // attempts, each with the indices that a model of the last one wanted
	maxFiller = 1 << 17 // entries of a structure that are copies of an example, or elements of a queue
)

// partly looks for a case in which the structures have any capacity.
//
// Some indices are spelt out; the others come in blocks that hold the same as one of those, but for
// their keys. How large the blocks are, the model says, so that all counts are exact. Whatever
// index a condition reads is one of those spelt out, or none of the structure.
func (f *Finder) partly(ctx context.Context, run *symbex.Run, condition []*smt.Term) *attempt {
	extra := map[string][]int{}
	for range maxRounds {
		a := f.attempt(ctx, run, condition)
		if !a.sketch(extra) {
			return nil
		}
		if a.model = a.ask(); a.model != nil {
			a.minimise(f.Readable)
			a.repair()
			if !a.fillBlocks() || !a.closed() {
				return nil
			}
			a.salt()
			return a
		}
		a.kept = nil
		if a.model = a.ask(); a.model == nil || !a.wanted(extra) {
			return nil
		}
	}
	return nil
}

// sketch spells out the first indices of every structure, those that are named in the conditions
// and those of extra, and leaves all others to blocks. It reports false where a structure's
// contract may tell the indices of a block apart.
func (a *attempt) sketch(extra map[string][]int) bool {
	for _, o := range a.run.Objects {
		if !ordered(o.Before) && !summary.Alike(o.Before.Object().Type) {
			return false
		}
		a.readKeys(o)
	}
	a.sketchLists(extra)
	found := a.applications()
	for _, o := range a.run.Objects {
		if function(o.Before) != "" || ordered(o.Before) {
			a.parts[o.Name] = &part{}
			a.fewRules(o)
			continue
		}
		_, numbered := o.Before.Scalar("first")
		part := &part{indices: append(upTo(singles), extra[o.Name]...)}
		for _, t := range a.indexTerms(o, found) {
			if n, ok := t.Const(); ok && !numbered && n.IsInt64() && n.Int64() < 1<<31 {
				part.indices = append(part.indices, int(n.Int64()))
			}
		}
		a.parts[o.Name] = part
		a.spellPart(o, part)
	}
	found = a.applications()
	a.confineLists(found)
	for _, o := range a.run.Objects {
		a.confine(o, found)
	}
	return true
}

// maxRules bounds the places of a structure, such as a list of rules, whose places are told apart: all are
// spelt out.
const maxRules = 6

// ordered reports whether an operation of a structure tells all its places apart.
func ordered(s *summary.State) bool { return ruled(s) || walking(s) }

// fewRules restricts such a structure to a few places, and spells them out.
func (a *attempt) fewRules(o symbex.StateObject) {
	if !ordered(o.Before) {
		return
	}
	b := a.path.Builder()
	n, _ := extent(o.Before)
	a.path.Fact(b.IntLessEq(n, b.IntConst(big.NewInt(maxRules))))
	o.Before.SpellOut(a.path, maxRules)
}

// spellPart adds blocks to a part and states what the contract says of it.
func (a *attempt) spellPart(o symbex.StateObject, part *part) {
	n, ok := capacity(o.Before)
	present := presence(o.Before)
	if ok && present != "" {
		a.addBlocks(o, n, present, part)
	}
	slices.Sort(part.indices)
	part.indices = slices.Compact(part.indices)
	if present != "" {
		a.measure(o, n, present, part)
	}
	o.Before.Sketch(a.path, n, part.indices, part.blocks)
	if o.After != nil {
		o.After.Sketch(a.path, n, part.indices, part.blocks)
	}
}

// addBlocks adds the blocks, each with the lowest index that is not taken as its example.
func (a *attempt) addBlocks(o symbex.StateObject, n smt.Int, present string, part *part) {
	b := a.path.Builder()
	for i := 0; len(part.blocks) < examples; i++ {
		if slices.Contains(part.indices, i) {
			continue
		}
		copies := b.IntUnsigned(a.path.Choose(o.Name+".copies", n.Hi.BitLen(), nil))
		part.blocks = append(part.blocks, summary.Block{Index: i, Copies: copies})
		part.indices = append(part.indices, i)
	}
}

// measure says that indices and blocks come to the capacity, and bounds the entries in blocks.
func (a *attempt) measure(o symbex.StateObject, n smt.Int, present string, part *part) {
	b := a.path.Builder()
	none := b.IntConst(new(big.Int))
	sum, entries := none, none
	for _, i := range part.indices {
		sum = b.IntAdd(sum, b.IntUnsigned(b.IntLess(b.IntConst(big.NewInt(int64(i))), n)))
	}
	for _, block := range part.blocks {
		sum = b.IntAdd(sum, block.Copies)
		used := o.Before.Read(a.path, present, o.Before.Place(a.path, block.Index))[0]
		entries = b.IntAdd(entries, b.IntIte(used, block.Copies, none))
		inside := b.IntLess(b.IntConst(big.NewInt(int64(block.Index))), n)
		a.path.Axiom(b.Or(inside, b.IntEq(block.Copies, none)))
	}
	a.path.Axiom(b.IntEq(sum, n))
	a.path.Axiom(b.IntLessEq(entries, b.IntConst(big.NewInt(maxFiller))))
}

// applications lists what is asked of each uninterpreted function, by the conditions and by what is
// expected.
func (a *attempt) applications() map[*smt.Func][]*smt.Term {
	roots := a.path.Condition()
	for _, t := range []*smt.Term{a.run.Action.Reason, a.run.Action.Device, a.run.Action.Devices} {
		if t != nil {
			roots = append(roots, t)
		}
	}
	for _, s := range a.run.Sent.Stores() {
		roots = append(roots, s.Index, s.Value)
	}
	for _, c := range a.run.Cells {
		roots = append(roots, c.After)
	}
	found := map[*smt.Func][]*smt.Term{}
	smt.Visit(func(t *smt.Term) {
		if t.Op() == smt.OpApply {
			found[t.Func()] = append(found[t.Func()], t)
		}
	}, roots...)
	return found
}

// readKeys reads the observers over keys at every key that is asked for, so that the contract tells
// what each entry holds whose key is there.
func (a *attempt) readKeys(o symbex.StateObject) {
	found := a.applications()
	for _, root := range o.Before.Roots() {
		if root.Ghost.Index == nil || root.Ghost.Index.Kind != contract.Param || len(root.Funcs) == 0 {
			continue
		}
		for _, t := range found[root.Funcs[0]] {
			o.Before.Read(a.path, root.Ghost.Name, t.Args())
		}
	}
}

// indexTerms lists the indices of a structure that are read.
func (a *attempt) indexTerms(o symbex.StateObject, found map[*smt.Func][]*smt.Term) []*smt.Term {
	var list []*smt.Term
	if queued(o.Before) || function(o.Before) != "" {
		return nil // all that it holds is in the case
	}
	seen := map[*smt.Term]bool{}
	for _, root := range o.Before.Roots() {
		if root.Ghost.Index == nil || root.Ghost.Index.Kind != contract.Int {
			continue
		}
		for _, f := range root.Funcs {
			for _, t := range found[f] {
				if i := t.Args()[0]; !seen[i] {
					seen[i] = true
					list = append(list, i)
				}
			}
		}
	}
	return list
}

// confine says that the indices that are read are spelt out or none of the structure, and that
// nothing is stored at the example of a block, which would then not be one.
func (a *attempt) confine(o symbex.StateObject, found map[*smt.Func][]*smt.Term) {
	b, part := a.path.Builder(), a.parts[o.Name]
	n, ok := capacity(o.Before)
	if !ok || queued(o.Before) || function(o.Before) != "" {
		return
	}
	beyond := func(t *smt.Term) *smt.Term { return b.BVULe(b.IntWrap(n, 64), t) }
	if first, ok := o.Before.Scalar("first"); ok {
		beyond = func(t *smt.Term) *smt.Term {
			i := b.IntSigned(t)
			return b.Or(b.IntLess(i, first), b.IntLessEq(b.IntAdd(first, n), i))
		}
	}
	among := func(t *smt.Term, indices []int) {
		choice := []*smt.Term{beyond(t)}
		for _, i := range indices {
			choice = append(choice, b.Eq(t, o.Before.Place(a.path, i)[0]))
		}
		a.kept = append(a.kept, b.Or(choice...))
	}
	_, numbered := o.Before.Scalar("first")
	for _, t := range a.indexTerms(o, found) {
		if _, constant := t.Const(); !constant || numbered {
			among(t, part.indices)
		}
	}
	if o.After == nil {
		return
	}
	for _, t := range o.After.Stored() {
		among(t, slices.DeleteFunc(slices.Clone(part.indices), part.isExample))
	}
}

// isExample reports whether a block holds the same as index i.
func (p *part) isExample(i int) bool {
	return slices.ContainsFunc(p.blocks, func(b summary.Block) bool { return b.Index == i })
}

// wanted adds the indices that the model reads and that are not spelt out to extra; it reports
// false if there are none.
func (a *attempt) wanted(extra map[string][]int) bool {
	found := a.applications()
	more := a.wantedElements(extra, found)
	for _, o := range a.run.Objects {
		if immutable(o.Before) || walking(o.Before) {
			continue
		}
		n, _ := capacity(o.Before)
		size := a.model.Eval(n.Term)
		terms := a.indexTerms(o, found)
		if o.After != nil && !queued(o.Before) {
			terms = append(terms, o.After.Stored()...)
		}
		for _, t := range terms {
			i := new(big.Int).Sub(a.model.Eval(t), big.NewInt(int64(a.first(o.Before))))
			if i.Sign() < 0 || i.Cmp(size) >= 0 || slices.Contains(extra[o.Name], int(i.Int64())) {
				continue
			}
			if at := int(i.Int64()); !slices.Contains(a.parts[o.Name].indices, at) || a.parts[o.Name].isExample(at) {
				extra[o.Name] = append(extra[o.Name], at)
				more = true
			}
		}
	}
	return more
}
