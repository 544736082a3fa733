package lower

import (
	"fmt"
	"math/big"
	"slices"

	"vigor/internal/diag"
	"vigor/internal/smt"
	"vigor/internal/source"
)

// fake is a state object on constants: a table, a vector or a cell.
type fake struct {
	b       *smt.Builder
	cap     uint64
	entries []fakeEntry
	elems   [][]*smt.Term // of a vector; a cell has one
	initial *fake
	final   *fake
}

type fakeEntry struct {
	index    uint64
	key, val []*smt.Term
	time     uint64
}

func (f *fake) copy() *fake {
	c := *f
	c.entries = slices.Clone(f.entries)
	c.elems = slices.Clone(f.elems)
	return &c
}

// start fixes the state at arrival and what the NF left (nil: what is there at arrival).
func (f *fake) start(final *fake) *fake {
	f.initial = f.copy()
	f.final = final
	if final == nil {
		f.final = f.initial
	}
	return f
}

func (f *fake) Made(string, int) map[string][]*smt.Term { return nil }

func (f *fake) Asked(Path, string, [][]*smt.Term) map[string][]*smt.Term { return nil }

func (f *fake) Initial() Object { return f.initial }
func (f *fake) Final() Object   { return f.final }

func (f *fake) find(key []*smt.Term) int {
	return slices.IndexFunc(f.entries, func(e fakeEntry) bool { return slices.Equal(e.key, key) })
}

func (f *fake) at(index *smt.Term) int {
	i, _ := index.Word()
	return slices.IndexFunc(f.entries, func(e fakeEntry) bool { return e.index == i })
}

func (f *fake) Read(_ Path, observer string, at []*smt.Term) []*smt.Term {
	b := f.b
	one := func(t *smt.Term) []*smt.Term { return []*smt.Term{t} }
	switch observer {
	case "cap":
		return one(b.Word(f.cap, 31))
	case "n":
		return one(b.Word(uint64(len(f.elems)), 31))
	case "value":
		return f.elems[0]
	case "elem":
		i, _ := at[0].Word()
		return f.elems[i]
	case "dom":
		return one(b.Bool(f.find(at) >= 0))
	case "idx":
		return one(b.Word(f.entries[f.find(at)].index, 31))
	}
	i := f.at(at[0])
	if observer == "alloc" {
		return one(b.Bool(i >= 0))
	}
	e := f.entries[i]
	switch observer {
	case "key":
		return e.key
	case "val":
		return e.val
	case "time":
		return one(b.Word(e.time, 63))
	}
	panic("no observer " + observer)
}

func (f *fake) Call(p Path, op string, args [][]*smt.Term, supplied map[string][]*smt.Term,
	claim func(diag.Claim) diag.Claim, at source.Span) [][]*smt.Term {
	b := f.b
	switch op {
	case "Full":
		return [][]*smt.Term{{b.Bool(uint64(len(f.entries)) == f.cap)}}
	case "Len":
		return [][]*smt.Term{{b.Word(uint64(len(f.entries)), 64)}}
	case "Refresh":
		f.entries[f.at(args[0][0])].time, _ = args[1][0].Word()
	case "Set":
		if f.elems != nil {
			i := uint64(0)
			if len(args) == 2 {
				i, _ = args[0][0].Word()
			}
			f.elems[i] = args[len(args)-1]
			return nil
		}
		f.entries[f.at(args[0][0])].val = args[1]
	case "Erase":
		i := f.at(args[0][0])
		f.entries = slices.Delete(f.entries, i, i+1)
	case "ExpireBefore":
		limit, _ := args[0][0].Word()
		f.entries = slices.DeleteFunc(f.entries, func(e fakeEntry) bool { return int64(e.time) < int64(limit) })
	case "Insert":
		return f.insert(p, args, supplied, claim)
	default:
		panic("no operation " + op)
	}
	return nil
}

func (f *fake) insert(p Path, args [][]*smt.Term, supplied map[string][]*smt.Term, claim func(diag.Claim) diag.Claim) [][]*smt.Term {
	index := uint64(0)
	for f.at(f.b.Word(index, 64)) >= 0 {
		index++
	}
	if i, ok := supplied["i"]; ok {
		index, _ = i[0].Word()
		p.Prove(f.b.Bool(f.at(i[0]) < 0 && index < f.cap), claim(diag.Claim{Say: diag.Text("constraint of Insert")}))
	}
	now, _ := args[2][0].Word()
	f.entries = append(f.entries, fakeEntry{index, args[0], args[1], now})
	return [][]*smt.Term{{f.b.Word(index, 64)}, {f.b.True()}}
}

// String lists the entries by index, for comparison.
func (f *fake) String() string {
	list := slices.Clone(f.entries)
	slices.SortFunc(list, func(a, b fakeEntry) int { return int(a.index) - int(b.index) })
	text := ""
	for _, e := range list {
		text += fmt.Sprintf("%d:%s=%s@%d ", e.index, words(e.key), words(e.val), e.time)
	}
	return text
}

func words(list []*smt.Term) string {
	text := ""
	for _, t := range list {
		v, ok := t.Const()
		if !ok {
			v = big.NewInt(-1)
		}
		text += "," + v.String()
	}
	if text == "" {
		return ""
	}
	return text[1:]
}
