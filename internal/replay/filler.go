package replay

import (
	"fmt"
	"math/big"
	"slices"
	"strings"

	"vigor/internal/contract"
	"vigor/internal/smt"
	"vigor/internal/symbex"
	"vigor/internal/symbex/summary"
)

// filler is an entry that a block stands for: like its example, but for the key.
type filler struct {
	index, like int
	key         Value
}

// fillBlocks makes the entries of all blocks. If a structure's keys do not suffice, it looks for
// another model, once for each structure.
func (a *attempt) fillBlocks() bool {
	for range len(a.run.Objects) + 1 {
		if a.fillOnce() {
			return true
		}
		if a.model = a.ask(); a.model == nil {
			return false
		}
	}
	return false
}

// fillOnce makes the entries of all blocks; where keys run out it says how many there are.
func (a *attempt) fillOnce() bool {
	for _, o := range a.run.Objects {
		part := a.parts[o.Name]
		if immutable(o.Before) {
			continue
		}
		want := a.inUse(o)
		keys := a.keysFor(o)
		part.filler = nil
		n, _ := capacity(o.Before)
		size, at := int(a.model.Eval(n.Term).Int64()), 0
		for _, block := range want {
			for range block.copies {
				for at < size && slices.Contains(part.indices, at) {
					at++
				}
				key, ok := keys.next(block.like)
				if !ok {
					a.limit(o, len(part.filler))
					return false
				}
				part.filler = append(part.filler, filler{at, block.like, key})
				at++
			}
		}
	}
	return true
}

// copies is a block of entries under a model.
type copies struct{ like, copies int }

// inUse lists the blocks of entries.
func (a *attempt) inUse(o symbex.StateObject) []copies {
	var list []copies
	for _, block := range a.parts[o.Name].blocks {
		n := int(a.model.Eval(block.Copies.Term).Int64())
		if n > 0 && a.model.Holds(a.present(o, block.Index)) {
			list = append(list, copies{block.Index, n})
		}
	}
	return list
}

// present says that place i is in use at arrival.
func (a *attempt) present(o symbex.StateObject, i int) *smt.Term {
	return o.Before.Read(a.path, presence(o.Before), o.Before.Place(a.path, i))[0]
}

// limit says that the blocks of a structure have no more entries than that.
func (a *attempt) limit(o symbex.StateObject, most int) {
	b := a.path.Builder()
	none := b.IntConst(new(big.Int))
	sum := none
	for _, block := range a.parts[o.Name].blocks {
		sum = b.IntAdd(sum, b.IntIte(a.present(o, block.Index), block.Copies, none))
	}
	a.kept = append(a.kept, b.IntLessEq(sum, b.IntConst(big.NewInt(int64(most)))))
}

// keys makes keys that are Valid and that nothing mentions.
type keys struct {
	none   bool // the structure has no keys
	layout summary.Layout
	order  []int // leaves, the widest first: these vary most
	used   map[string]bool
	like   map[int][]uint64 // by index of the example
	number uint64           // of the latest key
	model  *smt.Model
	leaves summary.Value // variables that stand for a key
	valid  *smt.Term     // what must hold of them
}

// keysFor prepares keys for the entries of a structure.
func (a *attempt) keysFor(o symbex.StateObject) *keys {
	if !indexed(o.Before, "key") {
		return &keys{none: true}
	}
	_, layout := o.Before.Layout("key")
	k := &keys{layout: layout, used: map[string]bool{}, like: map[int][]uint64{}, model: a.model.Clone(),
		valid: a.path.Builder().True()}
	for i, l := range layout {
		k.order = append(k.order, i)
		k.leaves = append(k.leaves, a.path.Builder().Var(a.path.Fresh(o.Name+".filler."+l.Name, l.Width), l.Width))
	}
	slices.SortStableFunc(k.order, func(i, j int) int { return layout[j].Width - layout[i].Width })
	kind := o.Before.Object()
	if valid := kind.Valid[kind.Type.Ghost("key").Value.Name]; valid != nil {
		k.valid = valid(a.path, k.leaves)
	}
	found := a.applications()
	for _, root := range o.Before.Roots() {
		if root.Ghost.Index == nil || root.Ghost.Index.Kind != contract.Param {
			continue
		}
		for _, f := range root.Funcs {
			for _, t := range found[f] {
				k.used[pointOf(a.values(t.Args()))] = true
			}
		}
	}
	r := reader{a.path, o.Before, a.model}
	for _, i := range a.parts[o.Name].indices {
		k.like[i] = words(r.at("key", i))
		k.used[pointOf(k.like[i])] = true
	}
	return k
}

// values are terms under the model.
func (a *attempt) values(terms []*smt.Term) []uint64 {
	var list []*big.Int
	for _, t := range terms {
		list = append(list, a.model.Eval(t))
	}
	return words(list)
}

func words(list []*big.Int) []uint64 {
	out := make([]uint64, len(list))
	for i, n := range list {
		out[i] = n.Uint64()
	}
	return out
}

// pointOf is a map key for the leaves of a key.
func pointOf(leaves []uint64) string {
	var s strings.Builder
	for _, n := range leaves {
		fmt.Fprintf(&s, "%x,", n)
	}
	return s.String()
}

// next returns another key, made from that of an example by adding a number to it; false if there
// are none left, or too many are not Valid.
func (k *keys) next(like int) (Value, bool) {
	if k.none {
		return nil, true
	}
	for range maxFiller {
		k.number++
		leaves := slices.Clone(k.like[like])
		if k.add(leaves) > 0 {
			return nil, false
		}
		if point := pointOf(leaves); !k.used[point] && k.isValid(leaves) {
			k.used[point] = true
			v := Value{}
			for i, l := range k.layout {
				v[l.Name] = decimal(new(big.Int).SetUint64(leaves[i]), l.Width, l.Signed)
			}
			return v, true
		}
	}
	return nil, false
}

// add adds the number of the key to leaves, digit by digit, and returns what remains of it.
func (k *keys) add(leaves []uint64) uint64 {
	rest := k.number
	for _, i := range k.order {
		w := max(1, k.layout[i].Width)
		mask := ^uint64(0) >> (64 - w)
		leaves[i] = (leaves[i] + rest&mask) & mask
		rest = rest >> (w - 1) >> 1 // 64 at once is no shift
	}
	return rest
}

func (k *keys) isValid(leaves []uint64) bool {
	if k.valid.IsTrue() {
		return true
	}
	for i, v := range k.leaves {
		k.model.SetVar(v, new(big.Int).SetUint64(leaves[i]))
	}
	return k.model.Holds(k.valid)
}

// closed makes the model say of every key and index that is mentioned whether it is there, as the
// entries have it, and reports whether all conditions hold then.
func (a *attempt) closed() bool {
	m := a.model.Clone()
	for _, o := range a.run.Objects {
		entries := a.object(o.Name, o.Before).Entries
		keys, indices := map[string]bool{}, map[int64]bool{}
		for _, e := range entries {
			indices[int64(e.Index)] = true
			if e.Key != nil {
				_, layout := o.Before.Layout("key")
				keys[pointOf(leavesOf(layout, e.Key))] = true
			}
		}
		for _, root := range o.Before.Roots() {
			g := root.Ghost
			if g.Index == nil || g.Value.Kind != contract.Bool || len(root.Funcs) == 0 {
				continue
			}
			for _, e := range a.model.Entries(root.Funcs[0]) {
				there := keys[pointOf(words(e.Args))]
				if g.Index.Kind == contract.Int {
					there = e.Args[0].IsInt64() && indices[e.Args[0].Int64()-int64(a.first(o.Before))]
				}
				m.SetApp(root.Funcs[0], e.Args, truth(there))
			}
		}
	}
	a.model = m
	return a.holdsUnder(m)
}

// holdsUnder reports whether all that is asked for holds under a model.
func (a *attempt) holdsUnder(m *smt.Model) bool {
	fails := func(t *smt.Term) bool { return !m.Holds(t) }
	return !slices.ContainsFunc(a.path.Condition(), fails) && !slices.ContainsFunc(a.kept, fails)
}

// salt gives the words of the hash key values with which hashes differ, unless a condition forbids
// them: under zeros every key has the same hash, and a large table takes forever to load.
func (a *attempt) salt() {
	m := a.model.Clone()
	for i, leaf := range a.run.Inputs.Env {
		if strings.HasPrefix(leaf.Name, "HashKey[") {
			m.SetVar(leaf.Term, new(big.Int).SetUint64(0x9e3779b97f4a7c15*uint64(2*i+1)))
		}
	}
	if a.holdsUnder(m) {
		a.model = m
	}
}

func truth(b bool) *big.Int {
	if b {
		return big.NewInt(1)
	}
	return new(big.Int)
}

// leavesOf reads a key from a case.
func leavesOf(layout summary.Layout, v Value) []uint64 {
	list := make([]uint64, len(layout))
	for i, l := range layout {
		n := integer(v[l.Name])
		if n.Sign() < 0 {
			n.Add(n, new(big.Int).Lsh(big.NewInt(1), uint(l.Width)))
		}
		list[i] = n.Uint64()
	}
	return list
}
