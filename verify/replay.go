package verify

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"vigor/internal/diag"
	"vigor/internal/obligation"
	"vigor/internal/replay"
	"vigor/internal/symbex"
)

// replay runs what the models say through the compiled NF: a witness of every run, which must behave as
// the executor says, and every counterexample, which is reported only as far as it is confirmed.
func (r *run) replay(ctx context.Context) error {
	runner, err := replay.Open(ctx, replay.Source{Dir: r.cfg.Dir, Pattern: r.cfg.Package,
		Overlay: r.cfg.Overlay})
	if err != nil {
		return err
	}
	defer func() { _ = runner.Close() }()
	checker := &checker{run: r, runner: runner, finder: &replay.Finder{Package: r.nf.Path}}
	if err := checker.witnesses(ctx); err != nil {
		return err
	}
	for _, c := range r.claims {
		if err := checker.claim(ctx, c); err != nil {
			return err
		}
		r.report.Specs = append(r.report.Specs, c.report)
	}
	return nil
}

// checker runs cases.
type checker struct {
	run    *run
	runner *replay.Runner
	finder *replay.Finder
	agreed int // runs with a witness that behaved as the executor says
	wrong  []diag.Diagnostic
}

// witnesses runs one case per run of the NF.
func (c *checker) witnesses(ctx context.Context) error {
	for _, run := range c.run.execution.Runs {
		found, _ := c.finder.Find(ctx, run, run.Path.Condition())
		if found == nil {
			c.wrong = append(c.wrong, diag.New(diag.NoWitness, c.run.nf.Span(run.End()),
				"no small packet and state was found that lead here"))
			continue
		}
		result, err := c.play(ctx, found)
		if err != nil {
			return err
		}
		if lines := replay.Differences(found.Expected, result); len(lines) > 0 {
			d := diag.New(diag.ReplayDisagrees, c.run.nf.Span(run.End()),
				"the compiled NF does not do what the executor says: %s", lines[0])
			c.wrong = append(c.wrong, c.run.save(d.With("packet", "%s", describePacket(found)), found, run))
			continue
		}
		c.agreed++
	}
	return nil
}

func (c *checker) play(ctx context.Context, found *replay.Case) (*replay.Result, error) {
	results, err := c.runner.Run(ctx, []replay.Case{*found})
	if err != nil {
		return nil, fmt.Errorf("running a case: %w", err)
	}
	return &results[0], nil
}

// claim turns a claim's findings into diagnostics and settles its outcome.
func (c *checker) claim(ctx context.Context, claim *claim) error {
	report := &claim.report
	for _, f := range causes(claim.findings) {
		d, err := c.finding(ctx, f)
		if err != nil {
			return err
		}
		report.Diagnostics = append(report.Diagnostics, d)
	}
	failed := slices.ContainsFunc(claim.findings, func(f obligation.Finding) bool {
		return f.Outcome == diag.Violated
	})
	for _, p := range claim.unreached {
		if failed { // a path ends where it fails for certain: what follows may be reached by others
			break
		}
		report.Diagnostics = append(report.Diagnostics, diag.New(diag.Unreached, p.Span,
			"no packet, state and configuration reaches this %s", p.What))
	}
	if claim.spec == nil {
		report.Diagnostics = append(report.Diagnostics, c.wrong...)
		report.Diagnostics = append(report.Diagnostics, c.run.neverReturns()...)
		report.Witnesses = c.agreed
	}
	report.Outcome = outcome(claim)
	report.Diagnostics = diag.Sort(report.Diagnostics)
	return nil
}

// outcome is proved if nothing at all was found, violated if something was shown to fail, else unknown.
func outcome(c *claim) Outcome {
	for _, f := range c.findings {
		if f.Outcome == diag.Violated {
			return Violated
		}
	}
	for _, d := range c.report.Diagnostics {
		if d.Code == diag.Unreached || d.Code == diag.NeverReturns {
			return Violated
		}
	}
	if c.incomplete || len(c.report.Diagnostics) > 0 || len(c.paths) == 0 {
		return Unknown
	}
	return Proved
}

// causes keeps one finding per code and place: the first that has a model, else the first.
func causes(findings []obligation.Finding) []obligation.Finding {
	type cause struct {
		code diag.Code
		at   string
	}
	index := map[cause]int{}
	var list []obligation.Finding
	for _, f := range findings {
		key := cause{f.Claim.Code, f.Claim.Span.String()}
		if i, seen := index[key]; !seen {
			index[key] = len(list)
			list = append(list, f)
		} else if list[i].Outcome != diag.Violated && f.Outcome == diag.Violated {
			list[i] = f
		}
	}
	return list
}

// finding says what is wrong, with a packet and a state that show it.
func (c *checker) finding(ctx context.Context, f obligation.Finding) (diag.Diagnostic, error) {
	if f.Outcome != diag.Violated {
		d := diag.New(diag.NoAnswer, f.Claim.Span, "not decided within %v: %s", budget,
			f.Claim.Say(zeroValuer))
		return d, nil
	}
	not := c.run.builder.Not(f.Goal)
	found, model := c.finder.Find(ctx, f.Path.Run, append(f.Condition, not))
	if found == nil {
		d := diag.New(f.Claim.Code, f.Claim.Span, "%s", f.Claim.Say(f.Model.Eval))
		return d.With("replay", "not confirmed: no small state shows it"), nil
	}
	d := diag.New(f.Claim.Code, f.Claim.Span, "%s", f.Claim.Say(model.Eval))
	d = d.With("path", "%s, returns at %v", describePath(found), c.run.nf.Position(f.Path.Run.End()))
	d = d.With("packet", "%s", describePacket(found))
	d = c.run.describeState(d, found)
	if f.Claim.Hint != "" {
		d = d.With("hint", "%s", f.Claim.Hint)
	}
	result, err := c.play(ctx, found)
	if err != nil {
		return d, err
	}
	return c.run.save(confirm(d, f, found, result), found, f.Path.Run), nil
}

// confirm compares the compiled NF's behaviour with what the finding says.
func confirm(d diag.Diagnostic, f obligation.Finding, found *replay.Case, got *replay.Result) diag.Diagnostic {
	safety := f.Claim.Code/1000 == 2 || f.Claim.Code/1000 == 4
	switch {
	case safety && got.Status == replay.Panicked:
		return d.With("confirmed", "the NF panics here: %s", got.Message)
	case safety && got.Status == replay.TimedOut:
		return d.With("confirmed", "the NF does not end")
	case found.Expected == nil:
		return d.With("confirmed", "no: the compiled NF ends as %s %s", got.Status, got.Message)
	}
	if lines := replay.Differences(found.Expected, got); len(lines) > 0 {
		return d.With("confirmed", "no: %s", lines[0])
	}
	return d.With("confirmed", "the compiled NF does this: %s", got.Action)
}

// save writes a case into the output directory, if there is one.
func (r *run) save(d diag.Diagnostic, found *replay.Case, _ *symbex.Run) diag.Diagnostic {
	if r.cfg.Out == "" {
		return d
	}
	r.saved++
	name := fmt.Sprintf("%s.%d.json", filepath.Base(r.nf.Dir), r.saved)
	file := filepath.Join(r.cfg.Out, name)
	text, err := replay.Encode(*found)
	if err == nil {
		err = os.MkdirAll(r.cfg.Out, 0o755)
	}
	if err == nil {
		err = os.WriteFile(file, text, 0o644)
	}
	if err != nil {
		return d.With("replay", "cannot write %s: %v", file, err)
	}
	return d.With("replay", "vigor replay %s %s", r.cfg.Package, filepath.ToSlash(file))
}

// neverReturns reports the return statements that no run came through.
func (r *run) neverReturns() []diag.Diagnostic {
	var list []diag.Diagnostic
	for _, pos := range r.execution.NeverReturned(r.program) {
		list = append(list, diag.New(diag.NeverReturns, r.nf.Span(pos),
			"no packet, state and configuration reaches this return"))
	}
	return list
}

func describePath(c *replay.Case) string {
	if c.Expected == nil {
		return fmt.Sprintf("device %d", c.Packet.Device)
	}
	return fmt.Sprintf("device %d, %s", c.Packet.Device, c.Expected.Action)
}
