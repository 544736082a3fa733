package replay

import (
	"fmt"
	"math/big"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"vigor/internal/contract"
	"vigor/internal/load"
	"vigor/internal/smt"
	"vigor/internal/solver/embedded"
	"vigor/internal/symbex"
)

// agreement compares what the executor says of a network function with what the compiled one does.
type agreement struct {
	builder *smt.Builder
	all     []*symbex.Run
	runs    []*candidate
	faults  []*candidate         // up to an obligation that does not hold
	inputs  []*smt.Term          // symbols that a case gives
	counts  map[string]*smt.Func // of entries at arrival, by name
	runner  *Runner
}

// candidate is one of the executor's runs, or the beginning of one, ready to be evaluated.
type candidate struct {
	*symbex.Run
	path       *symbex.Path
	conditions []*smt.Term
	chosen     []*smt.Term               // indices of new entries
	solved     []*smt.Term               // numbers that the conditions determine: counts, witnesses
	mentions   map[*smt.Term][]*smt.Term // the solved ones in a condition
}

// overlay replaces the text of a subject that has one.
func (s subject) overlay(text string) map[string][]byte {
	if text == "" {
		return nil
	}
	return map[string][]byte{"nfs/fixture/nf.go": []byte(text)}
}

// agree executes a subject.
func agree(t testing.TB, s subject) *agreement {
	t.Helper()
	config := load.Config{Dir: "../..", Pattern: s.pattern, Overlay: s.overlay(s.text)}
	function, problems, err := load.Load(t.Context(), config)
	if err != nil || len(problems) > 0 {
		t.Fatal(err, problems)
	}
	a := &agreement{builder: smt.NewBuilder(), counts: map[string]*smt.Func{}}
	program, problem := symbex.NewProgram(t.Context(), function, contractsOf(t, function), a.builder)
	if problem != nil {
		t.Fatal(problem)
	}
	e := &symbex.Explorer{Builder: a.builder, Solver: embedded.New(a.builder), MaxPaths: 500}
	result, problem := symbex.Execute(t.Context(), program, e)
	if problem != nil {
		t.Fatal(problem)
	}
	a.all = result.All
	for _, r := range result.Runs {
		a.inputs = append(a.inputs, inputsOf(r)...)
	}
	for _, r := range result.Runs {
		a.runs = append(a.runs, a.candidate(r, r.Path.Condition()))
	}
	for _, r := range result.All {
		for _, o := range r.Path.Obligations {
			fails := append(slices.Clone(o.Condition), a.builder.Not(o.Goal))
			a.faults = append(a.faults, a.candidate(r, fails))
		}
	}
	return a
}

// with compiles a subject with this text.
func (a *agreement) with(t testing.TB, s subject, text string) *agreement {
	t.Helper()
	r, err := Open(t.Context(), Source{Dir: "../..", Pattern: s.pattern, Overlay: s.overlay(text)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = r.Close() })
	compiled := *a
	compiled.runner = r
	return &compiled
}

func contractsOf(t testing.TB, function *load.NF) map[string]*contract.Package {
	t.Helper()
	contracts := map[string]*contract.Package{}
	for _, path := range []string{load.LibraryPath, load.PacketPath} {
		if pkg := function.Packages[path]; pkg != nil {
			parsed, wrong := contract.Parse(function.Fset, pkg.Files, pkg.Info, pkg.Types)
			if len(wrong) > 0 {
				t.Fatal(wrong)
			}
			contracts[path] = parsed
		}
	}
	return contracts
}

// candidate makes the terms to evaluate for a run, up to where the conditions hold, and lists the
// symbols that are no inputs.
func (a *agreement) candidate(r *symbex.Run, conditions []*smt.Term) *candidate {
	path := r.Path.At(conditions)
	c := &candidate{Run: r.On(path), path: path, mentions: map[*smt.Term][]*smt.Term{}}
	for _, o := range c.Objects {
		o.Before.SpellOut(path, most)
	}
	c.conditions = path.Condition()
	for _, t := range c.conditions {
		a.look(c, t, t, map[*smt.Term]bool{})
	}
	return c
}

// look finds the symbols in part of a condition that are made on the way.
func (a *agreement) look(c *candidate, condition, part *smt.Term, seen map[*smt.Term]bool) {
	if seen[part] {
		return
	}
	seen[part] = true
	for _, arg := range part.Args() {
		a.look(c, condition, arg, seen)
	}
	switch name := part.Name(); {
	case part.Op() == smt.OpApply && strings.HasPrefix(part.Func().Name, smt.Symbol(smt.CountOf, "")):
		a.counts[part.Func().Name] = part.Func()
	case part.Op() != smt.OpVar || slices.Contains(a.inputs, part):
	case strings.Contains(name, ".count:"), strings.Contains(name, ".witness:"):
		c.mentions[condition] = append(c.mentions[condition], part)
		if !slices.Contains(c.solved, part) {
			c.solved = append(c.solved, part)
		}
	case !slices.Contains(c.chosen, part):
		c.chosen = append(c.chosen, part)
	}
}

// inputsOf lists the symbols that stand for something that a case gives.
func inputsOf(r *symbex.Run) []*smt.Term {
	list := []*smt.Term{variable(r.Inputs.Length), variable(r.Inputs.Device), variable(r.Inputs.Time)}
	for _, l := range append(slices.Clone(r.Inputs.Config), r.Inputs.Env...) {
		list = append(list, variable(l.Term))
	}
	for _, l := range r.Cells {
		list = append(list, variable(l.Before))
	}
	for _, o := range r.Objects {
		for _, root := range o.Before.Roots() {
			for _, t := range root.Scalar {
				list = append(list, variable(t))
			}
		}
	}
	return list
}

// variable returns the symbol that t is, perhaps extended; nil if it is none.
func variable(t *smt.Term) *smt.Term {
	if t.Op() == smt.OpConcat && len(t.Args()) == 2 {
		if n, ok := t.Args()[0].Const(); ok && n.Sign() == 0 {
			t = t.Args()[1]
		}
	}
	if t.Op() != smt.OpVar {
		return nil
	}
	return t
}

// check runs cases in both and reports the first disagreement; covered gets the runs that were
// taken.
func (a *agreement) check(t testing.TB, cases []Case, covered map[*candidate]bool) (difference string) {
	t.Helper()
	results, err := a.runner.Run(t.Context(), cases)
	if err != nil {
		t.Fatal(err)
	}
	for i := range cases {
		lines := a.compare(&cases[i], &results[i], covered)
		if len(lines) > 0 {
			text, _ := Encode(cases[i])
			return strings.Join(lines, "\n") + "\n" + string(text)
		}
	}
	return ""
}

// compare finds the one run that a case takes and compares its outcome. A case that panics takes
// none, and breaks an obligation.
func (a *agreement) compare(c *Case, got *Result, covered map[*candidate]bool) []string {
	var lines []string
	taken, fails := 0, false
	m := a.runs[0].model(c, a.counts)
	for _, run := range a.runs {
		if got.Status != Ran && len(run.chosen) > 0 {
			continue // it may be possible with another choice than the NF's, which a failure does not show
		}
		if run.choose(m, c, got, run.chosen) {
			taken++
			covered[run] = true
			want := expected(run.path, run.Run, m)
			lines = append(lines, Differences(want, got)...)
			lines = append(lines, run.lookups(a.builder, m, c, want)...)
		}
		run.forget(m)
	}
	for _, fault := range a.faults {
		fails = fails || fault.choose(m, c, got, fault.chosen)
		fault.forget(m)
	}
	switch got.Status {
	case Ran, Panicked:
		if ran := got.Status == Ran; ran && taken != 1 || !ran && taken > 0 || ran == fails {
			lines = append(lines, fmt.Sprintf("the NF %s: %s; %d runs are possible, an obligation is broken: %v",
				got.Status, got.Message, taken, fails))
		}
	case InvalidConfig, NewFailed:
		if taken > 0 {
			lines = append(lines, "the executor accepts a configuration: "+got.Message)
		}
	default:
		lines = append(lines, fmt.Sprintf("the case is no case: %s: %s", got.Status, got.Message))
	}
	return lines
}

// choose gives the chosen indices values that the NF chose, which a failure does not show, and the
// others what the conditions demand.
func (c *candidate) choose(m *smt.Model, of *Case, got *Result, chosen []*smt.Term) bool {
	if len(chosen) == 0 {
		return c.solve(m, c.solved)
	}
	name, _, _ := strings.Cut(strings.TrimPrefix(chosen[0].Name(), smt.Symbol(smt.Choice, "")), ".")
	for _, i := range choices(of.Objects[name], got, name) {
		m.SetVar(chosen[0], big.NewInt(int64(i)))
		if c.choose(m, of, got, chosen[1:]) {
			return true
		}
	}
	return false
}

// choices lists the indices that a structure may have chosen.
func choices(given *Object, got *Result, name string) []int {
	if got.Status != Ran {
		return []int{0, 1, 2, 3}
	}
	var before, after []Entry
	if given != nil {
		before = given.Entries
	}
	if o := got.Objects[name]; o != nil {
		after = o.Entries
	}
	added, _ := touched(before, after)
	if len(added) == 0 {
		return []int{0} // nothing is new
	}
	var list []int
	for _, e := range added {
		list = append(list, e.Index)
	}
	return list
}

// forget takes back the values of all but the inputs.
func (c *candidate) forget(m *smt.Model) {
	for _, v := range append(slices.Clone(c.chosen), c.solved...) {
		if m.Eval(v).Sign() != 0 {
			m.SetVar(v, new(big.Int))
		}
	}
}

// solve looks for values of the free symbols under which all conditions hold.
func (c *candidate) solve(m *smt.Model, free []*smt.Term) bool {
	bad := slices.IndexFunc(c.conditions, func(t *smt.Term) bool { return !m.Holds(t) })
	if bad < 0 {
		return true
	}
	for _, v := range c.mentions[c.conditions[bad]] {
		if !slices.Contains(free, v) {
			continue
		}
		rest := slices.DeleteFunc(slices.Clone(free), func(w *smt.Term) bool { return w == v })
		for n := range int64(most + 1) {
			m.SetVar(v, big.NewInt(n))
			if c.solve(m, rest) {
				return true
			}
		}
		m.SetVar(v, new(big.Int))
	}
	return false
}

func TestExecutorAgreesWithCompiledCode(t *testing.T) {
	for _, s := range subjects {
		t.Run(s.name, func(t *testing.T) {
			a := agree(t, s).with(t, s, s.text)
			r := rand.New(rand.NewPCG(1, 2))
			cases := make([]Case, 300)
			for i := range cases {
				cases[i] = s.random(r)
			}
			covered := map[*candidate]bool{}
			if d := a.check(t, cases, covered); d != "" {
				t.Error(d)
			}
			t.Logf("%d of %d runs taken", len(covered), len(a.runs))
			if 4*len(covered) < 3*len(a.runs) {
				t.Error("the cases are too much alike")
			}
		})
	}
}

// TestDisagreementsAreFound compares with compiled programs that differ in one place.
func TestDisagreementsAreFound(t *testing.T) {
	executed := map[string]*agreement{}
	for _, s := range subjects[2:5] {
		executed[s.name] = agree(t, s)
	}
	for _, m := range []struct {
		s              subject
		name, old, new string
	}{
		{subjects[2], "condition", "b[3] > 200", "b[3] > 230"},
		{subjects[2], "action", "nf.ForwardAll(1)", "nf.ForwardAll(2)"},
		{subjects[2], "cell", "n.open = !n.open", "n.open = true"},
		{subjects[2], "erased", "n.ids.Erase(id)", "n.ids.Get(id)"},
		{subjects[3], "byte", "byte(i)<<(x&15)", "byte(i)<<(x&7)"},
		{subjects[3], "value", "/ 3", "/ 2"},
		{subjects[3], "time", "p.Time()-p.Time()%2", "p.Time()"},
		{subjects[3], "key", "uint32(x) & 3", "uint32(x) & 7"},
		{subjects[4], "class", "b[0]&3)", "b[0]&1)"},
		{subjects[4], "class kept", "n.table.Class(i)", "0"},
		{subjects[4], "class expired", "n.table.ExpireBefore(1,", "n.table.ExpireBefore(2,"},
		{subjects[3], "fault", "int(b[0]) & 15", "int(b[0]) & 15 % len(b)"},
	} {
		t.Run(m.name, func(t *testing.T) {
			a := executed[m.s.name].with(t, m.s, strings.Replace(m.s.text, m.old, m.new, 1))
			r := rand.New(rand.NewPCG(1, 2))
			for range 1000 {
				if a.check(t, []Case{m.s.random(r)}, map[*candidate]bool{}) != "" {
					return
				}
			}
			t.Error("the difference is not noticed")
		})
	}
}

// FuzzAgreement compares on a case of each network function that a seed gives.
func FuzzAgreement(f *testing.F) {
	var all []*agreement
	for _, s := range subjects {
		all = append(all, agree(f, s).with(f, s, s.text))
	}
	f.Fuzz(func(t *testing.T, seed uint64) {
		for i, s := range subjects {
			r := rand.New(rand.NewPCG(seed, 0))
			if d := all[i].check(t, []Case{s.random(r)}, map[*candidate]bool{}); d != "" {
				t.Errorf("%s: %s", s.name, d)
			}
		}
	})
}
