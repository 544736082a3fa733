package prove

import (
	"context"
	"fmt"
	"go/types"
	"maps"
	"math/big"
	"slices"
	"strconv"
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
			if x := &f.Failed[n]; f.Type != "" && x.in != nil && !x.probe {
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
	if c.Run {
		m.confirm(ctx, c, report)
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
	calls []step
}

// step is a call with what became of it.
type step struct {
	f              *function
	shown, code    string // the call, for readers and in Go
	results, state string // as Go prints them; empty if they are not known
	panics         bool
}

// shownCalls writes calls.
func shownCalls(calls []step) []string {
	var list []string
	for _, c := range calls {
		list = append(list, c.shown)
	}
	return list
}

func shown(calls []step) string { return strings.Join(shownCalls(calls), "; ") }

// choice is a value of a parameter.
type choice struct {
	values      map[string]finite.Value // by the names that formulas have for it
	shown, code string
}

// run tries sequences until each failure is reached, or there is no time.
func (s *search) run(ctx context.Context, limit time.Duration, failures []*Failure) {
	defer func() {
		if e := recover(); e != nil { // what is not proved must be reported all the same
			s.trouble = fmt.Sprintf("a fault of the search, which should be reported: %v", e)
			s.conclude(false)
		}
	}()
	s.deadline = time.Now().Add(limit)
	s.pool(failures)
	for _, x := range failures {
		key := x.keyOf()
		s.open[key] = append(s.open[key], x)
	}
	states := s.start()
	for s.depth = 1; s.depth < mostCalls && len(states) > 0 && len(s.open) > 0; s.depth++ {
		var next []reached
		for _, from := range states {
			next = append(next, s.after(from)...)
			if time.Now().After(s.deadline) || ctx.Err() != nil {
				s.conclude(false)
				return
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

// start makes objects.
func (s *search) start() []reached {
	var states []reached
	for _, f := range s.m.w.order {
		if f.op != nil && f.op.Constructor && f.op.Type == s.of.contract {
			states = append(states, s.try(f, reached{})...)
		}
	}
	return states
}

// after makes every call on an object.
func (s *search) after(from reached) []reached {
	var states []reached
	for _, f := range s.m.w.order {
		if f.of == s.of && f.op != nil && s.useful(f) {
			states = append(states, s.try(f, from)...)
		}
	}
	return states
}

// useful reports whether calling an operation can show anything: it changes the state, or may fail itself.
func (s *search) useful(f *function) bool {
	if f.trusted || f.warms {
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
	for _, list := range s.open {
		for _, x := range list {
			x.Reached = text + s.reason(x)
			if s.trouble != "" {
				x.Reached = "not known: " + s.trouble
			}
		}
	}
}

// reason is what it may mean that a failure is not reached.
func (s *search) reason(x *Failure) string {
	switch {
	case s.failed:
		return ", which end where the first claim fails"
	case x.Example == nil || x.in.constructor():
		return ""
	}
	return ": " + s.m.weak(x)
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
	s.arguments(f, nil, func(chosen []choice) {
		if len(s.open) == 0 || time.Now().After(s.deadline) {
			return
		}
		args := map[string]finite.Value{}
		var list, code []string
		for _, c := range chosen {
			maps.Copy(args, c.values)
			list, code = append(list, c.shown), append(code, c.code)
		}
		ok, err := s.m.permitted(f, from.o, args)
		if err != nil {
			s.trouble = err.Error()
			return
		}
		if !ok {
			return
		}
		now := step{f: f, shown: f.decl.Name.Name + "(" + strings.Join(list, ", ") + ")", code: "(" + strings.Join(code, ", ") + ")"}
		made, results, ok, err := s.m.call(f, from.o.clone(), args)
		switch {
		case err != nil:
			s.trouble = err.Error()
		case !ok:
			now.results, now.state, now.panics = s.m.outcome()
			s.found(append(from.calls[:len(from.calls):len(from.calls)], now))
		default:
			if key := made.text(); !s.seen[key] {
				s.seen[key] = true
				now.results, now.state = s.m.goValues(results), s.m.goState(made)
				next = append(next, reached{made, append(from.calls[:len(from.calls):len(from.calls)], now)})
			}
		}
	})
	return next
}

// found notes the calls of every failure that has just been seen.
func (s *search) found(calls []step) {
	s.failed = true
	for _, v := range s.m.violations {
		for _, x := range s.open[v] {
			x.Reached = shown(calls) + ": a fault of the code, or of the contract"
			x.calls = calls
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

// arguments chooses values for the parameters that have none yet.
func (s *search) arguments(f *function, chosen []choice, do func([]choice)) {
	params := f.object.Signature().Params()
	if len(chosen) == params.Len() {
		do(chosen)
		return
	}
	p := params.At(len(chosen))
	for _, c := range s.choices(p.Name(), p.Type()) {
		s.arguments(f, append(chosen[:len(chosen):len(chosen)], c), do)
	}
}

// choices are the values of a parameter to call with.
func (s *search) choices(name string, t types.Type) []choice {
	one := func(v finite.Value, code string) choice {
		return choice{map[string]finite.Value{name: v}, show(v), code}
	}
	var list []choice
	switch u := types.Unalias(t).Underlying().(type) {
	case *types.Basic:
		if u.Info()&types.IsBoolean != 0 {
			return []choice{one(false, "false"), one(true, "true")}
		}
		low, high, ok := bounds(t)
		for _, n := range s.numbers {
			if ok && low.Cmp(n) <= 0 && n.Cmp(high) <= 0 {
				list = append(list, one(n, n.String()))
			}
		}
	case *types.Slice:
		list = s.m.slices(name, t, u)
	case *types.Struct, *types.Array:
		list = append(list, one(s.m.zero(t), "*new("+s.m.w.goType(t)+")"))
	}
	if p, ok := types.Unalias(t).(*types.TypeParam); ok {
		for i, e := range s.m.bound.Elements(p.Obj().Name())[:3] {
			list = append(list, one(e, strconv.Itoa(i)))
		}
	}
	if list == nil {
		s.trouble = "arguments of type " + t.String() + " are not tried"
	}
	return list
}

// slices are lists of up to two elements, whose parts are all 0, or all 1, or 0, 1, 2 and so on.
func (m *machine) slices(name string, t types.Type, u *types.Slice) []choice {
	var list []choice
	for _, elements := range [][]int64{{}, {0}, {1}, {2}, {0, 1}, {1, 0}} {
		c := choice{values: map[string]finite.Value{name + "#len": big.NewInt(int64(len(elements)))}}
		fields := structFields(u.Elem())
		parts := fields
		if len(fields) == 0 {
			parts = []field{{"", u.Elem()}}
		}
		var code []string
		for range elements {
			code = append(code, "")
		}
		for part, p := range parts {
			key := strings.TrimSuffix(name+"."+p.name, ".")
			a := m.script.Values(m.bound, nil).Const("Int", m.zero(p.typ))
			for i, n := range elements {
				if n == 2 {
					n = int64(part)
				}
				v, text := finite.Value(big.NewInt(n)), strconv.FormatInt(n, 10)
				if _, _, number := bounds(p.typ); !number {
					b, ok := p.typ.Underlying().(*types.Basic)
					if !ok || b.Info()&types.IsBoolean == 0 {
						return nil
					}
					v, text = n == 1, strconv.FormatBool(n == 1)
				}
				a = a.Set(big.NewInt(int64(i)), v)
				code[i] = strings.TrimPrefix(code[i]+", "+text, ", ")
			}
			c.values[key] = a
		}
		if len(fields) > 0 {
			for i := range code {
				code[i] = "{" + code[i] + "}"
			}
		}
		c.shown = "[" + strings.Join(code, " ") + "]"
		c.code = m.w.goType(t) + "{" + strings.Join(code, ", ") + "}"
		list = append(list, c)
	}
	return list
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
