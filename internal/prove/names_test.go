package prove_test

// names are programs in which two different things have one name, or one thing has two, added to testdata/stack.go.
var names = []program{
	{name: "precondition about another type", want: "same is called with other types", text: `
// @ opaque func itself(x T) T { x }

// @ pure
// @ requires forall x T {itself(x)} :: forall y T {itself(y)} :: x == y
// @ ensures r
func same[T comparable](a, b T) (r bool) {
	// @ unfold itself(a)
	// @ unfold itself(b)
	return a == b
}

// @ pure
// @ requires forall x T {itself(x)} :: forall y T {itself(y)} :: x == y
// @ ensures r
func odd[T comparable](t T, a, b int) (r bool) { return same(a, b) }`},
	{name: "trusted function of another type, by a contract", want: "wide is called with other types", text: `
// @ trusted
func width[T any]() (n int) { return 1 }

// @ pure
// @ ensures r == width()
func wide[T any]() (r int) { return width[T]() }

// @ pure
// @ ensures r
func odd() (r bool) { return wide[uint8]() == wide[uint64]() }`},
	{name: "bound variable named like a function of SMT-LIB", want: "not proved: ensures forall f_g int", text: `
// @ pure func g_() int { 3 }

// @ pure
// @ ensures forall f_g int :: f_g == g_()
func odd() {}`},
	// Types: two that are one, or one that is two.
	{name: "pointer converted", want: "converts a structure", text: `
type twin struct {
	elems []int32
	top   int
}

func (s *Stack) reset() { (*twin)(s).top = -1 }`},
	{name: "copy converted", want: "*s is copied", text: `
type twin struct {
	elems []int32
	top   int
}

func (s *Stack) reset() {
	t := twin(*s)
	t.elems[0] = 9
}`},
	{name: "copy assigned to a type without a name", want: "*s is copied", text: `
func (s *Stack) reset() {
	var t struct {
		elems []int32
		top   int
	} = *s
	t.elems[0] = 9
}`},
	{name: "structure by new", want: "Stack is used without a pointer", text: `
func zero() *Stack { return new(Stack) }`},
	{name: "structure by var", want: "Stack is used without a pointer", text: `
func zero() *Stack { var s Stack; return &s }`},
	{name: "structure by make", want: "Stack is used without a pointer", text: `
func zero() *Stack { s := make([]Stack, 1); return &s[0] }`},
	{name: "structure by type argument", want: "Stack is used without a pointer", text: `
func zero[T any]() *T { return new(T) }
func zeroStack() *Stack { return zero[Stack]() }`},
	{name: "structure inside another", want: "Stack is used without a pointer", text: `
type both struct { one Stack }
func zero() *Stack { return &new(both).one }`},
	{name: "structure by conversion", want: "converts a structure", text: `
type twin struct {
	elems []int32
	top   int
}
func zero() *Stack { return (*Stack)(&twin{top: -1}) }`},
	{name: "observer by an observer", want: "Outer.Odd: not proved: ensures n as defined", text: `
// @ ghost n uint31
// @ ghost m uint31
type Inner struct {
	k int32
	// @ represent n = m; m = k
	// @ inv 0 <= k && k < 100
}

// @ constructor
// @ ensures n == 0 && m == 0
func NewInner() *Inner { return &Inner{} }

// @ modifies k
func (t *Inner) fill() {
	t.k = 3
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
func (o *Outer) Odd() { o.t.fill() }`},
	{name: "type of another package", want: "this expression (*ast.SelectorExpr)", old: "package stack\n", new: "package stack\n\nimport \"image\"\n", text: `
type image_Point struct{ X, Y int8 }

// @ pure
// @ ensures r <= 127
func odd(p image.Point) (r int) { return p.X }`},
	{name: "field named result", old: "	top   int\n", new: "	top   int\n	result int\n	// @ inv result == 0\n", want: "Stack.odd: not proved: ensures (result == 0)", text: `
// @ pure
// @ ensures result == 0
func (s *Stack) odd() int { return 7 }

// @ ensures r == 0
func (s *Stack) Odd() (r int) { return s.odd() }`},
	{name: "ghost named result", old: "	// @ ghost pushes int\n", new: "	// @ ghost pushes, result int\n	// @ inv result == 0\n", want: "Stack.odd: not proved: ensures (result == 0)", text: `
// @ pure
// @ ensures result == 0
func (s *Stack) odd() int { return 7 }

// @ ensures r == 0
func (s *Stack) Odd() (r int) { return s.odd() }`},
	{name: "ghost named like a list", want: "list is a variable of the program", text: `
// @ requires 1 < len(list)
// @ ensures r
func odd(list []pair) (r bool) {
	// @ ghost list := everywhere(5)
	return list[0] == list[1]
}`},
	{name: "type parameter named Bool", want: "type parameter Bool may be another one", text: `
// @ pure
// @ ensures r
func odd[Bool comparable](a, b, c Bool) (r bool) { return a == b || b == c || a == c }`},
	{name: "type parameter named Int", want: "type parameter Int may be another one", text: `
// @ pure
// @ ensures exists x int :: x == a
func odd[Int comparable](a Int) {}`},
	{name: "type parameter named like a sort", want: "type parameter S_pair may be another one", text: `
// @ pure
// @ ensures r
func odd[S_pair comparable](a S_pair, p pair) (r bool) { return p.left <= 2147483647 }`},
	{name: "type parameter named like a type of Go", want: "type parameter int32 may be another one", text: `
// @ pure
// @ ensures r
func odd[int32 comparable](a, b int32) (r bool) { return a == b }`},
	{name: "type parameter named like a type of the package", want: "type parameter pair may be another one", text: `
// @ pure
// @ ensures r
func odd[pair comparable](a, b pair) (r bool) { return a == b }`},
	{name: "variable of a loop after the loop", want: "unknown name i", text: `
// @ pure
// @ ensures r <= 255
func odd(list []pair) (r int) {
	// @ decreases 2 - i
	// @ invariant i <= 1
	for i := uint8(0); i < 1; i++ {
	}
	r = 1
	// @ invariant i == r
	for j := range list {
		_ = j
		r = 300
		i := 300
		_ = i
	}
	return r
}`},
	{name: "variable of an if after the if", want: "unknown name i", text: `
// @ pure
// @ ensures r <= 255
func odd(list []pair, k uint8) (r int) {
	if i := k; i < 1 {
	}
	r = int(k)
	// @ invariant i == r
	for j := range list {
		_ = j
		r = 300
		i := 300
		_ = i
	}
	return r
}`},
	{name: "method of another type with the same name", want: "Stack.Odd: not proved: ensures r as defined", text: `
// @ ghost n uint31
type Other struct {
	k int32
	// @ represent n = k
	// @ inv 0 <= k
}

// @ constructor
// @ ensures n == 0
func NewOther() *Other { return &Other{} }

// @ ensures r == 0
func (s *Other) Size() (r int) { return 0 }

// @ ensures r == 0
func (s *Stack) Odd() (r int) { return s.Size() }`},
	{name: "shadowed max", want: "odd: not proved: ensures (b <= r)", text: `
// @ pure
// @ ensures r == a
func max(a, b int) (r int) { return a }

// @ pure
// @ ensures b <= r
func odd(a, b int) (r int) { return max(a, b) }`},
	{name: "shadowed true", want: "odd: not proved: ensures (r == true)", text: `
const true = false

// @ pure
// @ ensures r == true
func odd() (r bool) { return true }`},
	{name: "parameter named true", want: "odd: not proved: ensures (r == true)", text: `
// @ pure
// @ ensures r == true
func odd(true bool) (r bool) { return true }`},
	{name: "local constant named like an observer", want: "Stack.Odd: not proved: ensures r as defined", text: `
// @ ensures r == size
func (s *Stack) Odd() (r int) {
	const size = 3
	return size
}`},
	{name: "parameter named like an observer", want: "size means both an observer and a parameter", text: `
// @ ensures r == old(size)
func (s *Stack) Odd(size int) (r int) { return size }`},
	{name: "parameter named like a field", want: "Stack.odd: not proved: ensures (r == s.top)", text: `
// @ pure
// @ ensures r == s.top
func (s *Stack) odd(top int) (r int) { return top }`},
	{name: "local variable named like a ghost", want: "Stack.odd: not proved: inv (top <= pushes)", text: `
// @ modifies top
// @ ensures true
func (s *Stack) odd() {
	pushes := 100000
	_ = pushes
	// @ assert s.top <= pushes
	s.top = len(s.elems)
}`},
	{name: "ghost that hides a variable of the program later", want: "n hides another variable", text: `
// @ pure
// @ ensures r == 1
func odd() (r int) {
	// @ ghost n := 1
	n := 2
	// @ assert n == 1
	return n
}`},
	{name: "package named like the receiver", old: "package stack\n", new: "package stack\n\nimport s \"math\"\n", want: "Stack.Odd: not proved: ensures r as defined", text: `
// @ ensures r == size
func (t *Stack) Odd() (r int) { return s.MaxInt8 }`},
	{name: "function of another package", old: "package stack\n", new: "package stack\n\nimport . \"math/bits\"\n", want: "this call (*ast.CallExpr)", text: `
// @ pure func Len32(x int) int { 5 }

// @ pure
// @ ensures r == 5
func odd(x uint32) (r int) { return Len32(x) }`},
	{name: "element of a type of another package", old: "package stack\n", new: "package stack\n\nimport \"image\"\n", want: "odd: not proved: ensures (r <= 127)", text: `
type Point struct{ X, Y int8 }

// @ requires 0 < len(list)
// @ ensures r <= 127
func odd(list []image.Point) (r int) { return list[0].X }`},
	{name: "two functions without a name", want: "several functions named _", text: `
func _() {}

// @ pure
// @ ensures true
func _() {}`},
	{name: "array of a structure's", old: "	top   int\n", new: "	top   int\n	arr   [4]int\n", want: "s.arr is written, or may be", text: `
func (s *Stack) reset() []int { return s.arr[:] }`},
	{name: "method that writes a field", old: "	top   int\n", new: "	top   int\n	low   pair\n", want: "s.low is written, or may be", text: `
func (p *pair) clear() { p.left = 0 }
func (s *Stack) reset() { s.low.clear() }`},
	{name: "pointer made of another", old: "package stack\n", new: "package stack\n\nimport \"unsafe\"\n", want: "unsafe.Pointer(s) converts a structure", text: `
func (s *Stack) reset() { *(*int32)(unsafe.Pointer(s)) = 1 }`},
	{name: "method of the value", want: "Stack is used without a pointer", text: `
func (s Stack) reset() { s.elems = nil }`},
	{name: "method expression of the value", want: "*s is copied", text: `
func (s *Stack) reset() { t := *s; t.Pop() }`},
	{name: "another name of the type", want: "stack is used without a pointer", text: `
type stack = Stack

func zero() *stack { return new(stack) }`},
	{name: "type made of the type", want: "converts a structure", text: `
type stack Stack

func zero() *Stack { return (*Stack)(new(stack)) }`},
}
