package contract

import (
	"go/token"
	"go/types"
	"math/big"
	"strings"
)

// phase is the place of an expression, which decides what old means there.
type phase int

const (
	anyState  phase = iota // exposes: one state, no old
	before                 // requires: the state before the call
	after                  // ensures: both states
	construct              // ensures of a constructor: the new state only
)

// scope resolves names.
type scope struct {
	r        *reader
	typ      *Type             // nil for a plain function
	rename   map[string]string // a receiver's type parameter names to the declaration's
	vars     map[string]*Variable
	phase    phase
	modified func(*Ghost) bool // after: may the operation change it
	hidden   map[string]bool   // ghosts declared for proofs only
	bound    *Variable         // the variable of the enclosing quantifier
	// constructor says that the contract is a constructor's.
	constructor bool
}

// hiddenName is what resolution panics with when it meets what only the prover knows: a ghost declared for
// proofs, or an element of a parameter that is a slice.
type hiddenName struct {
	pos           token.Pos
	message, hint string
}

// with returns the scope inside a quantifier.
func (s *scope) with(n *node) (*scope, *Variable) {
	if s.bound != nil {
		failf(n.pos, "one outermost forall per line", "a quantifier cannot stand inside another")
	}
	if s.vars[n.text] != nil || s.typ != nil && s.typ.Ghost(n.text) != nil {
		failf(n.pos, "choose another name", "the variable %s hides a parameter, result or observer", n.text)
	}
	inner := *s
	inner.bound = &Variable{base: base{n.pos, s.sort(n.sort)}, Name: n.text}
	return &inner, inner.bound
}

// sort resolves the type of a quantifier's variable or an observer's value.
func (s *scope) sort(n *sortName) Sort {
	if n.index != "" {
		failf(n.pos, "", "a map cannot stand here")
	}
	if sort, ok := rangeSort(n.name); ok {
		return sort
	}
	if name, ok := s.rename[n.name]; ok {
		return Sort{Kind: Param, Name: name}
	}
	failf(n.pos, "bool, int, intN, uintN (N from 1 to 128) and the type's parameters", "unknown type %s", n.name)
	return Sort{}
}

// expr types n; old says that it stands inside old().
func (s *scope) expr(n *node, old bool) Expr {
	switch n.op {
	case "number":
		v, ok := new(big.Int).SetString(strings.ReplaceAll(n.text, "_", ""), 0)
		if !ok {
			failf(n.pos, "", "malformed number %s", n.text)
		}
		return &Literal{base{n.pos, Sort{Kind: Int}}, v}
	case "name":
		return s.name(n, old)
	case "index":
		return s.index(n, old)
	case "field":
		return s.field(n, old)
	case "call":
		return s.call(n, old)
	case "forall":
		if s.constructor && s.bound != nil {
			panic(hiddenName{n.pos, "a quantifier inside another can stand in an ensures line only, which is for the prover then",
				"one outermost forall per line"})
		}
		failf(n.pos, "put it outermost in its conjunct", "a quantifier cannot stand inside an expression")
	case "exists":
		failf(n.pos, "let the operation return the element, as a result with a constraint, or use count",
			"exists is not part of the contract language")
	case "update":
		failf(n.pos, "write observer == old(observer)[index := value]", "an update is not a value")
	case "?:":
		c := s.operand(n.kids[0], old, Bool)
		x, y := s.expr(n.kids[1], old), s.expr(n.kids[2], old)
		if !x.Sort().same(y.Sort()) {
			failf(n.pos, "", "the branches of ?: are %s and %s", x.Sort(), y.Sort())
		}
		return &Cond{base{n.pos, unranged(x.Sort())}, c, x, y}
	}
	if len(n.kids) == 1 {
		return s.unary(n, old)
	}
	return s.binary(n, old)
}

// unranged drops the range that only one of several values is known to have.
func unranged(s Sort) Sort {
	if s.Kind == Int {
		return Sort{Kind: Int}
	}
	return s
}

// operand types n and demands its kind.
func (s *scope) operand(n *node, old bool, kind Kind) Expr {
	e := s.expr(n, old)
	if e.Sort().Kind != kind {
		failf(n.pos, "", "%s is %s, not %s", e, e.Sort(), Sort{Kind: kind})
	}
	return e
}

func (s *scope) name(n *node, old bool) Expr {
	switch {
	case n.text == "true" || n.text == "false":
		v := new(big.Int)
		if n.text == "true" {
			v.SetInt64(1)
		}
		return &Literal{base{n.pos, Sort{Kind: Bool}}, v}
	case s.bound != nil && s.bound.Name == n.text:
		return &Variable{base: base{n.pos, s.bound.sort}, Name: n.text}
	case s.vars[n.text] != nil:
		v := s.vars[n.text]
		if v.Result && s.phase == before {
			failf(n.pos, "", "requires speaks of the call's beginning: %s is a result", n.text)
		}
		return &Variable{base{n.pos, v.sort}, n.text, v.Result}
	}
	g := s.observer(n)
	if g.Index != nil {
		failf(n.pos, "", "observer %s needs an index", g.Name)
	}
	return s.read(g, nil, n.pos, old)
}

// observer resolves the name of an observer.
func (s *scope) observer(n *node) *Ghost {
	if n.op != "name" {
		failf(n.pos, "", "expected the name of an observer")
	}
	if s.hidden[n.text] {
		panic(hiddenName{n.pos, n.text + " is declared inside the type, for proofs only", "declare it in the type's doc comment to export it"})
	}
	if s.typ != nil {
		if g := s.typ.Ghost(n.text); g != nil {
			return g
		}
	}
	failf(n.pos, "parameters, named results and the observers declared by ghost lines are known", "unknown name %s", n.text)
	return nil
}

// read makes a Read; a state that the operation cannot have changed is read before the call.
func (s *scope) read(g *Ghost, index Expr, pos token.Pos, old bool) Expr {
	return &Read{base{pos, g.Value}, g, index, s.reads(g, old)}
}

func (s *scope) reads(g *Ghost, old bool) bool {
	return old || s.phase == before || s.phase == after && !s.modified(g)
}

// index is observer[i], or old(observer)[i].
func (s *scope) index(n *node, old bool) Expr {
	of := n.kids[0]
	if of.op == "call" && of.text == "old" && len(of.kids) == 1 {
		s.allowOld(of)
		old, of = true, of.kids[0]
	}
	if of.op == "name" && s.vars[of.text] != nil && s.vars[of.text].sort.isSlice() {
		return s.element(s.vars[of.text], n, old)
	}
	g := s.observer(of)
	if g.Index == nil {
		failf(n.pos, "", "observer %s is a scalar and has no index", g.Name)
	}
	i := s.expr(n.kids[1], old)
	if !i.Sort().same(*g.Index) {
		failf(n.kids[1].pos, "", "observer %s is indexed by %s, not by %s", g.Name, g.Index, i.Sort())
	}
	return s.read(g, i, n.pos, old)
}

// element is list[i] of a parameter. Only constructors are known to be given lists that do not change.
func (s *scope) element(list *Variable, n *node, old bool) Expr {
	elem := list.sort.Go.Underlying().(*types.Slice).Elem()
	if !s.constructor || !s.readable(elem) {
		panic(hiddenName{n.pos, "an element of " + list.Name + " can stand in an ensures line only, which is for the prover then",
			"the contract of a constructor may speak of elements, of words or structs of words"})
	}
	return &Element{base{n.pos, goSort(elem, s.rename)}, list, s.operand(n.kids[1], old, Int)}
}

// readable reports whether contracts can speak of a type's parts: it is a word, or a struct of words and
// type parameters.
func (s *scope) readable(t types.Type) bool {
	if st, ok := t.Underlying().(*types.Struct); ok && goSort(t, s.rename).Kind == Plain {
		for f := range st.Fields() {
			if goSort(f.Type(), s.rename).Kind == Plain {
				return false
			}
		}
		return true
	}
	return goSort(t, s.rename).Kind != Plain
}

func (s *scope) field(n *node, old bool) Expr {
	x := s.expr(n.kids[0], old)
	if x.Sort().Kind == Plain {
		if st, ok := x.Sort().Go.Underlying().(*types.Struct); ok {
			var before []Sort
			for i := range st.NumFields() {
				sort := goSort(st.Field(i).Type(), s.rename)
				if st.Field(i).Name() == n.text {
					return &Field{base{n.pos, sort}, x, n.text, i, before}
				}
				before = append(before, sort)
			}
		}
	}
	failf(n.pos, "", "%s has no field %s", x.Sort(), n.text)
	return nil
}

func (s *scope) allowOld(n *node) {
	switch s.phase {
	case anyState:
		failf(n.pos, "", "an exposes line speaks of one state: old means nothing here")
	case before:
		failf(n.pos, "", "requires speaks of the state before the call: old means nothing here")
	case construct:
		failf(n.pos, "", "a constructor has no old state")
	}
}

func (s *scope) call(n *node, old bool) Expr {
	switch n.text {
	case "old":
		if len(n.kids) != 1 {
			failf(n.pos, "", "old takes one expression")
		}
		s.allowOld(n)
		if old {
			failf(n.pos, "", "old inside old")
		}
		e := s.expr(n.kids[0], true)
		if !mentionsState(e) {
			failf(n.pos, "parameters and results have one value each", "old applies to observers; %s has none", e)
		}
		return e
	case "count":
		return s.count(n, old)
	case "ocadd":
		return s.ocadd(n, old)
	case "ocsum":
		return s.ocsum(n, old)
	case "len":
		return s.length(n)
	}
	if s.r.proverFunc(n.text) {
		panic(hiddenName{n.pos, n.text + " is defined for proofs only", "what a caller is told has no definitions of one's own"})
	}
	failf(n.pos, "the built-in functions are old, count, ocadd, ocsum and len; definitions of one's own, recursive or not, are not part of the language",
		"unknown function %s", n.text)
	return nil
}

// proverFunc reports whether a function of that name is defined for the prover of bodies.
func (r *reader) proverFunc(name string) bool {
	for _, raw := range r.out.Raw {
		before, _, ok := strings.Cut(raw.Text, " func "+name+"(")
		if ok && (before == "pure" || before == "opaque") {
			return true
		}
	}
	return false
}

func mentionsState(e Expr) bool {
	found := false
	Walk(e, func(e Expr) {
		switch e.(type) {
		case *Read, *Count:
			found = true
		}
	})
	return found
}

func (s *scope) count(n *node, old bool) Expr {
	if len(n.kids) != 2 {
		failf(n.pos, "", "count takes an observer and a number")
	}
	of, was := n.kids[0], old
	if of.op == "call" && of.text == "old" && len(of.kids) == 1 {
		s.allowOld(of)
		was, of = true, of.kids[0]
	}
	g := s.observer(of)
	if g.Index == nil || g.Index.Kind != Int || g.Value.Kind != Bool || g.On != nil {
		failf(of.pos, "", "count needs an observer of type map[int]bool that holds everywhere")
	}
	return &Count{base{n.pos, Sort{Kind: Int}}, g, s.reads(g, was), s.operand(n.kids[1], old, Int)}
}

// length is the length of a slice that is a parameter.
func (s *scope) length(n *node) Expr {
	if len(n.kids) == 1 && n.kids[0].op == "name" {
		if v := s.vars[n.kids[0].text]; v != nil && !v.Result && v.sort.isSlice() {
			return &Length{base{n.pos, Sort{Kind: Int, Bits: 63}}, v}
		}
	}
	failf(n.pos, "", "len takes a parameter that is a slice")
	return nil
}

// isSlice reports whether values of s are slices, of which only length and elements can be told.
func (s Sort) isSlice() bool {
	if s.Kind != Plain {
		return false
	}
	_, ok := s.Go.Underlying().(*types.Slice)
	return ok
}

func (s *scope) ocadd(n *node, old bool) Expr {
	if len(n.kids) == 0 {
		failf(n.pos, "", "ocadd needs an argument")
	}
	e := &OCAdd{base: base{n.pos, Sort{Kind: Int, Bits: 16}}}
	for _, k := range n.kids {
		a := s.operand(k, old, Int)
		if t := a.Sort(); t.Bits == 0 || t.Bits > 16 || t.Signed {
			if l, ok := a.(*Literal); !ok || l.Value.Sign() < 0 || l.Value.BitLen() > 16 {
				failf(k.pos, "", "ocadd takes 16-bit unsigned words; %s is %s", a, t)
			}
		}
		e.Args = append(e.Args, a)
	}
	return e
}

// ocsum is a sum over a parameter that is a slice of bytes.
func (s *scope) ocsum(n *node, old bool) Expr {
	if len(n.kids) != 2 {
		failf(n.pos, "", "ocsum takes a parameter that is a slice of bytes, and what is summed up already")
	}
	var of *Variable
	if n.kids[0].op == "name" {
		of = s.vars[n.kids[0].text]
	}
	if of == nil || of.Result || !of.sort.isBytes() {
		failf(n.kids[0].pos, "", "ocsum takes a parameter that is a slice of bytes")
	}
	initial := s.operand(n.kids[1], old, Int)
	if t := initial.Sort(); t.Bits == 0 || t.Bits > 32 || t.Signed {
		if l, ok := initial.(*Literal); ok && l.Value.Sign() >= 0 && l.Value.BitLen() <= 32 {
			return &OCSum{base{n.pos, Sort{Kind: Int, Bits: 16}}, of, initial}
		}
		failf(n.kids[1].pos, "", "what is summed up already is an unsigned word of at most 32 bits; %s is %s", initial, t)
	}
	return &OCSum{base{n.pos, Sort{Kind: Int, Bits: 16}}, of, initial}
}

// isBytes reports whether values of s are slices of bytes.
func (s Sort) isBytes() bool {
	if !s.isSlice() {
		return false
	}
	elem, ok := s.Go.Underlying().(*types.Slice).Elem().Underlying().(*types.Basic)
	return ok && elem.Kind() == types.Uint8
}

func (s *scope) unary(n *node, old bool) Expr {
	switch n.op {
	case "!":
		return &Unary{base{n.pos, Sort{Kind: Bool}}, n.op, s.operand(n.kids[0], old, Bool)}
	case "-":
		return &Unary{base{n.pos, Sort{Kind: Int}}, n.op, s.operand(n.kids[0], old, Int)}
	}
	x := s.operand(n.kids[0], old, Int)
	if x.Sort().Bits == 0 || x.Sort().Signed {
		failf(n.pos, "", "^ needs an unsigned word of known width; %s is %s", x, x.Sort())
	}
	sort := x.Sort()
	sort.Go = nil
	return &Unary{base{n.pos, sort}, n.op, x}
}

func (s *scope) binary(n *node, old bool) Expr {
	sort := Sort{Kind: Bool}
	switch n.op {
	case "==", "!=":
		x, y := s.expr(n.kids[0], old), s.expr(n.kids[1], old)
		if x.Sort().isSlice() || y.Sort().isSlice() {
			failf(n.pos, "a contract speaks of the length of a slice and of its elements", "slices cannot be compared")
		}
		if !x.Sort().same(y.Sort()) {
			failf(n.pos, "", "%s is %s and %s is %s: they cannot be compared", x, x.Sort(), y, y.Sort())
		}
		return &Binary{base{n.pos, sort}, n.op, x, y}
	case "&&", "||", "==>", "<==>":
		return &Binary{base{n.pos, sort}, n.op, s.operand(n.kids[0], old, Bool), s.operand(n.kids[1], old, Bool)}
	case "+", "-", "*", "/", "%":
		sort = Sort{Kind: Int}
	case "<", "<=", ">", ">=":
	default:
		failf(n.pos, "", "operator %s is not part of the contract language", n.op)
	}
	x, y := s.operand(n.kids[0], old, Int), s.operand(n.kids[1], old, Int)
	if n.op == "/" || n.op == "%" {
		if l, ok := y.(*Literal); !ok || l.Value.Sign() <= 0 {
			failf(n.pos, "", "the divisor must be a positive number")
		}
	}
	return &Binary{base{n.pos, sort}, n.op, x, y}
}

// goSort is the sort of a Go type; rename maps type parameters to the names of the declaration.
func goSort(t types.Type, rename map[string]string) Sort {
	if p, ok := types.Unalias(t).(*types.TypeParam); ok {
		return Sort{Kind: Param, Name: rename[p.Obj().Name()], Go: t}
	}
	b, ok := t.Underlying().(*types.Basic)
	if !ok {
		return Sort{Kind: Plain, Go: t}
	}
	width := map[types.BasicKind]int{types.Int8: 8, types.Int16: 16, types.Int32: 32, types.Int64: 64, types.Int: 64,
		types.Uint8: 8, types.Uint16: 16, types.Uint32: 32, types.Uint64: 64, types.Uint: 64, types.Uintptr: 64}
	switch {
	case b.Kind() == types.Bool:
		return Sort{Kind: Bool, Go: t}
	case width[b.Kind()] > 0:
		return Sort{Kind: Int, Bits: width[b.Kind()], Signed: b.Info()&types.IsUnsigned == 0, Go: t}
	}
	return Sort{Kind: Plain, Go: t}
}
