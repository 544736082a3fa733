package prove_test

import (
	"os"
	"slices"
	"strings"
	"testing"
)

// program is Go that is added to testdata/stack.go, after an edit if old is set, and must be refused.
type program struct {
	name     string
	old, new string
	text     string
	want     string // part of the problem, or of what is not proved
}

// programs are small, and each is wrong in a way that only a rule of Go, or of proofs, shows.
var programs = []program{
	// What Go does in another order, or with something else, than it looks.
	{name: "effect on the right of &&", want: "changes the structure", text: `
// @ requires 0 < size
// @ ensures r == 0
func (s *Stack) Odd(x int) (r int) {
	if x > 1 && s.Pop() > 0 {
		return 0
	}
	return 0
}`},
	{name: "field read beside a call that changes it", want: "order", text: `
// @ requires 0 < size
// @ ensures r == old(size) && size == old(size) - 1 && elem == elem
func (s *Stack) Odd() (r int) {
	n, x := s.top, s.Pop()
	_ = x
	return n
}`},
	{name: "element whose index a call on the right changes", want: "order", text: `
// @ requires 1 < size
// @ ensures size == old(size) - 1 && elem == old(elem)[old(size) - 1 := old(elem[size - 1])]
func (s *Stack) Odd() {
	s.elems[s.top] = s.Pop()
}`},
	{name: "index with an effect, changed in place", want: "order", text: `
// @ modifies top
// @ requires 2 < top
// @ ensures top == old(top) - 1 && 0 <= i && i == top
func (s *Stack) next() (i int) {
	s.top--
	return s.top
}

// @ requires 4 < size && size < 900
// @ ensures size == old(size) - 2
// @ modifies elem, size
// @ ensures forall i int :: elem[i] == elem[i]
func (s *Stack) Odd() {
	s.elems[s.next()] &= 0
}`},
	{name: "index that the same statement assigns", want: "not proved", text: `
// @ requires 3 < size
// @ ensures elem == old(elem)[1 := 7]
func (s *Stack) Odd() {
	i := 0
	i, s.elems[i] = 1, 7
	_ = i
}`},
	{name: "copy of the receiver", want: "copy", text: `
// @ requires 0 < size
// @ ensures size == old(size) - 1
func (s Stack) Odd() {
	s.top--
}`},
	{name: "variable that hides the receiver", want: "hides the receiver", text: `
type couple struct{ top, low int }

// @ ensures r == size
func (s *Stack) Odd(p couple) (r int) {
	{
		s := p
		r = s.top
	}
	return r
}`},
	{name: "range in a range", want: "invariant is kept", text: `
// @ ensures r == 5
func (s *Stack) Odd() (r int) {
	n := 0
	// @ invariant i == 0 && n == 0 || i > 0 && (i > 50 || n == 5)
	for i := range 3 {
		_ = i
		// @ invariant n == 0 || n != 0
		for j := range 100 {
			_ = j
		}
		n = n + 0
	}
	return n
}`},
	{name: "proof that counts a range loop", want: "unknown name range", text: `
// @ ensures r == 5
func (s *Stack) Odd() (r int) {
	for i := range 3 {
		_ = i
		// @ range = range + 1
	}
	return r
}`},
	{name: "count around below zero", old: "	// @ inv top <= pushes\n", new: "	// @ inv top <= pushes && 0 <= laps\n	laps int8\n	// @ wraps laps\n", want: "0 <= laps", text: `
// @ modifies laps
func (s *Stack) lap() { s.laps++ }`},

	// Pointers.
	{name: "nil pointer", want: "pointer", text: `
// @ ensures r == 0
func (s *Stack) Odd() (r int32) {
	var p *int32
	return *p
}`},
	{name: "field that is a pointer", old: "	top   int\n", new: "	top   int\n	p     *int\n", want: "pointer", text: `
// @ ensures r == r
func (s *Stack) Odd() (r int) {
	return *s.p
}`},
	{name: "pointers compared", want: "pointer", text: `
// @ ensures r == (a == b)
func same(a, b *int32) (r bool) { return a == b }`},
	{name: "address of an element that changes", want: "address", text: `
// @ modifies elems
// @ requires 0 < top
// @ ensures r == k
func (s *Stack) poke(k *int32) (r int32) {
	s.elems[0] = 9
	return *k
}

// @ requires 0 < size
// @ ensures r == old(elem[0])
// @ modifies elem
// @ ensures forall i int :: elem[i] == elem[i]
func (s *Stack) Odd() (r int32) { return s.poke(&s.elems[0]) }`},
	{name: "floats compared", want: "comparison", text: `
type wave struct{ x float64 }

// @ ensures r
func same(a wave) (r bool) { return a == a }`},
	{name: "slice given away", want: "slice", text: `
// @ pure
func (s *Stack) raw() []int32 { return s.elems }`},

	// Contracts that are not proved.
	{name: "bits on an operation", want: "bits", text: `
// @ bits
// @ ensures r == size + 1
func (s *Stack) Odd() (r int) { return 7 }`},
	{name: "trusted operation", want: "trusted", text: `
// @ trusted
// @ ensures r == size + 1
func (s *Stack) Odd() (r int) { return 7 }`},
	{name: "pure operation with an effect", want: "pure", text: `
// @ pure
// @ requires size < cap
// @ ensures ok == true
// @ ensures ok ==> size == old(size) + 1
func (s *Stack) Odd() (ok bool) {
	s.top++
	// @ s.pushes = s.pushes + 1
	return true
}`},
	{name: "pure method that modifies", want: "pure", text: `
// @ pure
// @ modifies top
// @ requires 0 < top
func (s *Stack) drop() { s.top-- }

// @ requires 0 < size
// @ ensures r == size
func (s *Stack) Odd() (r int) {
	s.drop()
	return s.top
}`},
	{name: "field changed by an operation that changes no observer", old: "	top   int\n", new: "	top   int\n	hits  int\n", want: "hits is unchanged", text: `
// @ ensures r == size
func (s *Stack) Hit() (r int) {
	s.hits = 7
	return s.top
}

// @ ensures r == 0
func (s *Stack) Odd() (r int) {
	s.hits = 0
	s.Hit()
	return s.hits
}`},
	{name: "postcondition false", want: "ensures false", text: `
// @ pure
// @ ensures false
func (s *Stack) odd() {}`},
	{name: "parameter named result", want: "result", text: `
// @ pure
// @ requires result == 1
// @ ensures result == 1
func (s *Stack) odd(result int32) int32 { return 2 }

// @ ensures r == 1
func (s *Stack) Odd() (r int32) { return s.odd(1) }`},
	{name: "bits function with a parameter named result", want: "result", text: `
// @ bits
// @ ensures result <= 255
func odd(result uint8) (r uint32) { return uint32(result) << 8 }

// @ ensures r == 1
func (s *Stack) Odd() (r uint32) {
	if odd(1) <= 255 {
		return 1
	}
	return 2
}`},
	{name: "type without a constructor", want: "constructor", text: `
// @ ghost n int
type Loose struct {
	a []int
	// @ represent n = len(a)
	// @ inv 0 < len(a) && (forall i int {a[i]} :: 0 <= i && i < len(a) ==> i < a[i] && a[i] < len(a))
}

// @ ensures r == n + 1
func (l *Loose) Odd() (r int) {
	return len(l.a)
}`},
	{name: "exported field", old: "	top   int\n", new: "	top   int\n	Free  int\n", want: "exported"},
	{name: "observer as it was", want: "old means nothing", text: `
// @ ghost seen int
type Past struct {
	n int
	// @ represent seen = old(n)
}

// @ constructor
// @ ensures seen == 0
func NewPast() *Past { return &Past{} }

// @ ensures r == 0
func (p *Past) Odd() (r int) {
	p.n = 7
	return 0
}`},
	{name: "observer that is itself", want: "represented by itself", text: `
// @ ghost seen int
type Past struct {
	n int
	// @ represent seen = seen + n
}

// @ constructor
// @ ensures seen == 0
func NewPast() *Past { return &Past{} }`},
	{name: "ghost named like a field", old: "	// @ ghost pushes int\n", new: "	// @ ghost pushes, top int\n", want: "top"},
	{name: "observer named like a field", old: "// @ ghost cap uint31\n", new: "// @ ghost cap uint31\n// @ ghost top int\n", want: "top"},
	{name: "receiver of another name", text: `
// @ ghost size uint31
type Three struct {
	a, b *Stack
	n    int
	// @ represent size = n
	// @ inv n == 0
}

// @ constructor
// @ ensures size == 0
func NewThree() *Three { return &Three{a: New(10), b: New(20)} }

// @ pure
// @ ensures a.size == 0
func (a *Three) none() {}

// @ ensures r == 0
func (t *Three) Odd() (r int) {
	t.none()
	return t.a.Size()
}`, want: "r as defined"},
	{name: "observer of a component of a component", text: `
// @ ghost n uint31
type Inner struct {
	s *Stack
	// @ represent n = s.size
}

// @ constructor
// @ ensures n == 0
func NewInner() *Inner { return &Inner{s: New(10)} }

// @ modifies s.size, s.elem
func (t *Inner) fill() {
	t.s.Push(1)
}

// @ ghost n uint31
type Outer struct {
	t *Inner
	// @ represent n = t.n
}

// @ constructor
// @ ensures n == 0
func NewOuter() *Outer { return &Outer{t: NewInner()} }

// @ ensures n == old(n)
func (o *Outer) Odd() { o.t.fill() }`, want: "ensures n as defined"},

	// Code without a contract.
	{name: "field written by code without a contract", want: "s.top is written", text: `
func (s *Stack) reset() { s.top = -1 }`},
	{name: "element written by code without a contract", want: "s.elems[0] is written", text: `
func (s *Stack) reset() { s.elems[0]++ }`},
	{name: "address taken by code without a contract", want: "s.top is written, or may be", text: `
func (s *Stack) reset() *int { return &s.top }`},
	{name: "slice handed on by code without a contract", want: "s.elems is handed on", text: `
func (s *Stack) reset() []int32 { return s.elems }`},
	{name: "structure made by code without a contract", want: "is constructed", text: `
func zero() *Stack { return &Stack{} }`},
	{name: "structure overwritten by code without a contract", want: "*s is written", text: `
func (s *Stack) reset(t *Stack) { *s = *t }`},
	{name: "operation used by code without a contract", want: "changes a structure", text: `
func (t *Two) reset() { t.a.Pop() }`},
	{name: "operation kept in a variable", want: "changes a structure", text: `
var pop = (*Stack).Pop`},
	{name: "method without a body", want: "no body", text: `
// @ ensures r == size
func (s *Stack) Odd() (r int)`},
	{name: "component of another type", want: "another type", text: `
// @ ghost n uint31
type Box[T any] struct {
	elems []T
	// @ represent n = len(elems)
}

// @ constructor
// @ ensures n == size
// @ requires 0 <= size && size < 1000
func NewBox[T any](size int) *Box[T] { return &Box[T]{elems: make([]T, size)} }

// @ ghost n uint31
type Shelf[A, T any] struct {
	box *Box[A]
	// @ represent n = box.n
}

// @ constructor
// @ ensures n == 3
func NewShelf[A, T any]() *Shelf[A, T] { return &Shelf[A, T]{box: NewBox[A](3)} }`},
	{name: "type parameters in another order", want: "type parameter", text: `
// @ ghost key map[int]K
// @ ghost val map[int]V
type Pair[K, V any] struct {
	keys []K
	vals []V
	// @ represent key = keys; val = vals
}

// @ constructor
func NewPair[K, V any]() *Pair[K, V] { return &Pair[K, V]{} }

// @ ensures n == 0
func (p *Pair[V, K]) Odd() (n int) { return 0 }`},

	// Lemmas, functions and bits.
	{name: "name of an applied variable that a lemma binds", want: "assert", text: `
// @ ensures r == 1
func (s *Stack) Odd() (r int) {
	// @ apply forall i int {below(s.elems, 3, i)} :: belowAll(s.elems, 3, i)
	// @ assert below(s.elems, 3, 1) == 1
	return 1
}`},
	{name: "count of another meaning", want: "count", text: `
// @ pure func count(a map[int]bool, n int) int { 0 }
`},
	{name: "function named like a built-in one", want: "len", text: `
// @ pure func len(a []int) int { 5 }

// @ ensures r == 5
func (s *Stack) Odd() (r int) {
	// @ unfold len(s.elems)
	return len(s.elems)
}`},
	{name: "product beyond the width of bits", want: "too large", text: `
// @ bits lemma cube(x uint64)
// @  ensures x * x * x < 18446744073709551616 * 18446744073709551616 * 1073741824
`},
	{name: "definitions in a circle", want: "used before it is defined", text: `
// @ pure func odd(n int) bool { even(n) }
// @ pure func even(n int) bool { odd(n) }
// @ bits lemma all(a uint8)
// @  ensures odd(a)
`},
	{name: "call with any number of arguments", want: "this call", text: `
// @ pure
func (s *Stack) many(a ...int) {}

// @ ensures r == size
func (s *Stack) Odd() (r int) {
	s.many(1, 2, 3)
	return s.top
}`},
	{name: "field of another alphabet", old: "	top   int\n", new: "	top   int\n	é     int\n", want: "ensures r as defined", text: `
// @ ensures r == size
func (s *Stack) Odd() (r int) { return s.é }`},
	{name: "condition with an effect", want: "its measure falls", text: `
// @ ensures r == 0
// @ requires 0 < size
// @ modifies size
// @ ensures 0 <= size
func (s *Stack) Odd(x int) (r int) {
	// @ invariant inv
	// @ invariant 0 < s.size
	// @ decreases s.cap
	for s.Pop() == 4 {
		s.Push(4)
	}
	return 0
}`},
	{name: "shift by more than the width", want: "shift", text: `
// @ bits
// @ ensures r == x
func odd(x uint8) (r uint8) { return x >> 256 }
`},
	{name: "everywhere of a bound variable", want: "everywhere", text: `
// @ ensures r == 3
func (s *Stack) Odd() (r int) {
	// @ assert forall i int {below(s.elems, 0, i)} :: everywhere(i)[3] == 3
	return 3
}`},
}

// TestPrograms adds one program at a time to a package that is proved without.
func TestPrograms(t *testing.T) {
	text, err := os.ReadFile("testdata/stack.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range slices.Concat(programs, rules, names, forms) {
		t.Run(strings.ReplaceAll(p.name, " ", "_"), func(t *testing.T) {
			all := string(text)
			if n := strings.Count(all, p.old); p.old != "" && n != 1 {
				t.Fatalf("%q occurs %d times, want once", p.old, n)
			}
			if p.old != "" {
				all = strings.Replace(all, p.old, p.new, 1)
			}
			wrong := proveUntil(t, all+p.text, p.want)
			if wrong == "" || !strings.Contains(wrong, p.want) {
				t.Errorf("want %q, got:\n%s", p.want, wrong)
			}
		})
	}
}
