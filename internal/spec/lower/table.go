package lower

import (
	"fmt"
	"math/big"

	"vigor/internal/diag"
	"vigor/internal/smt"
	"vigor/internal/source"
	"vigor/internal/spec/resolve"
	"vigor/internal/spec/syntax"
)

// intWidth is the width of Go's int, by which contracts index.
const intWidth = 64

// state gives the object behind a name, or its state at arrival.
func (r *run) state(o object) Object {
	s := r.w.Objects[o.of.Name]
	if o.view == resolve.Arrival {
		return s.Initial()
	}
	return s
}

// read gives a scalar observer, or one at a point, as its leaves.
func (r *run) read(o object, observer string, at ...*smt.Term) []*smt.Term {
	return r.state(o).Read(r.p, observer, at)
}

// call runs an operation of the contract with the spec's position.
func (r *run) call1(o object, op string, at source.Span, args ...[]*smt.Term) [][]*smt.Term {
	return r.state(o).Call(r.p, op, args, nil, r.placed(at), at)
}

// placed rewords a contract's claim: its place is the spec's.
func (r *run) placed(at source.Span) func(diag.Claim) diag.Claim {
	return func(c diag.Claim) diag.Claim {
		c.Span = at
		return c
	}
}

// contains is the condition that the key is there, or that an address has a route.
func (r *run) contains(o object, key []*smt.Term) *smt.Term {
	if o.of.Kind == resolve.LPM {
		route := r.read(o, "route", key...)[0]
		return r.b.Not(r.b.Eq(route, r.b.Word(0, route.Width())))
	}
	return r.read(o, "dom", key...)[0]
}

// word is a leaf of type int: t, read unsigned.
func (r *run) word(t *smt.Term) *smt.Term { return r.b.IntWrap(r.b.IntUnsigned(t), intWidth) }

// key evaluates a key and proves that it is there.
func (r *run) key(o object, x syntax.Expr, what string) []*smt.Term {
	key := r.store(o.of.Key, r.eval(x), x, o.of.Name+"'s key")
	text := r.text(x)
	r.prove(r.contains(o, key), r.claim(diag.KeyAbsent, x.Span(),
		diag.Text("%s: %s may be absent", what, text), fmt.Sprintf("guard with `if %s in %s`", text, o.of.Name)))
	return key
}

// index is the dense index of a key that is there, as an int.
func (r *run) index(o object, key []*smt.Term) *smt.Term { return r.word(r.read(o, "idx", key...)[0]) }

// allocated is `i in t.indices`.
func (r *run) allocated(o object, i smt.Int) *smt.Term {
	lo := new(big.Int).Neg(new(big.Int).Lsh(one, intWidth-1))
	hi := new(big.Int).Not(lo)
	return r.b.And(r.b.IntFits(i, lo, hi), r.read(o, "alloc", r.b.IntWrap(i, intWidth))[0])
}

// entry is t[k], v[i] or m[k].
func (r *run) entry(o object, x *syntax.Subscript) value {
	if o.of.Kind == resolve.Vector {
		v, _ := r.load(o.of.Value, r.read(o, "elem", r.inside(o, x.Index)))
		return v
	}
	key := r.key(o, x.Index, r.text(x))
	switch o.of.Kind {
	case resolve.Map:
		return r.b.IntUnsigned(r.read(o, "val", key...)[0])
	case resolve.LPM:
		v, _ := r.load(o.of.Value, r.read(o, "route", key...))
		return v
	}
	v, _ := r.load(o.of.Value, r.read(o, "val", r.index(o, key)))
	return v
}

// inside evaluates the index of a vector and proves that it is in range.
func (r *run) inside(o object, x syntax.Expr) *smt.Term {
	return r.below(x, r.b.IntUnsigned(r.read(o, "n")[0]), "capacity", o.of.Name)
}

// below evaluates an index and proves that it is less than n, which is what of name.
func (r *run) below(x syntax.Expr, n smt.Int, what, name string) *smt.Term {
	i := r.integer(x)
	text := r.text(x)
	ok := r.b.And(r.b.IntLessEq(r.b.IntConst(zero), i), r.b.IntLess(i, n))
	r.prove(ok, r.claim(diag.IndexRange, x.Span(), func(val diag.Valuer) string {
		return fmt.Sprintf("index %s may be %s, %s is %s", text, showInt(i, val), what, showInt(n, val))
	}, fmt.Sprintf("guard with `if %s < len(%s)`", text, name)))
	return r.b.IntWrap(i, intWidth)
}

// listElement is rules[i] of a list of the configuration.
func (r *run) listElement(of list, x *syntax.Subscript) value {
	l := r.w.Lists[of.of.Name]
	at := r.below(x.Index, r.b.IntUnsigned(l.Len), "length", r.text(x.X))
	v, _ := r.load(of.of.Type.Elems[0], l.At(r.p, at))
	return v
}

// setEntry is t[k] = v, v[i] = x or m[k] = i.
func (r *run) setEntry(t *syntax.Subscript, v value, x syntax.Expr, at source.Span) {
	o := r.eval(t.X).(object)
	if o.of.Kind == resolve.Vector {
		i := r.inside(o, t.Index)
		r.call1(o, "Set", at, []*smt.Term{i}, r.store(o.of.Value, v, x, "the value of "+o.of.Name))
		return
	}
	key := r.store(o.of.Key, r.eval(t.Index), t.Index, o.of.Name+"'s key")
	if pair, ok := v.(tuple); ok && o.of.Value.Parts() == nil {
		v = pair[0] // a script's (value, now)
	}
	leaves := r.store(o.of.Value, v, x, "the value of "+o.of.Name)
	if o.of.Kind == resolve.Map {
		r.call1(o, "Put", at, key, leaves)
		return
	}
	r.upsert(o, key, leaves, r.stamp(), t.Index, at)
}

// stamp is what an insertion or refresh leaves in an entry besides key and value: the time, and in a
// table with timer classes the class.
func (r *run) stamp(timer ...*smt.Term) [][]*smt.Term {
	stamp := [][]*smt.Term{{r.w.Now}}
	if timer != nil {
		stamp = append(stamp, timer)
	}
	return stamp
}

// upsert inserts or updates an entry of a table; its time becomes now.
func (r *run) upsert(o object, key, leaves []*smt.Term, stamp [][]*smt.Term, k syntax.Expr, at source.Span) {
	if r.branch(r.contains(o, key)) {
		i := []*smt.Term{r.index(o, key)}
		r.call1(o, "Refresh", at, append([][]*smt.Term{i}, stamp...)...)
		if o.of.Value != nil {
			r.call1(o, "Set", at, i, leaves)
		}
		return
	}
	text := r.text(k)
	full := r.call1(o, "Full", at)[0][0]
	r.prove(r.b.Not(full), r.claim(diag.TableFull, at, diag.Text("%s may be full here", o.of.Name),
		fmt.Sprintf("guard with `if %s in %s or not %s.full`", text, o.of.Name, o.of.Name)))
	r.insert(o, key, leaves, stamp, at)
}

// insert adds a new key under the index where the NF stored it; a key that the NF did not store
// gets any free index.
func (r *run) insert(o object, key, leaves []*smt.Term, stamp [][]*smt.Term, at source.Span) {
	s := r.w.Objects[o.of.Name]
	final := s.Final()
	var supplied map[string][]*smt.Term
	if r.branch(final.Read(r.p, "dom", key)[0]) {
		supplied = map[string][]*smt.Term{"i": {r.word(final.Read(r.p, "idx", key)[0])}}
	}
	name := o.of.Name
	claim := func(c diag.Claim) diag.Claim {
		return diag.Claim{Code: diag.StateDiffers, Span: at,
			Say: diag.Text("%s: the NF stored the new entry under an index that is in use, or did not start from this state", name)}
	}
	s.Call(r.p, "Insert", append([][]*smt.Term{key, leaves}, stamp...), supplied, claim, at)
}

// delete is `del t[k]`.
func (r *run) delete(s *syntax.Delete) {
	x := s.Target.(*syntax.Subscript)
	o := r.eval(x.X).(object)
	key := r.key(o, x.Index, "del "+r.text(x))
	if o.of.Kind == resolve.Map {
		r.call1(o, "Erase", s.Span(), key)
		return
	}
	r.call1(o, "Erase", s.Span(), []*smt.Term{r.index(o, key)})
}

// stateAttribute is t.capacity, t.full, t.indices, c.value.
func (r *run) stateAttribute(o object, x *syntax.Attribute) value {
	switch x.Name {
	case "capacity":
		return r.b.IntUnsigned(r.read(o, "cap")[0])
	case "timers":
		return r.b.IntUnsigned(r.read(o, "classes")[0])
	case "full":
		return boolean{r.call1(o, "Full", x.Span())[0][0]}
	case "indices":
		return indices{o}
	case "first":
		return r.b.IntUnsigned(r.read(o, "first")[0])
	case "front":
		return r.front(o, x)
	}
	v, _ := r.load(o.of.Value, r.read(o, "value"))
	return v
}

// length is len(t) of a state object.
func (r *run) length(o object, at source.Span) value {
	switch o.of.Kind {
	case resolve.Vector, resolve.Classifier, resolve.Dictionary, resolve.Maglev:
		return r.b.IntUnsigned(r.read(o, "n")[0])
	}
	return r.b.IntSigned(r.call1(o, "Len", at)[0][0])
}

// method is a call t.name(…).
func (r *run) method(o object, name string, x *syntax.Call) value {
	if m, ok := resolve.MethodOf(o.of, name); ok {
		return r.structureCall(o, m, x)
	}
	if v, ok := r.timerMethod(o, name, x); ok {
		return v
	}
	at := x.Span()
	what := r.text(x)
	switch name {
	case "index":
		return r.b.IntUnsigned(r.index(o, r.key(o, x.Args[0], what)))
	case "time":
		return r.b.IntUnsigned(r.read(o, "time", r.index(o, r.key(o, x.Args[0], what)))[0])
	case "key":
		return r.keyAt(o, x)
	case "add":
		key := r.store(o.of.Key, r.eval(x.Args[0]), x.Args[0], o.of.Name+"'s key")
		r.upsert(o, key, nil, r.stamp(), x.Args[0], at)
	case "refresh":
		key := r.key(o, x.Args[0], what)
		r.call1(o, "Refresh", at, []*smt.Term{r.index(o, key)}, []*smt.Term{r.w.Now})
	case "set":
		key := r.key(o, x.Args[0], what)
		leaves := r.store(o.of.Value, r.eval(x.Args[1]), x.Args[1], "the value of "+o.of.Name)
		r.call1(o, "Set", at, []*smt.Term{r.index(o, key)}, leaves)
	case "expire_before":
		r.call1(o, "ExpireBefore", at, []*smt.Term{r.time(x.Args[0])})
	}
	return nothing{}
}

// time evaluates a time that entries are compared with.
func (r *run) time(x syntax.Expr) *smt.Term {
	return r.fit(&resolve.Type{Kind: resolve.Int, Width: 64, Signed: true}, r.integer(x), x, "a time")
}

// keyAt is t.key(i).
func (r *run) keyAt(o object, x *syntax.Call) value {
	i := r.integer(x.Args[0])
	text := r.text(x.Args[0])
	if o.of.Kind == resolve.Dictionary {
		v, _ := r.load(o.of.Key, r.read(o, "key", r.inside(o, x.Args[0])))
		return v
	}
	r.prove(r.allocated(o, i), r.claim(diag.IndexRange, x.Span(), func(val diag.Valuer) string {
		return fmt.Sprintf("index %s may be %s, which is not in use", text, showInt(i, val))
	}, fmt.Sprintf("guard with `if %s in %s.indices`", text, o.of.Name)))
	v, _ := r.load(o.of.Key, r.read(o, "key", r.b.IntWrap(i, intWidth)))
	return v
}
