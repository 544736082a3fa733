package replay

import (
	"slices"
	"strings"
	"testing"

	"vigor/internal/smt"
	"vigor/internal/solver"
	"vigor/internal/solver/embedded"
	"vigor/internal/symbex"
)

// TestBrokenObligationsAreConfirmed executes programs that break what libvig or Go demands, and runs the
// compiled ones on the case that the solver's model gives.
func TestBrokenObligationsAreConfirmed(t *testing.T) {
	for _, test := range []struct {
		name  string
		edits []string
		want  string
	}{
		{"time runs back", []string{"p.Time()-p.Time()%2", "p.Time()-1"}, "contract: Table.Insert requires last <= now"},
		{"key is there", []string{"case ok &&", "case ok && x&1 == 0 &&", "case ok:", "case ok && x&1 == 0:"},
			"contract: Table.Insert requires !dom[k]"},
		{"index is free", []string{"n.table.Erase(i)", "n.table.Erase(i); n.table.At(i)"}, "contract: Table.At requires alloc[i]"},
		{"other index", []string{"n.table.Set(i, e)", "n.table.Set(i+1, e)"}, "contract: Table.Set requires alloc[i]"},
		{"refresh in the past", []string{"n.table.Refresh(i, p.Time())", "n.table.Refresh(i, p.Time()-2)"},
			"contract: Table.Refresh requires last <= now"},
		{"index out of range", nil, "index out of range"},
	} {
		t.Run(test.name, func(t *testing.T) {
			text := strings.NewReplacer(test.edits...).Replace(sketch)
			a := agree(t, subject{pattern: "./nfs/fixture", text: text})
			got := a.confirm(t, text)
			if !slices.ContainsFunc(got, func(m string) bool { return strings.Contains(m, test.want) }) {
				t.Errorf("confirmed are %q, want %q", got, test.want)
			}
		})
	}
}

// confirm finds a case for each obligation that does not hold, and runs it. It returns the messages of the
// panics; a case that ends well is an error.
func (a *agreement) confirm(t *testing.T, text string) (messages []string) {
	t.Helper()
	runner := open(t, text)
	s := embedded.New(a.builder)
	for _, r := range a.all {
		for _, o := range r.Path.Obligations {
			fails := append(append([]*smt.Term{}, o.Condition...), a.builder.Not(o.Goal))
			if s.Check(t.Context(), fails...) != solver.Sat {
				continue
			}
			f := Finder{Package: "vigor/nfs/fixture"}
			c, _ := f.Find(t.Context(), &symbex.Run{Path: r.Path, Inputs: r.Inputs, Objects: r.Objects}, fails)
			if c == nil {
				t.Errorf("%v: no case", o.Claim.Code)
				continue
			}
			got := runOne(t, runner, *c)
			if got.Status != Panicked {
				text, _ := Encode(*c)
				t.Errorf("%v: %s: %s\n%s", o.Claim.Code, got.Status, got.Message, text)
			}
			messages = append(messages, got.Message)
		}
	}
	return messages
}
