package libvig

// Shaper keeps tokens in a queue, each with a number of its own while there are numbers.
//
// @ ghost waiting uint31
// @ ghost room uint31
// @ ghost front map[int]T
// @ ghost head uint31
// @ ghost taken map[int]bool
type Shaper[T any] struct {
	q *Ring[T]
	p *PortRange
	// @ represent waiting = q.size; room = q.cap; front = q.elem; head = q.head; taken = p.alloc
	// @ inv q.cap == p.cap && p.first == 1024 && q.cap <= 1000
}

// NewShaper returns an empty queue for n numbers.
//
// @ constructor
// @ requires 0 < n && n <= 1000
// @ ensures waiting == 0 && head == 0 && room == n && (forall i int :: front[i] == x) && (forall i int :: taken[i] == false)
func NewShaper[T any](n int, x T) *Shaper[T] {
	var secret HashKey
	return &Shaper[T]{q: NewRing[T](n, x), p: NewPortRange(1024, n, secret)}
}

// Enter puts a token at the end of the queue, and gives a number.
//
// @ ensures ok == (old(waiting) < room && count(old(taken), 1024 + room) < room)
// @ ensures ok ==> waiting == old(waiting) + 1 && taken == old(taken)[n := true] && !old(taken[n])
// @ ensures ok ==> 1024 <= n && n < 1024 + room
// @ ensures ok ==> front == old(front)[(head < room - old(waiting) ? head + old(waiting) : old(waiting) - (room - head)) := x]
// @ ensures !ok ==> n == 0
func (s *Shaper[T]) Enter(x T) (n int, ok bool) {
	if s.q.Full() {
		return 0, false
	}
	n, ok = s.p.Allocate()
	if !ok {
		return 0, false
	}
	s.q.Push(x)
	return n, true
}

// Leave takes the first token out, and gives a number back.
//
// @ requires 0 < waiting
// @ ensures x == front[old(head)] && waiting == old(waiting) - 1 && taken == old(taken)[n := false]
// @ ensures head == (old(head) == room - 1 ? 0 : old(head) + 1)
func (s *Shaper[T]) Leave(n int) (x T) {
	if s.p.Allocated(n) {
		s.p.Free(n)
	}
	return s.q.Pop()
}

// Next returns the token that will leave next, and how many there are.
//
// @ requires 0 < waiting
// @ ensures x == front[head] && n == waiting
func (s *Shaper[T]) Next() (x T, n int) {
	return s.q.Front(), s.q.Len()
}

// Numbers says where the numbers begin, how many there are, and whether one is free.
//
// @ ensures first == 1024 && n == room
// @ ensures free == (count(taken, 1024 + room) < room)
func (s *Shaper[T]) Numbers() (first, n int, free bool) {
	return s.p.First(), s.p.Cap(), s.p.Len() < s.q.Cap() && !s.p.Full()
}
