package smt

import "slices"

// OCAdd adds terms of 16 bits with end-around carry, as the Internet checksum does (RFC 1071): the
// sum of the arguments as integers, its carries added back until it fits in 16 bits. It is 0 only
// if every argument is 0. Without arguments it is 0.
func (b *Builder) OCAdd(ts ...*Term) *Term {
	var all []*Term
	for _, t := range ts {
		b.need(t, 16)
		if t.op == OpOCAdd {
			all = append(all, t.args...)
		} else if !t.isValue(zero) {
			all = append(all, t)
		}
	}
	slices.SortFunc(all, byID)
	switch len(all) {
	case 0:
		return b.value(zero, 16)
	case 1:
		return all[0]
	}
	return b.node(OpOCAdd, 16, all...)
}
