package prove

import (
	"fmt"
	"go/token"
	"go/types"
	"regexp"
	"slices"
	"strings"

	"vigor/internal/contract"
)

// prelude is the text that every question of the package starts with: sorts, functions, and the facts
// about bits, which are proved apart.
func (w *world) prelude() (text string, problem *Problem) { return w.preludeText(false) }

// preludeText is the prelude, or an exact one in which every function has the meaning that its definition or
// its Go body gives it, so that facts proved of it are of no use.
func (w *world) preludeText(exact bool) (text string, problem *Problem) {
	var none []Obligation
	defer caught(&none, &problem)
	var b strings.Builder
	b.WriteString("(declare-fun band (Int Int) Int)\n")
	r := &run{w: w, f: &function{}, args: map[string]term{}}
	empty := &state{vars: map[string]variable{}, leaves: map[string]term{}}
	for _, d := range w.lemmas {
		if d.Result != "" {
			r.functionsAbove(d, d.Body)
			b.WriteString(w.definitionText(d, env{r: r, st: empty, pos: d.Pos, closed: true}, exact))
		}
	}
	for _, f := range w.order {
		if f.of == nil && (f.bits || f.trusted) && f.object.Signature().Results().Len() == 1 {
			params, result := w.signature(f.owner, w.position(f.decl))
			if exact && f.bits {
				b.WriteString(w.exactText(f))
				continue
			}
			fmt.Fprintf(&b, "(declare-fun f_%s (%s) %s)\n", f.owner, strings.Join(params, " "), result)
		}
	}
	for _, f := range w.order {
		if f.of == nil && (f.bits && !exact || f.trusted) && f.object.Signature().Results().Len() == 1 {
			b.WriteString(w.functionFact(f, env{r: r, st: empty, pos: w.position(f.decl), closed: true}))
		}
	}
	for _, d := range w.lemmas {
		if d.Word == "bits lemma" && len(d.Triggers) > 0 && !exact {
			b.WriteString(w.bitsFact(d, env{r: r, st: empty, pos: d.Pos, closed: true}))
		}
	}
	return w.sorts(b.String()) + b.String(), nil
}

// definitionText declares a pure function. A recursive or opaque one has no definition here: proofs
// unfold it.
func (w *world) definitionText(d *contract.Definition, e env, exact bool) string {
	var params, sorts []string
	names := map[string]term{}
	for _, p := range d.Params {
		sort := sortName(p.Type, d.Pos)
		names[p.Name] = term{boundName(p.Name), sort}
		params = append(params, "("+boundName(p.Name)+" "+sort+")")
		sorts = append(sorts, sort)
	}
	result := sortName(d.Result, d.Pos)
	switch recursive := calls(d.Body, d.Name); {
	case exact && recursive:
		return fmt.Sprintf("(define-fun-rec f_%s (%s) %s %s)\n", d.Name, strings.Join(params, " "), result, e.with(names).tree(d.Body).text)
	case !exact && (d.Word == "opaque" || recursive):
		return fmt.Sprintf("(declare-fun f_%s (%s) %s)\n", d.Name, strings.Join(sorts, " "), result)
	}
	return fmt.Sprintf("(define-fun f_%s (%s) %s %s)\n", d.Name, strings.Join(params, " "), result, e.with(names).tree(d.Body).text)
}

// functionFact says what is known of a Go function that is marked bits or trusted.
func (w *world) functionFact(f *function, e env) string {
	sig := f.object.Signature()
	names := map[string]term{}
	var vars []string
	var args, needs, gives []term
	for i := range sig.Params().Len() {
		p := sig.Params().At(i)
		t := term{fmt.Sprintf("a!%d", i), w.sortOf(p.Type(), e.pos)}
		names[p.Name()] = t
		vars = append(vars, "("+t.text+" "+t.sort+")")
		args = append(args, t)
		if _, pointer := p.Type().(*types.Pointer); !pointer {
			needs = append(needs, within(t, p.Type()))
		}
	}
	call := term{"f_" + f.owner, w.sortOf(sig.Results().At(0).Type(), e.pos)}
	if len(args) > 0 {
		call = apply(call.sort, call.text, args...)
	}
	result := sig.Results().At(0)
	if names[result.Name()] = call; result.Name() == "" {
		names["result"] = call
	}
	gives = append(gives, within(call, result.Type()))
	inner := e.with(names)
	for _, l := range f.trees("requires") {
		needs = append(needs, inner.tree(l.Tree))
	}
	for _, l := range f.trees("ensures") {
		gives = append(gives, inner.tree(l.Tree))
	}
	body := boolean("=>", conjunction(needs), conjunction(gives))
	if len(args) == 0 {
		return "(assert " + body.text + ")\n"
	}
	return fmt.Sprintf("(assert (forall (%s) (! %s :pattern (%s))))\n", strings.Join(vars, " "), body.text, call.text)
}

// bitsFact is a bits lemma with triggers on integers, for values in the ranges of its parameters. One
// without triggers is called where it is needed.
func (w *world) bitsFact(d *contract.Definition, e env) string {
	names := map[string]term{}
	var vars []string
	var needs, gives []term
	for _, p := range d.Params {
		t := term{boundName(p.Name), "Int"}
		names[p.Name] = t
		vars = append(vars, "("+t.text+" Int)")
		if o, ok := types.Universe.Lookup(p.Type).(*types.TypeName); ok {
			needs = append(needs, within(t, o.Type()))
		}
	}
	inner := e.with(names)
	for _, q := range d.Requires {
		needs = append(needs, inner.tree(q))
	}
	for _, q := range d.Ensures {
		gives = append(gives, inner.tree(q))
	}
	patterns := ""
	for _, list := range d.Triggers {
		var parts []string
		for _, k := range list {
			parts = append(parts, inner.tree(k).text)
		}
		patterns += " :pattern (" + strings.Join(parts, " ") + ")"
	}
	return fmt.Sprintf("(assert (forall (%s) (! %s%s)))\n", strings.Join(vars, " "),
		boolean("=>", conjunction(needs), conjunction(gives)).text, patterns)
}

var sortPattern = regexp.MustCompile(`\bS_\w+|\bzero_\w+`)

// sorts declares the sorts of type parameters, and of Go types that are handed on whole.
func (w *world) sorts(text string) string {
	names := map[string]bool{}
	for _, t := range w.types {
		if t.named != nil {
			for p := range t.named.TypeParams().TypeParams() {
				names[p.Obj().Name()] = true
			}
		}
		if t.contract == nil {
			continue
		}
		for _, f := range t.fields {
			switch f.typ.Underlying().(type) {
			case *types.Struct, *types.Array:
				names[w.sortOf(f.typ, contractPosition(t))] = true
			}
		}
	}
	for _, f := range w.order {
		sig := f.object.Signature()
		for p := range sig.TypeParams().TypeParams() {
			names[p.Obj().Name()] = true
		}
		for i := range sig.Params().Len() {
			switch t := sig.Params().At(i).Type().Underlying().(type) {
			case *types.Struct, *types.Array:
				names[w.sortOf(sig.Params().At(i).Type(), w.position(f.decl))] = true
			case *types.Pointer:
				if _, ok := t.Elem().Underlying().(*types.Struct); ok {
					names[w.sortOf(t.Elem(), w.position(f.decl))] = true
				}
			}
		}
	}
	for _, m := range sortPattern.FindAllString(text, -1) {
		if strings.HasPrefix(m, "S_") {
			names[m] = true
		}
	}
	list := sorted(names)
	slices.Sort(list)
	var b strings.Builder
	for _, n := range list {
		fmt.Fprintf(&b, "(declare-sort %s 0)\n(declare-fun zero_%s () %s)\n", n, n, n)
		b.WriteString(w.partsText(n))
	}
	return b.String()
}

func contractPosition(t *structure) (pos token.Position) {
	if t.contract != nil {
		return t.contract.Pos
	}
	return pos
}
