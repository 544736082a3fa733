package prove

import (
	"context"
	"fmt"
	"go/types"
	"math/big"
	"slices"
	"strings"
	"time"

	"vigor/internal/prove/finite"
)

// An example starts from a state that the invariants allow. Whether any calls lead to a state in which the claim
// fails is found by trying: all sequences that begin with a constructor, shorter ones first, with few values for
// each argument, run by a machine.

// mostCalls bounds the length of a sequence.
const mostCalls = 5

// reach looks, for each type with failures, for calls that show them.
func (w *world) reach(ctx context.Context, c Config, prelude string, report *Report) {
	m, err := newMachine(w, prelude)
	if err != nil {
		return
	}
	byType := map[string][]*Failure{}
	for i := range report.Functions {
		f := &report.Functions[i]
		for n := range f.Failed {
			if x := &f.Failed[n]; f.Type != "" && x.text == "" && !x.probe {
				byType[f.Type] = append(byType[f.Type], x)
			}
		}
	}
	for _, name := range sorted(byType) {
		if t := w.types[name]; t != nil && t.contract != nil {
			s := &search{m: m, of: t, open: map[violation][]*Failure{}, seen: map[string]bool{}}
			s.run(ctx, c.Examples, byType[name])
		}
	}
}

// search tries the calls of one type.
type search struct {
	m        *machine
	of       *structure
	open     map[violation][]*Failure
	seen     map[string]bool // states
	numbers  []*big.Int
	deadline time.Time
	depth    int    // of the sequences that have all been tried
	failed   bool   // in one of them some claim failed
	trouble  string // why some were not tried
}

// reached is a state with the calls that lead to it.
type reached struct {
	o     *object
	calls []string
}

// run tries sequences until each failure is reached, or there is no time.
func (s *search) run(ctx context.Context, limit time.Duration, failures []*Failure) {
	s.deadline = time.Now().Add(limit)
	s.pool(failures)
	for _, x := range failures {
		key := x.keyOf()
		s.open[key] = append(s.open[key], x)
	}
	var states []reached
	for _, f := range s.m.w.order {
		if f.op != nil && f.op.Constructor && f.op.Type == s.of.contract {
			states = append(states, s.try(f, reached{})...)
		}
	}
	for s.depth = 1; s.depth < mostCalls && len(states) > 0 && len(s.open) > 0; s.depth++ {
		var next []reached
		for _, from := range states {
			for _, f := range s.m.w.order {
				if f.of == s.of && f.op != nil && len(s.open) > 0 && s.useful(f) {
					next = append(next, s.try(f, from)...)
				}
				if time.Now().After(s.deadline) || ctx.Err() != nil {
					s.conclude(false)
					return
				}
			}
		}
		states = next
	}
	if len(states) == 0 && s.trouble == "" {
		s.conclude(true)
		return
	}
	s.conclude(false)
}

// useful reports whether calling an operation can show anything: it changes the state, or may fail itself.
func (s *search) useful(f *function) bool {
	if f.trusted {
		return false
	}
	if changes(f.op) {
		return true
	}
	for v := range s.open {
		if g := s.m.w.functions[v.owner]; v.owner == f.owner || g == nil || g.op == nil {
			return true
		}
	}
	return false
}

// conclude says of what was not reached how far the search went.
func (s *search) conclude(exhausted bool) {
	text := fmt.Sprintf("by none of the sequences of up to %d calls that were run", s.depth)
	if exhausted {
		text = "by none of the sequences that were run, until no call led to a new state"
	}
	switch {
	case s.trouble != "":
		text = "not known: " + s.trouble
	case s.failed:
		text += ", which end where the first claim fails"
	default:
		text += ": the invariant may be too weak"
	}
	for _, list := range s.open {
		for _, x := range list {
			x.Reached = text
		}
	}
}

// pool collects the numbers to call with: small ones, and those of the examples.
func (s *search) pool(failures []*Failure) {
	for _, n := range []int64{0, 1, 2, 3, -1} {
		s.numbers = append(s.numbers, big.NewInt(n))
	}
	for _, x := range failures {
		if x.Example == nil {
			continue
		}
		for _, n := range x.Example.numbers {
			if len(s.numbers) < 8 && !slices.ContainsFunc(s.numbers, func(k *big.Int) bool { return k.Cmp(n) == 0 }) {
				s.numbers = append(s.numbers, n)
			}
		}
	}
}

// try calls a function on a state with every choice of arguments that its preconditions allow, and returns the
// new states.
func (s *search) try(f *function, from reached) []reached {
	var next []reached
	s.arguments(f, 0, map[string]finite.Value{}, nil, func(args map[string]finite.Value, shown []string) {
		if len(s.open) == 0 || time.Now().After(s.deadline) {
			return
		}
		ok, err := s.m.permitted(f, from.o, args)
		if err != nil {
			s.trouble = err.Error()
			return
		}
		if !ok {
			return
		}
		calls := append(append([]string{}, from.calls...), f.decl.Name.Name+"("+strings.Join(shown, ", ")+")")
		o := from.o.clone()
		made, _, ok, err := s.m.call(f, o, args)
		switch {
		case err != nil:
			s.trouble = err.Error()
		case !ok:
			s.found(calls)
		default:
			if key := made.text(); !s.seen[key] {
				s.seen[key] = true
				next = append(next, reached{made, calls})
			}
		}
	})
	return next
}

// found notes the calls of every failure that has just been seen.
func (s *search) found(calls []string) {
	s.failed = true
	for _, v := range s.m.violations {
		for _, x := range s.open[v] {
			x.Reached = strings.Join(calls, "; ") + ": a fault of the code, or of the contract"
		}
		delete(s.open, v)
	}
}

// permitted reports whether the preconditions of a call hold.
func (m *machine) permitted(f *function, this *object, args map[string]finite.Value) (ok bool, err error) {
	defer func() {
		switch e := recover().(type) {
		case nil:
		case refusal:
			err = fmt.Errorf("%w: %s", errStopped, e.Message)
		case gaveUp:
			err = e.error
		default:
			panic(e)
		}
	}()
	return m.enter(f, this, args).allowed(), nil
}

// arguments chooses values for the parameters from one on.
func (s *search) arguments(f *function, i int, args map[string]finite.Value, shown []string, do func(map[string]finite.Value, []string)) {
	params := f.object.Signature().Params()
	if i == params.Len() {
		do(args, shown)
		return
	}
	p := params.At(i)
	for _, v := range s.choices(p.Type()) {
		next := map[string]finite.Value{p.Name(): v}
		for k, x := range args {
			next[k] = x
		}
		s.arguments(f, i+1, next, append(shown[:len(shown):len(shown)], show(v)), do)
	}
}

// choices are the values of a type to call with.
func (s *search) choices(t types.Type) []finite.Value {
	if low, high, ok := bounds(t); ok {
		var list []finite.Value
		for _, n := range s.numbers {
			if low.Cmp(n) <= 0 && n.Cmp(high) <= 0 {
				list = append(list, n)
			}
		}
		return list
	}
	if b, ok := t.Underlying().(*types.Basic); ok && b.Info()&types.IsBoolean != 0 {
		return []finite.Value{false, true}
	}
	if _, ok := types.Unalias(t).(*types.TypeParam); ok {
		var list []finite.Value
		for _, e := range machineBound.Elements(types.Unalias(t).(*types.TypeParam).Obj().Name())[:3] {
			list = append(list, e)
		}
		return list
	}
	switch t.Underlying().(type) {
	case *types.Struct, *types.Array:
		return []finite.Value{machineBound.Elements("S")[0]}
	}
	s.trouble = "arguments of type " + t.String() + " are not tried"
	return nil
}

// text is the state as a key.
func (o *object) text() string {
	var b strings.Builder
	for _, name := range sorted(o.leaves) {
		v := o.leaves[name]
		if a, ok := v.(*finite.Array); ok {
			fmt.Fprintf(&b, "%s=%s ", name, a.Text())
		} else {
			fmt.Fprintf(&b, "%s=%v ", name, v)
		}
	}
	for _, name := range sorted(o.parts) {
		fmt.Fprintf(&b, "%s{%s}", name, o.parts[name].text())
	}
	return b.String()
}
