package prove

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"math/big"
	"strings"
	"sync"
	"sync/atomic"

	"vigor/internal/contract"
	"vigor/internal/prove/finite"
)

// An obligation that is not proved may be false. This file looks for values which show it: with small
// capacities, and so without quantifiers, a solver finds models. What it finds is evaluated before it is
// shown, and whatever it finds, the obligation stays unproved.

// Example is a state, with arguments, in which a claim does not hold although all that the proof knows at its
// place does.
type Example struct {
	Capacity int       `json:"capacity"` // no slice is longer
	Before   []Binding `json:"state"`    // the state at the beginning of the call
	Call     []Binding `json:"call"`     // the arguments
	Now      []Binding `json:"then"`     // what has changed at the place of the claim, with variables and results

	numbers []*big.Int // among the values before the call
	model   *finite.Model
}

// Binding is a name with its value, as shown.
type Binding struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// snapshot is what is known of a place: terms of state, variables and results.
type snapshot struct {
	leaves  map[string]term
	vars    map[string]variable
	results map[string]term
}

// capacities are those that examples are looked for with, in this order.
var capacities = []int{1, 2, 3, 4, 6}

// examine looks for an example, and says in a few words why there is none.
func (w *world) examine(ctx context.Context, c Config, prelude string, o *Obligation) (x *Example, none string) {
	ctx, cancel := context.WithTimeout(ctx, c.Examples)
	defer cancel()
	defer func() {
		if e := recover(); e != nil { // what is not proved must be reported all the same
			x, none = nil, fmt.Sprintf("none: a fault of the search, which should be reported: %v", e)
		}
	}()
	script, err := finite.Parse(prelude + strings.Join(o.facts.lines(), "\n") + "\n(assert (not " + o.goal.text + "))\n")
	if err != nil {
		return nil, "the question cannot be bounded: " + err.Error()
	}
	open, spurious := false, false
	for _, n := range capacities {
		for _, small := range []bool{true, false} {
			m, err := model(ctx, c.Solvers[0], c.Examples, script, o.bound(script, n, small))
			switch {
			case ctx.Err() != nil:
				return nil, fmt.Sprintf("none found in %v", c.Examples)
			case errors.Is(err, finite.ErrFalse):
				spurious = true
			case err != nil:
				open = true
			case m != nil:
				if x, err := o.example(m, n); err == nil {
					return x, ""
				}
				open = true
			}
		}
	}
	most := capacities[len(capacities)-1]
	switch {
	case spurious:
		return nil, fmt.Sprintf("none found with capacities up to %d; what a solver proposed does not hold when it is evaluated", most)
	case open:
		return nil, fmt.Sprintf("none found with capacities up to %d; not every case could be decided", most)
	}
	return nil, fmt.Sprintf("none with capacities up to %d", most)
}

// bound is what examples of a capacity must meet.
func (o *Obligation) bound(s *finite.Script, n int, small bool) finite.Bound {
	b := finite.Bound{Capacity: n, Small: small, Limited: s.Capacities()}
	numbers, arrays := s.Constants()
	for _, name := range numbers {
		if base, _, _ := strings.Cut(name, "!"); strings.HasSuffix(base, ".len") {
			b.Limited = append(b.Limited, name)
		}
	}
	ranges := o.in.elementRanges()
	for _, name := range arrays {
		base, _, _ := strings.Cut(name, "!")
		if r, ok := ranges[base]; ok {
			b.Ranges = append(b.Ranges, finite.Range{Array: name, Low: r[0], High: r[1]})
		}
	}
	return b
}

// elementRanges are the ranges of the elements of slices, by the name that their arrays begin with.
func (r *run) elementRanges() map[string][2]*big.Int {
	list := map[string][2]*big.Int{}
	if r.of == nil {
		return list
	}
	for _, f := range r.of.fields {
		slice, ok := sliceOf(f.typ)
		if !ok {
			continue
		}
		if low, high, ok := bounds(slice.Elem()); ok {
			list[f.name] = [2]*big.Int{low, high}
		}
		for _, part := range structFields(slice.Elem()) {
			if low, high, ok := bounds(part.typ); ok {
				list[f.name+"."+part.name] = [2]*big.Int{low, high}
			}
		}
	}
	return list
}

// example shows the values of a model.
func (o *Obligation) example(m *finite.Model, n int) (*Example, error) {
	x := &Example{Capacity: n, model: m}
	d := display{m: m, r: o.in, most: n}
	if o.in.f.op == nil || !o.in.f.op.Constructor {
		d.state(o.in.entry.leaves, nil, &x.Before)
	}
	d.values(o.in.args, &x.Call)
	x.numbers = d.numbers
	d.state(o.at.leaves, o.in.entry.leaves, &x.Now)
	vars := map[string]term{}
	for name, v := range o.at.vars {
		if v.object != lemmaParameter && !strings.HasPrefix(name, "range ") && o.in.args[name] != v.term {
			vars[name] = v.term
		}
	}
	for name := range o.at.results {
		delete(vars, name)
	}
	d.values(vars, &x.Now)
	d.values(o.at.results, &x.Now)
	return x, d.err
}

// display writes values of a model.
type display struct {
	m    *finite.Model
	r    *run
	most int
	err  error

	numbers []*big.Int // that were shown
}

func (d *display) eval(t term) finite.Value {
	v, err := d.m.Eval(t.text)
	if n, ok := v.(*big.Int); ok {
		d.numbers = append(d.numbers, n)
	}
	if err != nil && d.err == nil {
		d.err = err
	}
	return v
}

// state shows leaves, and if there are others only what differs from them.
func (d *display) state(leaves, before map[string]term, list *[]Binding) {
	for _, name := range sorted(leaves) {
		if strings.HasSuffix(name, "#len") && leaves[strings.TrimSuffix(name, "#len")].text != "" {
			continue // seen from the elements
		}
		text := d.leaf(leaves, name)
		if before != nil && before[name].text != "" && d.leaf(before, name) == text {
			continue
		}
		*list = append(*list, Binding{strings.ReplaceAll(name, "#len", " (length)"), text})
	}
}

// leaf shows one piece of state: a slice as far as it reaches, a map where it means something.
func (d *display) leaf(leaves map[string]term, name string) string {
	v := d.eval(leaves[name])
	a, ok := v.(*finite.Array)
	if !ok {
		return show(v)
	}
	slice, _, _ := strings.Cut(name, ".")
	for _, s := range []string{name, slice} {
		if length, ok := leaves[s+"#len"]; ok {
			n, _ := d.eval(length).(*big.Int)
			return d.elements(a, n)
		}
	}
	return d.mapping(a, leaves[name].sort, d.domain(leaves, name))
}

// elements shows an array from 0 to a length.
func (d *display) elements(a *finite.Array, n *big.Int) string {
	var list []string
	for i := int64(0); n != nil && i < n.Int64() && i < 64; i++ {
		v, ok := a.At(big.NewInt(i))
		if !ok {
			return "?"
		}
		list = append(list, show(v))
	}
	return "[" + strings.Join(list, " ") + "]"
}

// mapping shows a map: for bools the indices that have it, else the values where domain is true.
func (d *display) mapping(a *finite.Array, sort string, domain *finite.Array) string {
	index, value := arraySorts(sort)
	var list []string
	for _, i := range d.m.Domain(index) {
		v, ok := a.At(i)
		if !ok {
			continue
		}
		if value == "Bool" {
			if v == true {
				list = append(list, show(i))
			}
			continue
		}
		n, number := i.(*big.Int)
		if domain != nil {
			if in, _ := domain.At(i); in != true {
				continue
			}
		} else if number && (n.Sign() < 0 || n.Cmp(big.NewInt(int64(d.most))) >= 0) {
			continue
		}
		list = append(list, show(i)+": "+show(v))
	}
	return "{" + strings.Join(list, ", ") + "}"
}

// domain is the map that says where another one has a meaning; nil if there is none.
func (d *display) domain(leaves map[string]term, name string) *finite.Array {
	of, prefix := d.r.of, ""
	if root, rest, ok := strings.Cut(name, "."); ok && of != nil {
		if f, ok := of.field(root); ok && d.r.w.component(f.typ) != nil {
			of, prefix, name = d.r.w.component(f.typ), root+".", rest
		}
	}
	if of == nil || of.contract == nil {
		return nil
	}
	var g *contract.Ghost
	if g = of.contract.Ghost(name); g == nil || g.On == nil {
		return nil
	}
	t, ok := leaves[prefix+g.On.Name]
	if !ok {
		return nil
	}
	a, _ := d.eval(t).(*finite.Array)
	return a
}

// values shows variables in the order of their names. Slices that are parameters have a length.
func (d *display) values(vars map[string]term, list *[]Binding) {
	all := maps.Clone(vars)
	for _, name := range sorted(vars) {
		if strings.HasSuffix(name, "#len") && (all[strings.TrimSuffix(name, "#len")].text != "") {
			continue
		}
		*list = append(*list, Binding{strings.ReplaceAll(name, "#len", " (length)"), d.leaf(all, name)})
		t := vars[name]
		for _, f := range d.r.w.parts[t.sort] {
			part, _ := d.r.w.part(t, f.name)
			*list = append(*list, Binding{name + "." + f.name, show(d.eval(part))})
		}
	}
}

func show(v finite.Value) string {
	if v == nil {
		return "?"
	}
	if _, ok := v.(*finite.Array); ok {
		return "a map"
	}
	return fmt.Sprint(v)
}

// examples looks for an example of each failure.
func (w *world) examples(ctx context.Context, c Config, report *Report) {
	prelude, problem := w.preludeText(true)
	slots := make(chan struct{}, max(c.Jobs, 1))
	var wait sync.WaitGroup
	var done atomic.Int64
	total := 0
	for _, f := range report.Functions {
		total += len(f.Failed)
	}
	for i := range report.Functions {
		for n := range report.Functions[i].Failed {
			x := &report.Functions[i].Failed[n]
			switch {
			case x.probe:
				continue
			case problem != nil:
				x.None = "none: " + problem.Message
				continue
			case x.in == nil:
				continue
			}
			slots <- struct{}{}
			wait.Go(func() {
				defer func() { <-slots }()
				x.Example, x.None = w.examine(ctx, c, prelude, &x.Obligation)
				if n := int(done.Add(1)); c.Searched != nil {
					c.Searched(n, total)
				}
			})
		}
	}
	wait.Wait()
	if problem == nil {
		w.reach(ctx, c, prelude, report)
	}
}

// writeExample prints what shows that a claim is false.
func (x *Failure) writeExample(out io.Writer) {
	defer func() {
		if x.Reached != "" {
			fmt.Fprintf(out, "    reached   %s\n", x.Reached)
		}
	}()
	if x.Example == nil {
		if x.None != "" {
			fmt.Fprintf(out, "    example   %s\n", x.None)
		}
		return
	}
	write := func(label string, list []Binding) {
		if len(list) == 0 {
			return
		}
		var parts []string
		for _, b := range list {
			parts = append(parts, b.Name+" = "+b.Value)
		}
		fmt.Fprintf(out, "    %-9s %s\n", label, strings.Join(parts, ", "))
	}
	write("state", x.Example.Before)
	write("call", x.Example.Call)
	write("then", x.Example.Now)
}
