package obligation

import (
	"fmt"
	"slices"
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
			w.cell(p, result.Outcome.Span, o.Name, c.final, c.current)
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

func (w *world) cell(p *symbex.Path, at source.Span, name string, got, want *smt.Term) {
	p.Prove(p.Builder().Eq(got, want), diag.Claim{Code: diag.StateDiffers, Span: at,
		Say: func(value diag.Valuer) string {
			return fmt.Sprintf("%s is %s, want %s", name, value(got), value(want))
		}})
}

// differences states that two states of one structure cannot be told apart.
func differences(p *symbex.Path, at source.Span, code diag.Code, name string, got, want *summary.State) {
	for _, d := range summary.Compare(p, got, want) {
		p.Prove(d.Holds, diag.Claim{Code: code, Span: at, Say: func(value diag.Valuer) string {
			if code == diag.StateNotImported {
				return fmt.Sprintf("the NF changes '%s', which the spec never imports", name)
			}
			return fmt.Sprintf("%s: %s%s is %s, want %s", name, d.Observer, index(value, d.Key),
				values(value, d.Got), values(value, d.Want))
		}})
	}
}

// index writes the place of an observer, if it has one.
func index(value diag.Valuer, key summary.Value) string {
	if len(key) == 0 {
		return ""
	}
	return "[" + values(value, key) + "]"
}

// values writes leaves under a model.
func values(value diag.Valuer, leaves summary.Value) string {
	var list []string
	for _, leaf := range leaves {
		v := value(leaf)
		if leaf.Width() == 0 {
			list = append(list, fmt.Sprint(v.Sign() != 0))
			continue
		}
		list = append(list, v.String())
	}
	list = slices.Clip(list)
	if len(list) == 1 {
		return list[0]
	}
	return "(" + strings.Join(list, ", ") + ")"
}
