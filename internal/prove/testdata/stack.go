// Package stack is proved as it stands; tests plant faults in it.
package stack

// below is the number of elements that are at most x among the first n.
//
// @ pure func below(a map[int]int, x, n int) int decreases n
// @  { n <= 0 ? 0 : below(a, x, n-1) + (a[n-1] <= x ? 1 : 0) }
//
// @ lemma belowBounds(a map[int]int, x, n int)
// @  requires 0 <= n
// @  ensures 0 <= below(a, x, n) && below(a, x, n) <= n
// @  decreases n
// @  { unfold below(a, x, n); if n > 0 { belowBounds(a, x, n-1); } }
//
// @ lemma belowAll(a map[int]int, x, n int)
// @  requires 0 <= n && forall i int {a[i]} :: 0 <= i && i < n ==> a[i] <= x
// @  ensures below(a, x, n) == n
// @  decreases n
// @  { unfold below(a, x, n); if n > 0 { belowAll(a, x, n-1); } }
//
// @ bits lemma half(x uint32)
// @  requires x < 65536
// @  ensures (x & 65535) == x

// low is the lower half of a word.
//
// @ bits
// @ ensures 0 <= r && r <= 65535
func low(w uint32) (r uint32) { return w & 65535 }

// Stack is a bounded stack of numbers.
//
// @ ghost elem map[int]int32
// @ ghost size uint31
// @ ghost cap uint31
// @ exposes size <= cap && 0 < cap
type Stack struct {
	elems []int32
	top   int
	// @ ghost pushes int
	// @ represent elem = elems; size = top; cap = len(elems)
	// @ inv 0 <= top && top <= len(elems) && 0 < len(elems) && len(elems) <= 1000
	// @ inv top <= pushes
}

// New returns an empty stack.
//
// @ constructor
// @ requires 0 < n && n <= 1000
// @ ensures cap == n && size == 0 && (forall i int :: elem[i] == 0)
func New(n int) *Stack {
	return &Stack{elems: make([]int32, n)}
}

// Size returns the number of elements.
//
// @ ensures r == size
func (s *Stack) Size() (r int) { return s.top }

// Push adds an element, if there is room.
//
// @ ensures ok == (old(size) < cap)
// @ ensures ok ==> elem == old(elem)[old(size) := x] && size == old(size) + 1
func (s *Stack) Push(x int32) (ok bool) {
	if s.top == len(s.elems) {
		return false
	}
	s.elems[s.top] = x
	s.top++
	// @ s.pushes = s.pushes + 1
	return true
}

// Pop removes the latest element.
//
// @ requires 0 < size
// @ ensures r == elem[old(size) - 1] && size == old(size) - 1
func (s *Stack) Pop() (r int32) {
	s.top--
	return s.elems[s.top]
}

// AtMost counts the elements that are at most x.
//
// @ ensures 0 <= n && n <= size
func (s *Stack) AtMost(x int32) (n int) {
	// @ unfold below(s.elems, x, 0)
	// @ invariant 0 <= i && i <= s.top && n == below(s.elems, x, i)
	// @ invariant 0 <= n && n <= i
	// @ decreases s.top - i
	for i := 0; i < s.top; i++ {
		// @ unfold below(s.elems, x, i+1)
		if s.elems[i] <= x {
			n++
		}
	}
	return n
}

// Clear removes all elements.
//
// @ ensures size == 0
func (s *Stack) Clear() {
	// @ invariant 0 <= s.top && s.top <= len(s.elems) && s.top <= s.pushes
	// @ decreases s.top
	for s.top > 0 {
		s.top--
	}
}

// Two is a pair of stacks.
//
// @ ghost left uint31
// @ ghost right uint31
type Two struct {
	a, b *Stack
	// @ represent left = a.size; right = b.size
}

// NewTwo returns a pair of empty stacks.
//
// @ constructor
// @ ensures left == 0 && right == 0
func NewTwo() *Two { return &Two{a: New(10), b: New(20)} }

// Move takes an element from one stack to the other.
//
// @ requires 0 < left
// @ ensures ok ==> left == old(left) - 1 && right == old(right) + 1
// @ ensures ok == (old(right) < 1)
func (t *Two) Move() (ok bool) {
	if t.b.Size() > 0 {
		return false
	}
	return t.b.Push(t.a.Pop())
}

// Loose has no contract: nothing is claimed of it.
func Loose() {}

// tick is taken on trust.
//
// @ trusted
func tick() (n int) { return 1 }

// pair is an element of a list.
type pair struct {
	left  int32
	right uint8
}

// greatest returns the greatest left number of a list, at least 0.
//
// @ requires len(list) <= 1000
// @ ensures forall i int {list[i].left} :: 0 <= i && i < len(list) ==> list[i].left <= r
// @ ensures 0 <= r && n == len(list)
func greatest(list []pair) (r int32, n int) {
	// @ ghost all := everywhere(i, list[i].left + 1)
	// @ assert all[7] == list[7].left + 1
	// @ assert forall i int {list.right[i]} :: list[i].right >= 0
	// @ invariant 0 <= r && forall j int {list[j].left} :: 0 <= j && j < i ==> list[j].left < r + 1
	for i := range list {
		if list[i].left > r {
			r = list[i].left
		}
	}
	return r, len(list)
}
