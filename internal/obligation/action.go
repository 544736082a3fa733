package obligation

import (
	"fmt"
	"math/big"
	"strings"

	"vigor/internal/diag"
	"vigor/internal/smt"
	"vigor/internal/spec/lower"
	"vigor/internal/symbex"
)

var minusOne = big.NewInt(-1)

// action states that the packet leaves by the devices that the spec says. It reports whether both
// send it, so that its bytes are to be compared.
func (w *world) action(p *symbex.Path, o *lower.Outcome) bool {
	got := w.Out.Devices
	dropped := got.One == nil && got.Mask == nil
	holds := w.sameDevices(p.Builder(), o)
	p.Prove(holds, diag.Claim{Code: diag.ActionDiffers, Span: o.Span, Say: func(value diag.Valuer) string {
		return fmt.Sprintf("NF %s, spec says %s", sends(value, got), w.wanted(value, o))
	}})
	return o.Kind == lower.Send && !dropped && !o.AnyContent
}

// sameDevices is the formula that NF and spec send by the same devices.
func (w *world) sameDevices(b *smt.Builder, o *lower.Outcome) *smt.Term {
	got := w.Out.Devices
	switch {
	case o.Kind == lower.Drop && got.One != nil:
		return b.False()
	case o.Kind == lower.Drop && got.Mask != nil:
		return b.Eq(got.Mask, b.Word(0, 64))
	case o.Kind == lower.Drop:
		return b.True()
	case o.AnyDevice:
		return b.Not(b.Eq(w.mask(b), b.Word(0, 64)))
	case got.One != nil && o.Mask == nil && !o.Broadcast:
		return sameOne(b, got.One, o.Devices)
	}
	return b.Eq(w.mask(b), w.wantedMask(b, o))
}

// sameOne is the formula that every device wanted is the one that was sent to.
func sameOne(b *smt.Builder, got *smt.Term, want []*smt.Term) *smt.Term {
	if len(want) == 0 {
		return b.False()
	}
	parts := make([]*smt.Term, len(want))
	for i, d := range want {
		parts[i] = b.Eq(got, d)
	}
	return b.And(parts...)
}

// mask is the set of devices that the NF sends by.
func (w *world) mask(b *smt.Builder) *smt.Term {
	switch got := w.Out.Devices; {
	case got.One != nil:
		return bit(b, got.One)
	case got.Mask != nil:
		return got.Mask
	}
	return b.Word(0, 64)
}

// wantedMask is the set of devices that the spec wants.
func (w *world) wantedMask(b *smt.Builder, o *lower.Outcome) *smt.Term {
	others := b.BVNot(bit(b, w.Device))
	switch {
	case o.Broadcast:
		return b.BVAnd(all(b, w.run.Inputs.Devices), others)
	case o.Mask != nil:
		return b.BVAnd(o.Mask, others)
	}
	mask := b.Word(0, 64)
	for _, d := range o.Devices {
		mask = b.BVOr(mask, bit(b, d))
	}
	return mask
}

// sends says what the NF does, for messages.
func sends(value diag.Valuer, d lower.DeviceSet) string {
	switch {
	case d.One != nil:
		return fmt.Sprintf("sends to device %s", value(d.One))
	case d.Mask != nil && value(d.Mask).Sign() != 0:
		return "sends to " + deviceList(value(d.Mask))
	}
	return "drops the packet"
}

// wanted says what the spec wants, for messages.
func (w *world) wanted(value diag.Valuer, o *lower.Outcome) string {
	switch {
	case o.Kind == lower.Drop:
		return "DROP"
	case o.AnyDevice:
		return "send it"
	case o.Broadcast:
		return "BROADCAST"
	case o.Mask != nil:
		ingress := uint(value(w.Device).Uint64())
		return deviceList(new(big.Int).SetBit(value(o.Mask), int(ingress), 0))
	}
	var list []string
	for _, d := range o.Devices {
		list = append(list, value(d).String())
	}
	return "device " + strings.Join(list, " and ")
}

// deviceList names the devices of a set.
func deviceList(mask *big.Int) string {
	var list []string
	for d := range mask.BitLen() {
		if mask.Bit(d) == 1 {
			list = append(list, fmt.Sprint(d))
		}
	}
	if len(list) == 0 {
		return "no device"
	}
	return "device " + strings.Join(list, " and ")
}
