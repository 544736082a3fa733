package prove_test

// rules are programs that go wrong by a rule of Go about types, scopes and control, added to testdata/stack.go.
var rules = []program{
	{name: "trusted function of another type", want: "not proved: ensures (r == 1)", text: `
// @ trusted
func width[T any]() (n int) { return 1 }

// @ pure
// @ ensures r == 1
func (b *Stack) odd() (r int) {
	if width[uint8]() == width[uint64]() {
		return 1
	}
	return 2
}`},
	{name: "labelled break out of two loops", want: "LabeledStmt", text: `
// @ ensures r == 3
func (s *Stack) Odd() (r int) {
outer:
	for i := range 3 {
		for j := range 3 {
			if i == j {
				break outer
			}
		}
		r = i + 1
	}
	return 3
}`},
	{name: "unsigned subtraction below zero", want: "does not overflow", text: `
// @ pure
// @ ensures r <= 5
func odd(a uint8) (r uint8) { return 5 - a }`},
	{name: "negation of the smallest number", want: "overflow", text: `
// @ pure
// @ ensures r == 0 - a
func odd(a int32) (r int32) { return -a }`},
	{name: "conversion to fewer bits of a sign", want: "fits uint32", text: `
// @ pure
// @ ensures r == a
func odd(a int64) (r uint32) { return uint32(a) }`},
	{name: "remainder of a negative number", want: "not negative", text: `
// @ pure
// @ ensures 0 <= r
func odd(a int32) (r int32) { return a % 8 }`},
	{name: "complement of a number", want: "this operator (*ast.UnaryExpr) is outside of what can be proved", text: `
// @ pure
// @ ensures 0 <= r
func odd(a int32) (r int32) { return ^a }`},
	{name: "result that a defer changes", want: "outside of what can be proved", text: `
// @ pure
// @ ensures r == 1
func odd() (r int) {
	defer func() { r = 2 }()
	return 1
}`},
	{name: "variable of a loop changed in its body", want: "invariant is kept", text: `
// @ pure
// @ ensures r == 3
func odd() (r int) {
	// @ invariant r == i
	for i := range 3 {
		i += 2
		r = i
	}
	return 3
}`},
	{name: "array that is a value", want: "this index (*ast.IndexExpr) is outside of what can be proved", text: `
// @ pure
// @ ensures r == 7
func odd(a [4]int32) (r int32) {
	b := a
	b[0] = 7
	return a[0]
}`},
	{name: "counting constant", want: "ensures", text: `
const (
	none = iota
	one
	two
)

// @ pure
// @ ensures r == 1
func odd() (r int) { return two }`},
	{name: "method by value of a field", want: "this expression (*ast.SelectorExpr) is outside of what can be proved", text: `
// @ ensures left == old(left)
func (t *Two) Odd() {
	f := t.a.Pop
	f()
}`},
	{name: "quantifier that captures a parameter", want: "hides", text: `
// @ pure
// @ ensures forall a int :: a == a
// @ ensures r == 0
func odd(a int) (r int) {
	// @ assert forall a int :: a > 5 ==> a > 4
	return a
}`},
	{name: "old in a quantifier in a quantifier", want: "assert", text: `
// @ requires size < cap
// @ ensures size == old(size) + 1 && elem == old(elem)[old(size) := 3]
func (s *Stack) Odd() {
	s.Push(3)
	// @ assert forall i int {s.elems[i]} :: forall j int {old(s.elems[j])} :: i == j ==> s.elems[i] == old(s.elems[j])
}`},
	{name: "shadowed name in an inner loop", want: "hides", text: `
// @ pure
// @ ensures r == 6
func odd() (r int) {
	n := 0
	// @ invariant n == 0
	for i := range 3 {
		n := i
		_ = n
	}
	return n
}`},
	{name: "invariant of an outer loop over an inner change", want: "invariant is kept", text: `
// @ pure
// @ ensures r == 0
func odd() (r int) {
	n := 0
	// @ invariant n == 0
	for i := range 3 {
		_ = i
		// @ invariant 0 <= n && n <= j
		for j := range 2 {
			n = j
		}
	}
	return n
}`},
	{name: "embedded structure", want: "field Stack of Wrapped is exported: anybody may break the invariant", text: `
// @ ghost n int
type Wrapped struct {
	*Stack
	m int
	// @ represent n = m
}

// @ ensures n == old(n)
func (w *Wrapped) Odd() { w.Pop() }`},
	{name: "embedded structure with a small name", want: "this call (*ast.CallExpr) is outside of what can be proved", text: `
type stack = Stack

// @ ghost n int
type Wrapped struct {
	*stack
	m int
	// @ represent n = m
}

// @ ensures n == old(n)
func (w *Wrapped) Odd() { w.Pop() }`},
	{name: "package variable", want: "this expression (*ast.Ident) is outside of what can be proved", text: `
var shared = 7

// @ pure
// @ ensures r == 7
func odd() (r int) { return shared }`},
	{name: "max of three", want: "this call of max (*ast.CallExpr) is outside of what can be proved", text: `
// @ pure
// @ ensures r == a
func odd(a, b, c int) (r int) { return max(a, b, c) }`},
	{name: "shift that loses the highest bit", want: "overflow", text: `
// @ pure
// @ ensures r == 2 * a
func odd(a uint8) (r uint8) { return a << 1 }`},
	{name: "product in fewer bits", want: "overflow", text: `
// @ pure
// @ requires a <= 70000
// @ ensures r == 70000 * a
func odd(a uint32) (r uint32) { return 70000 * a }`},
	{name: "receiver replaced", want: "this literal (*ast.CompositeLit) is outside of what can be proved", text: `
// @ ensures size == old(size)
func (s *Stack) Odd() {
	*s = Stack{elems: make([]int32, 1)}
}`},
	{name: "slice cut in a loop over it", want: "outside of what can be proved", text: `
// @ ensures r == 0
func (s *Stack) Odd() (r int) {
	for range s.elems[1:] {
		r = 0
	}
	return r
}`},
	{name: "recover", want: "this call of recover (*ast.CallExpr) is outside of what can be proved", text: `
// @ pure
// @ ensures r == 1
func odd() (r int) {
	recover()
	return 2
}`},
	{name: "string length", want: "type string is outside of what can be proved", text: `
// @ pure
// @ ensures r == 1
func odd(a string) (r int) { return len(a) }`},
	{name: "type switch on any", want: "type any is outside of what can be proved", text: `
// @ pure
// @ ensures r == 1
func odd(a any) (r int) {
	if _, ok := a.(int); ok {
		return 1
	}
	return 1
}`},
	{name: "nil map", want: "type map[int]int is outside of what can be proved", text: `
// @ pure
// @ ensures r == 1
func odd() (r int) {
	var m map[int]int
	m[1] = 1
	return 1
}`},
	{name: "pointer parameter that is written", want: "this assignment (*ast.StarExpr) is outside of what can be proved", text: `
// @ pure
// @ ensures r == 1
func odd(a *int32) (r int) {
	*a = 5
	return 1
}`},
	{name: "xor beyond the type", want: "this operator (*ast.BinaryExpr) is outside of what can be proved", text: `
// @ pure
// @ ensures r <= a
func odd(a, b uint8) (r uint8) { return a ^ b }`},
	{name: "int of 64 bits taken for 32", want: "ensures", text: `
// @ pure
// @ ensures r <= 2147483647
func odd(a uint32) (r int) { return int(a) }`},
}
