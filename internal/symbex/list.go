package symbex

import (
	"go/types"
	"maps"

	"golang.org/x/tools/go/ssa"

	"vigor/internal/diag"
	"vigor/internal/smt"
	"vigor/internal/source"
	"vigor/internal/symbex/summary"
)

// List is a list of the configuration: any number of elements up to nf.MaxList, each an arbitrary value. It
// never changes.
//
// What is known of all elements is kept as rules, each a formula over one index. A rule is assumed of an
// element where the element is read, by the NF, by a contract or by a spec; rules speak of no other
// element, so that this comes to an end.
type List struct {
	Name  string // of the field of Config
	Type  types.Type
	Parts []Leaf    // of an element; without terms
	Len   *smt.Term // 64 bits
	// Null is true if the list is nil; then it is empty.
	Null *smt.Term

	funcs []*smt.Func // of each part, by a 64-bit index
	rules []elementRule
	reads []*smt.Term // the indices that were read, without repetition
}

// elementRule is what holds of the element at index, which stands for any index below the length.
type elementRule struct{ index, holds *smt.Term }

// listBits is the width of the length of a list, so that it is at most nf.MaxList.
const listBits = 16

// newList makes an arbitrary list.
func (m *Machine) newList(name string, t types.Type) (*List, Value) {
	b := m.b
	symbol := smt.Symbol(smt.ListOf, name)
	length := b.Var(smt.Within(symbol, "len"), listBits)
	l := &List{Name: name, Type: t, Len: b.ZeroExtend(length, 64),
		Null: b.And(b.Eq(length, b.Word(0, listBits)), b.Var(smt.Within(symbol, "nil"), 0))}
	symbolic(t, "", func(name string, t types.Type, w int) *smt.Term {
		l.Parts = append(l.Parts, Leaf{Name: trimDot(name), Type: t})
		l.funcs = append(l.funcs, b.Func(smt.Within(symbol, "element", trimDot(name)), []int{64}, w))
		return zeroTerm(b, w)
	})
	o := &Object{Name: "config." + name, Type: types.NewSlice(t)}
	m.memory[o] = Elements{l}
	return l, Slice{Base: Pointer{Object: o}, Offset: b.Word(0, 64), Len: l.Len, Cap: l.Len, Nil: l.Null}
}

// At gives the parts of the element at a 64-bit index, with what is known of it on a path.
func (l *List) At(p summary.Path, index *smt.Term) []*smt.Term {
	read := false
	for _, t := range l.reads {
		read = read || t == index
	}
	if !read {
		l.reads = append(l.reads, index)
	}
	for _, r := range l.rules {
		l.assume(p, r, index)
	}
	return l.apply(p.Builder(), index)
}

// apply is the parts of the element at an index.
func (l *List) apply(b *smt.Builder, index *smt.Term) []*smt.Term {
	parts := make([]*smt.Term, len(l.funcs))
	for i, f := range l.funcs {
		parts[i] = b.Apply(f, index)
	}
	return parts
}

// assume assumes a rule of the element at an index, if that is in the list.
func (l *List) assume(p summary.Path, r elementRule, index *smt.Term) {
	b := p.Builder()
	p.Fact(b.Implies(b.BVULt(index, l.Len), b.Rewrite(r.holds, map[*smt.Term]*smt.Term{r.index: index})))
}

// learn adds a rule, and assumes it of the elements that were read.
func (l *List) learn(p summary.Path, r elementRule) {
	l.rules = append(l.rules, r)
	for _, index := range l.reads {
		l.assume(p, r, index)
	}
}

// Functions are the functions that give the parts of an element by its index.
func (l *List) Functions() []*smt.Func { return l.funcs }

// readList reads at a path inside a list.
func (m *Machine) readList(l *List, path []step, t types.Type) Value {
	if len(path) == 0 {
		panic(listPart("a list of the configuration is no array"))
	}
	element, _ := compose(l.Type, l.At(m.p, path[0].index))
	return m.read(element, path[1:], t)
}

// wholeList is the list of the configuration that a slice is, all of it.
func (m *Machine) wholeList(v Value) (*List, bool) {
	s, ok := v.(Slice)
	if !ok || s.Base.Object == nil || len(s.Base.Path) > 0 {
		return nil, false
	}
	content, ok := m.memory[s.Base.Object].(Elements)
	if !ok || s.Len != content.List.Len || s.Nil != content.List.Null {
		return nil, false
	}
	start, ok := constantOf(s.Offset)
	return content.List, ok && start == 0
}

// isList reports whether a slice leads to elements of a list of the configuration.
func (m *Machine) isList(v Value) bool {
	s, ok := v.(Slice)
	if !ok || s.Base.Object == nil {
		return false
	}
	_, ok = m.memory[s.Base.Object].(Elements)
	return ok
}

// listPart refuses something else than a whole list.
func listPart(text string) *refusal {
	return &refusal{diag.New(diag.ListPart, source.Span{}, "%s", text).With("hint",
		"use the field of the configuration itself: make two fields of what are two lists")}
}

// listChanged refuses a store into a list.
func listChanged(l *List) *refusal {
	return &refusal{diag.New(diag.ListChanged, source.Span{}, "this writes to the list %s of the configuration", l.Name).With("hint",
		"keep what changes in a structure of libvig")}
}

// validateAll is nf.ValidateAll and nf.ValidateAllIn: nil if and only if the method has no error for any
// element. Either some element, of which nothing else is known, has an error, or from here on each
// element that is read has none.
func (m *Machine) validateAll(fn *ssa.Function, method string, args []Value) Value {
	list, ok := m.wholeList(args[0])
	if !ok || !m.guard.IsTrue() {
		panic(listPart("nf." + fn.Origin().Name() + " is given something else than a whole list of the configuration"))
	}
	m.program.Meant[fn.Origin()] = true
	valid, invalid := m.elementCheck(list, m.elementFunction(fn, method, args))
	b := m.b
	bad := m.p.Choose("config."+list.Name+".invalid", 64, nil)
	list.At(m.p, bad)
	fails := b.Rewrite(invalid.holds, map[*smt.Term]*smt.Term{invalid.index: bad})
	if m.p.Branch(b.And(b.BVULt(bad, list.Len), fails)) {
		return m.newError(fn)
	}
	list.learn(m.p, valid)
	return Interface{}
}

// elementFunction is what is called for each element, as a function of it.
func (m *Machine) elementFunction(fn *ssa.Function, method string, args []Value) func(on *Machine, element Value) Value {
	if method == "" {
		given, ok := args[1].(Func)
		if !ok || given.Fn == nil {
			panic(unsupported("nf.%s with a nil function", fn.Origin().Name()))
		}
		return func(on *Machine, element Value) Value { return on.call(given.Fn, []Value{element}, given.Bindings) }
	}
	// Exported methods are found from any package.
	called := m.program.NF.Prog.LookupMethod(fn.TypeArgs()[0], nil, method)
	return func(on *Machine, element Value) Value {
		return on.call(called, append([]Value{element}, args[1:]...), nil)
	}
}

// maxWays bounds the ways through the Validate of an element.
const maxWays = 64

// elementCheck runs a check on an arbitrary element, on paths of their own, and says when it returns nil
// and when an error. The obligations of those paths are owed on this one.
func (m *Machine) elementCheck(list *List, check func(on *Machine, element Value) Value) (valid, invalid elementRule) {
	b := m.b
	index := m.p.Choose("config."+list.Name+".any", 64, nil)
	first := len(m.p.decisions) >= len(m.p.prefix)
	before := m.p.fresh
	ways := map[bool][]*smt.Term{}
	e := &Explorer{Builder: b, Solver: m.p.solver, MaxPaths: maxWays, Effort: m.p.effort}
	paths, d := e.Explore(m.p.ctx, m.p, func(p *Path) {
		on := m.program.machine(p)
		on.memory, on.env, on.checking = m.memory.clone(), m.env, true
		defer on.locate()
		on.freeze()
		p.assume(b.BVULt(index, list.Len))
		known := len(p.condition)
		element, _ := compose(list.Type, list.At(p, index))
		err := check(on, element).(Interface)
		if !maps.Equal(p.fresh, before) {
			panic(unsupported("a check of an element that calls what leaves its result open"))
		}
		ways[err.Type == nil] = append(ways[err.Type == nil], b.And(p.condition[known:]...))
	})
	if d != nil {
		if !d.Span.Start.IsValid() {
			d.Span = m.spanAt(m.at)
		}
		panic(&refusal{*d})
	}
	if first {
		for _, p := range paths {
			m.p.Obligations = append(m.p.Obligations, p.Obligations...)
			m.p.Settled += p.Settled
		}
	}
	return elementRule{index, b.Or(ways[true]...)}, elementRule{index, b.Or(ways[false]...)}
}

// keepsLists refuses a function that has put another list where a list was.
func (m *Machine) keepsLists(before, after *survey) {
	lists := map[string]Value{}
	walk(before.content, before.root.Object.Type, "", func(name string, _ types.Type, part Value) {
		if s, ok := part.(Slice); ok {
			lists[name] = s
		}
	})
	walk(after.content, after.root.Object.Type, "", func(name string, _ types.Type, part Value) {
		s, ok := part.(Slice)
		if !ok {
			return
		}
		was := lists[name].(Slice)
		if !samePlace(s.Base, was.Base) || s.Offset != was.Offset || s.Len != was.Len || s.Nil != was.Nil {
			panic(&refusal{diag.New(diag.ListChanged, source.Span{}, "Process replaces the list %s of the configuration", name)})
		}
	})
}
