package prove_test

import "strings"

// forms are functions that are trusted, or warm, and do what nobody proves of them; added to testdata/stack.go.
var forms = []program{
	{name: "trusted function that writes by a pointer", want: "*p is written in odd", text: `
// @ trusted
func odd(p *int32) (n int) {
	*p = 1
	return 1
}`},
	{name: "trusted function that writes a field by a pointer", want: "p.left is written in odd", text: `
// @ trusted
func odd(p *pair) (n int) {
	p.left = 1
	return 1
}`},
	{name: "trusted function that writes an element", want: "list[0] is written in odd", text: `
// @ trusted
func odd(list []int32) { list[0]++ }`},
	{name: "trusted method that writes a field", want: "s.top is written in Stack.odd", text: `
// @ trusted
func (s *Stack) odd() { s.top = 0 }`},
	{name: "trusted method that writes another field than it says", want: "s.top is written in Stack.odd", text: `
// @ trusted
// @ modifies elems
func (s *Stack) odd() { s.top = 0 }`},
	{name: "trusted method that works on another receiver", want: "s is written in Stack.odd", text: `
// @ trusted
// @ modifies top
func (s *Stack) odd(t *Stack) {
	s = t
	s.top = 0
}`},
	{name: "trusted method that writes in a range", want: "s.top is written in Stack.odd", text: `
// @ trusted
func (s *Stack) odd() {
	for s.top = range 3 {
	}
}`},
	{name: "trusted function that calls one that writes", want: "p.left is written in poke", text: `
func poke(p *pair) { p.left = 1 }

// @ trusted
func odd(p pair) (n int) {
	poke(&p)
	return 1
}`},
	{name: "trusted function that calls itself", want: "calls itself", text: `
// @ trusted
func odd(n int) (r int) { return even(n) }

func even(n int) (r int) { return odd(n) }`},
	{name: "trusted function with a variable that others write", want: "package variable shared", text: `
var shared = 7

// @ trusted
func odd() (n int) { return shared }`},
	{name: "trusted function that calls a parameter", want: "no function of a known name", text: `
// @ trusted
func odd(f func()) { f() }`},
	{name: "trusted function that passes on a function", want: "function helper, which is not called here", text: `
func ignore(f func()) {}

// @ trusted
func odd() (n int) {
	ignore(helper)
	return 1
}`},
	{name: "trusted function with a function literal", want: "a function literal in odd", text: `
// @ trusted
func odd(p *int) (n int) {
	f := func() { *p = 1 }
	_ = f
	return 1
}`},
	{name: "trusted function that starts another", want: "a statement (*ast.GoStmt) in odd", text: `
// @ trusted
func odd() (n int) {
	go helper()
	return 1
}`},
	{name: "trusted function that defers", want: "a statement (*ast.DeferStmt) in odd", text: `
// @ trusted
func odd() (n int) {
	defer helper()
	return 1
}`},
	{name: "trusted function of an interface", want: "whose body is not here", text: `
// @ trusted
func odd(p interface{ n() }) { p.n() }`},
	{name: "trusted function that calls another package", old: "package stack\n", new: "package stack\n\nimport \"os\"\n", want: "os.Getpid is called", text: `
// @ trusted
func odd() (n int) { return os.Getpid() }`},
	{name: "trusted function that copies", want: "copy is called in odd", text: `
// @ trusted
func odd(a, b []int) { copy(a, b) }`},
	{name: "trusted function that deletes", want: "delete is called in odd", text: `
// @ trusted
func odd(m map[int]int) { delete(m, 1) }`},
	{name: "trusted function that allocates", want: "an allocation in odd", text: `
// @ trusted
func odd() (p *pair) { return &pair{} }`},
	{name: "trusted method that hands out a slice", want: "slice s.elems is handed on in Stack.raw", text: `
// @ trusted
func (s *Stack) raw() []int32 { return s.elems }`},
	{name: "trusted method that keeps a slice in a variable", want: "slice s.elems is handed on in Stack.raw", text: `
// @ trusted
func (s *Stack) raw() (n int) {
	a := s.elems
	return len(a)
}`},
	{name: "trusted method that lends a slice to one who keeps it", want: "slice s.elems is handed on in Stack.raw", text: `
func keep(a []int32) []int32 { return a }

// @ trusted
func (s *Stack) raw() (n int) { return len(keep(s.elems)) }`},

	// What warms ends and does not panic, too.
	{name: "warming with a loop", want: "a loop in Stack.odd", text: `
// @ warms
func (s *Stack) odd() {
	for {
	}
}`},
	{name: "warming with an index", want: "an index in Stack.odd", text: `
// @ warms
func (s *Stack) odd() (r int32) { return s.elems[3] }`},
	{name: "warming with a byte as index of a short array", want: "an index in Stack.odd", text: `
// @ warms
func (s *Stack) odd(a [255]int32, i uint8) (r int32) { return a[i] }`},
	{name: "warming with a signed index", want: "an index in Stack.odd", text: `
// @ warms
func (s *Stack) odd(a [256]int32, i int8) (r int32) { return a[i] }`},
	{name: "warming with a number as index of a long array", want: "an index in Stack.odd", text: `
// @ warms
func (s *Stack) odd(a [256]int32, i uint16) (r int32) { return a[i] }`},
	{name: "warming with a byte as index of a slice", want: "an index in Stack.odd", text: `
// @ warms
func (s *Stack) odd(i uint8) (r int32) { return s.elems[i] }`},
	{name: "warming by a pointer to an array", want: "an index in Stack.odd", text: `
// @ warms
func (s *Stack) odd(a *[256]int32, i uint8) (r int32) { return a[i] }`},
	{name: "warming with a division", want: "/ by what is no positive constant in Stack.odd", text: `
// @ warms
func (s *Stack) odd() (r int) { return 1 / s.top }`},
	{name: "warming with a shift", want: "<< by what is no positive constant in Stack.odd", text: `
// @ warms
func (s *Stack) odd() (r int) { return 1 << s.top }`},
	{name: "warming by a pointer", want: "p.left is reached by a pointer that may be nil", text: `
// @ warms
func (s *Stack) odd(p *pair) (r int32) { return p.left }`},
	{name: "warming that follows a pointer", want: "a pointer that is followed in Stack.odd", text: `
// @ warms
func (s *Stack) odd(p *int) (r int) { return *p }`},
	{name: "warming that panics", want: "panic is called in Stack.odd", text: `
// @ warms
func (s *Stack) odd() { panic("odd") }`},
	{name: "warming that asserts a type", want: "a type assertion in Stack.odd", text: `
// @ warms
func (s *Stack) odd(a any) (r int) { return a.(int) }`},
	{name: "warming that compares interfaces", want: "a comparison of more than words in Stack.odd", text: `
// @ warms
func (s *Stack) odd(a, b any) (r bool) { return a == b }`},
	{name: "warming that calls one with a loop", want: "a loop in spin", text: `
func spin() {
	for {
	}
}

// @ warms
func (s *Stack) odd() { spin() }`},
	{name: "warming that modifies what is claimed", want: "modifies top, of which the type says something", text: `
// @ warms
// @ modifies top
func (s *Stack) odd() { s.top = -1 }`},
	{name: "warming that modifies a component", want: "modifies a, of which the type says something", text: `
// @ warms
// @ modifies a
func (t *Two) odd() { t.a = t.b }`},
	{name: "warming that says more", want: "its lines say more", text: `
// @ warms
// @ ensures r == 5
func (s *Stack) odd() (r int) { return 4 }`},
	{name: "warming operation that is trusted", want: "Stack.Odd is trusted", text: `
type hint struct{ n int }

// @ warms
// @ trusted
func (s *Stack) Odd() (h hint) { return hint{} }`},
	{name: "warming operation that writes", want: "s.top is written in Stack.Odd", text: `
type hint struct{ n int }

// @ warms
func (s *Stack) Odd() (h hint) {
	s.top = 0
	return hint{}
}`},

	// What holds the slices of a structure is not to be written either.
	{name: "slice that is noted, written", want: "l.of[0] is written", text: notes + `
func spoil(l *note) { l.of[0] = 9 }`},
	{name: "slice that is noted, replaced", want: "l.of is written", text: notes + `
func spoil(l *note) { l.of = nil }`},
	{name: "slice that is noted, overwritten", want: "*l is written", text: notes + `
func spoil(l *note) { *l = note{} }`},
	{name: "slice that is noted, handed on", want: "l.of is handed on", text: notes + `
func spoil(l *note) []int32 { return l.of }`},

	// What functions that warm write is out of the state, and what they return is anything.
	{name: "field that functions that warm write, read", want: "this expression (*ast.SelectorExpr) is outside", text: notes + `
// @ ensures r == 0
func (n *Noted) Odd() (r int) { return int(n.seen.at) }`},
	{name: "field that functions that warm write, changed", want: "this assignment (*ast.SelectorExpr) is outside", text: notes + `
// @ ensures r == 0
func (n *Noted) Odd() (r int) {
	n.seen.at = 3
	return 0
}`},
	{name: "field that functions that warm write, constructed", want: "field seen is written by functions that warm", old: "", text: strings.Replace(notes,
		"make([]int32, 5)}", "make([]int32, 5), seen: note{at: 1}}", 1)},
	{name: "field that functions that warm write, claimed by a body", want: "seen", text: notes + `
// @ ensures r == 0
func (n *Noted) Odd() (r int) {
	// @ assert n.seen == n.seen
	return 0
}`},
	{name: "result of a function that warms, relied on", want: "ensures r as defined", text: notes + `
// @ warms
// @ modifies seen
func (n *Noted) next() (r int) {
	n.seen.at++
	return 1
}

// @ ensures r == 1
func (n *Noted) Odd() (r int) { return n.next() }`},
	{name: "results of a function that warms, taken to be alike", want: "ensures r as defined", text: notes + `
// @ warms
// @ modifies seen
func (n *Noted) next() (r int8) {
	n.seen.at++
	return int8(n.seen.at & 63)
}

// @ ensures r == 0
func (n *Noted) Odd() (r int) {
	a := int(n.next())
	return a - int(n.next())
}`},
	{name: "result of a function that warms, taken for an index", want: "is inside", text: notes + `
// @ warms
// @ modifies seen
func (n *Noted) next() (r int32) {
	n.seen.at++
	return 1
}

// @ ensures r == (0 < m ? 0 : 0)
func (n *Noted) Odd(m int) (r int) {
	if n.all[n.next()] > 0 {
		return 0
	}
	return 0
}`},
}

// notes has a method that notes a slice.
const notes = `
type note struct {
	of []int32
	at int32
}

// @ ghost n uint31
type Noted struct {
	all  []int32
	seen note
	// @ represent n = len(all)
}

// @ constructor
// @ ensures n == 5
func NewNoted() *Noted {
	n := &Noted{all: make([]int32, 5)}
	n.note()
	return n
}

// @ warms
// @ modifies seen
func (n *Noted) note() { n.seen = note{of: n.all} }
`
