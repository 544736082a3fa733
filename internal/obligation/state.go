package obligation

import (
	"fmt"
	"math/big"
	"strconv"
	"strings"

	"vigor/internal/diag"
	"vigor/internal/smt"
	"vigor/internal/source"
	"vigor/internal/spec/lower"
	"vigor/internal/spec/resolve"
	"vigor/internal/symbex"
	"vigor/internal/symbex/summary"
)

// state states that every imported state object ends as the spec computed, and, for a full spec, that
// nothing else changed.
func (w *world) state(p *symbex.Path, spec *resolve.Spec, result *lower.Result) {
	imported := map[string]bool{} // Go names
	for _, o := range spec.Objects {
		imported[o.GoName] = true
		if result.Unspecified[o.Name] {
			continue
		}
		if c := w.cells[o.Name]; c != nil {
			w.cell(p, result.Outcome.Span, o.Name, c)
		} else if t := w.objects[o.Name]; t != nil {
			differences(p, result.Outcome.Span, diag.StateDiffers, o.Name, t.final, t.current)
		}
	}
	if spec.Full {
		w.untouched(p, spec.Span, imported)
	}
}

// untouched states that what the spec does not import is as it was.
func (w *world) untouched(p *symbex.Path, at source.Span, imported map[string]bool) {
	for _, o := range w.run.Objects {
		if !imported[o.Name] && !o.After.Same(o.Before) {
			differences(p, at, diag.StateNotImported, o.Name, o.After, o.Before)
		}
	}
	for _, c := range w.run.Cells {
		if !imported[c.Name] {
			p.Prove(p.Builder().Eq(c.After, c.Before), diag.Claim{Code: diag.StateNotImported, Span: at,
				Say: diag.Text("the NF changes '%s', which the spec never imports", c.Name)})
		}
	}
}

func (w *world) cell(p *symbex.Path, at source.Span, name string, c *cell) {
	p.Prove(p.Builder().Eq(c.final, c.current), diag.Claim{Code: diag.StateDiffers, Span: at,
		Say: func(value diag.Valuer) string {
			return fmt.Sprintf("%s is %s, want %s", name, decimal(value, c.final, c.signed),
				decimal(value, c.current, c.signed))
		}})
}

// differences states that two states of one structure cannot be told apart.
func differences(p *symbex.Path, at source.Span, code diag.Code, name string, got, want *summary.State) {
	for _, d := range summary.Compare(p, got, want) {
		key, content := got.Layout(d.Observer)
		p.Prove(d.Holds, diag.Claim{Code: code, Span: at, Say: func(value diag.Valuer) string {
			if code == diag.StateNotImported {
				return fmt.Sprintf("the NF changes '%s', which the spec never imports", name)
			}
			return fmt.Sprintf("%s: %s%s is %s, want %s", name, d.Observer, index(value, d.Key, key),
				values(value, d.Got, content), values(value, d.Want, content))
		}})
	}
}

// index writes the place of an observer, if it has one.
func index(value diag.Valuer, key summary.Value, layout summary.Layout) string {
	if len(key) == 0 {
		return ""
	}
	return "[" + values(value, key, layout) + "]"
}

// values writes leaves under a model.
func values(value diag.Valuer, leaves summary.Value, layout summary.Layout) string {
	list := make([]string, len(leaves))
	for i, leaf := range leaves {
		list[i] = decimal(value, leaf, i < len(layout) && layout[i].Signed)
	}
	if len(list) == 1 {
		return list[0]
	}
	return "(" + strings.Join(list, ", ") + ")"
}

// decimal writes one scalar under a model.
func decimal(value diag.Valuer, t *smt.Term, signed bool) string {
	v := value(t)
	switch w := t.Width(); {
	case w == 0:
		return strconv.FormatBool(v.Sign() != 0)
	case signed && v.Bit(w-1) == 1:
		return new(big.Int).Sub(v, new(big.Int).Lsh(big.NewInt(1), uint(w))).String()
	}
	return v.String()
}
