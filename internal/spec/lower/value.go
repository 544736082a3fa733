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

// value is what an expression evaluates to: boolean, smt.Int, address, tuple, record, devices, or
// one of the things that are no values.
type value any

type boolean struct{ term *smt.Term }

// address is a mac (48 bits) or ip4 (32 bits).
type address struct{ term *smt.Term }

type tuple []value

type record struct {
	of     *resolve.RecordOf
	fields []value
}

// devices is a set of devices.
type devices struct{ set DeviceSet }

// network is the value of net4("…").
type network struct {
	base *big.Int
	bits int
}

type packet resolve.View

type header struct {
	of   *resolve.HeaderOf
	view resolve.View
}

type object struct {
	of   *resolve.Object
	view resolve.View
}

type indices struct{ object }

// list is a list of the configuration.
type list struct{ of *resolve.ConfigValue }

type output struct{}

// flags is pkt.tcp.flags of a script; flow is its pkt.flow.
type flags struct{ view resolve.View }

type flow struct{ view resolve.View }

// flagName is the left side of `SYN in pkt.tcp.flags`.
type flagName string

type nothing struct{}

// elements gives the parts of a tuple or record.
func elements(v value) []value {
	switch v := v.(type) {
	case tuple:
		return v
	case record:
		return v.fields
	}
	return nil
}

// equal is `v == w`.
func (r *run) equal(v, w value) *smt.Term {
	switch v := v.(type) {
	case boolean:
		return r.b.Eq(v.term, w.(boolean).term)
	case smt.Int:
		return r.b.IntEq(v, w.(smt.Int))
	case address:
		return r.b.Eq(v.term, w.(address).term)
	case devices:
		return r.b.Eq(r.mask(v.set), r.mask(w.(devices).set))
	}
	all := r.b.True()
	other := elements(w)
	for i, e := range elements(v) {
		all = r.b.And(all, r.equal(e, other[i]))
	}
	return all
}

// less is `v < w`; tuples and records are ordered by their first difference.
func (r *run) less(v, w value) *smt.Term {
	switch v := v.(type) {
	case smt.Int:
		return r.b.IntLess(v, w.(smt.Int))
	case address:
		return r.b.BVULt(v.term, w.(address).term)
	}
	a, c := elements(v), elements(w)
	result := r.b.False()
	for i := len(a) - 1; i >= 0; i-- {
		result = r.b.Or(r.less(a[i], c[i]), r.b.And(r.equal(a[i], c[i]), result))
	}
	return result
}

// choose is v if c, else w.
func (r *run) choose(c *smt.Term, v, w value) value {
	switch v := v.(type) {
	case boolean:
		return boolean{r.b.Ite(c, v.term, w.(boolean).term)}
	case smt.Int:
		return r.b.IntIte(c, v, w.(smt.Int))
	case address:
		return address{r.b.Ite(c, v.term, w.(address).term)}
	case devices:
		return devices{DeviceSet{Mask: r.b.Ite(c, r.mask(v.set), r.mask(w.(devices).set))}}
	case header, packet:
		return v // resolve has seen that both sides have the same
	}
	var list []value
	other := elements(w)
	for i, e := range elements(v) {
		list = append(list, r.choose(c, e, other[i]))
	}
	if rec, ok := v.(record); ok {
		if _, both := w.(record); both {
			return record{rec.of, list}
		}
	}
	return tuple(list)
}

// store turns a value into leaves of type t; what does not fit is an obligation about x, what it is
// written as, and place.
func (r *run) store(t *resolve.Type, v value, x syntax.Expr, place string) []*smt.Term {
	switch t.Kind {
	case resolve.Bool:
		return []*smt.Term{v.(boolean).term}
	case resolve.Int:
		return []*smt.Term{r.fit(t, v.(smt.Int), x, place)}
	case resolve.IP4:
		return []*smt.Term{v.(address).term}
	case resolve.Set:
		return []*smt.Term{r.mask(v.(devices).set)}
	case resolve.MAC:
		var leaves []*smt.Term
		for i := range 6 {
			leaves = append(leaves, r.b.Extract(v.(address).term, 47-8*i, 40-8*i))
		}
		return leaves
	}
	if key, ok := v.(flow); ok {
		v = r.flowRecord(key, t)
	}
	var leaves []*smt.Term
	list, _ := x.(*syntax.Tuple)
	for i, e := range elements(v) {
		part, at := t.Parts()[i], x
		if list != nil && i < len(list.Elems) {
			at = list.Elems[i]
		}
		leaves = append(leaves, r.store(part, e, at, place)...)
	}
	return leaves
}

// fit proves that i is in the range of t and cuts it to its width.
func (r *run) fit(t *resolve.Type, i smt.Int, x syntax.Expr, place string) *smt.Term {
	lo, hi := t.Bounds()
	text, operands, sign := r.text(x), r.operands(x), ""
	if t.Signed {
		sign = " with sign"
	}
	say := func(val diag.Valuer) string {
		return fmt.Sprintf("%s may be %s%s; %s has %d bits%s", text, showInt(i, val), operands(val), place, t.Width, sign)
	}
	r.prove(r.b.IntFits(i, lo, hi), r.claim(diag.DoesNotFit, x.Span(), say, ""))
	return r.b.IntWrap(i, t.Width)
}

// load turns leaves of type t into a value and returns the leaves left over.
func (r *run) load(t *resolve.Type, leaves []*smt.Term) (value, []*smt.Term) {
	switch t.Kind {
	case resolve.Bool:
		return boolean{leaves[0]}, leaves[1:]
	case resolve.Int:
		leaf := r.p.Simplify(leaves[0])
		if t.Signed {
			return r.b.IntSigned(leaf), leaves[1:]
		}
		return r.b.IntUnsigned(leaf), leaves[1:]
	case resolve.IP4:
		return address{leaves[0]}, leaves[1:]
	case resolve.Set:
		return devices{DeviceSet{Mask: leaves[0]}}, leaves[1:]
	case resolve.MAC:
		whole := leaves[0]
		for _, octet := range leaves[1:6] {
			whole = r.b.Concat(whole, octet)
		}
		return address{whole}, leaves[6:]
	}
	var list []value
	for _, part := range t.Parts() {
		var v value
		v, leaves = r.load(part, leaves)
		list = append(list, v)
	}
	if t.Kind == resolve.Record {
		return record{t.Record, list}, leaves
	}
	return tuple(list), leaves
}

// mask is the set as one bit per device.
func (r *run) mask(s DeviceSet) *smt.Term {
	switch {
	case s.One != nil:
		return r.b.BVShl(r.b.Word(1, 64), r.b.ZeroExtend(s.One, 64))
	case s.Mask != nil:
		return s.Mask
	}
	return r.b.Word(0, 64)
}

// has is `d in s`.
func (r *run) has(s DeviceSet, d smt.Int) *smt.Term {
	switch {
	case s.One != nil:
		return r.b.IntEq(d, r.b.IntUnsigned(s.One))
	case s.Mask == nil:
		return r.b.False()
	}
	inRange := r.b.IntFits(d, new(big.Int), big.NewInt(63))
	bit := r.b.Extract(r.b.BVLShr(s.Mask, r.b.IntWrap(d, 64)), 0, 0)
	return r.b.And(inRange, r.b.Eq(bit, r.b.Word(1, 1)))
}

// empty tells whether the set has no device.
func (r *run) empty(s DeviceSet) *smt.Term {
	switch {
	case s.One != nil:
		return r.b.False()
	case s.Mask == nil:
		return r.b.True()
	}
	return r.b.Eq(s.Mask, r.b.Word(0, 64))
}

func (r *run) claim(code diag.Code, at source.Span, say func(diag.Valuer) string, hint string) diag.Claim {
	return diag.Claim{Code: code, Span: at, Say: say, Hint: hint}
}

func (r *run) text(x syntax.Expr) string { return resolve.Text(r.frame.text, x.Span()) }
