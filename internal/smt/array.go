package smt

// Array is an array of terms: an uninterpreted start and the stores made since. It is a value: Store
// leaves the receiver as it is.
type Array struct {
	base *Func
	last *storeNode
}

// Store is one write to an [Array].
type Store struct{ Index, Value *Term }

type storeNode struct {
	Store
	before *storeNode
}

// NewArray is the array whose element at i is base(i), before any store. base has one parameter.
func NewArray(base *Func) Array { return Array{base: base} }

// Base gives the function that the array started as.
func (a Array) Base() *Func { return a.base }

// Store is a with value v at index i.
func (a Array) Store(i, v *Term) Array {
	if i.width != a.base.Params[0] || v.width != a.base.Result {
		panic("smt: store of wrong width to " + a.base.Name)
	}
	return Array{a.base, &storeNode{Store{i, v}, a.last}}
}

// Stores gives the stores, newest last.
func (a Array) Stores() []Store {
	n := 0
	for s := a.last; s != nil; s = s.before {
		n++
	}
	list := make([]Store, n)
	for s := a.last; s != nil; s = s.before {
		n--
		list[n] = s.Store
	}
	return list
}

// Select is the element of a at index i. A store at an index that is decidedly equal or different
// leaves no trace in the result; every other store becomes one Ite.
func (b *Builder) Select(a Array, i *Term) *Term {
	return b.SelectBy(a, i, func(eq *Term) *Term { return eq })
}

// SelectBy is [Builder.Select] where more is known: decide gets each equation of i with the index of a
// store that is neither true nor false by itself, and gives a term that is equal to it wherever the
// result is used.
func (b *Builder) SelectBy(a Array, i *Term, decide func(eq *Term) *Term) *Term {
	var maybe []*storeNode
	var equal []*Term
	var result *Term
	for s := a.last; s != nil && result == nil; s = s.before {
		eq := b.Eq(i, s.Index)
		if !eq.isConst() {
			eq = decide(eq)
		}
		switch {
		case eq.IsTrue():
			result = s.Value
		case !eq.IsFalse():
			maybe, equal = append(maybe, s), append(equal, eq)
		}
	}
	if result == nil {
		result = b.Apply(a.base, i)
	}
	for k := len(maybe) - 1; k >= 0; k-- {
		result = b.Ite(equal[k], maybe[k].Value, result)
	}
	return result
}
