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
	"vigor/internal/smt"
	"vigor/internal/source"
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
	checker := &checker{run: r, runner: runner, finder: &replay.Finder{Package: r.nf.Path},
		quick:    &replay.Finder{Package: r.nf.Path, Readable: true, Effort: quick},
		thorough: &replay.Finder{Package: r.nf.Path, Readable: true}}
	if r.cfg.First {
		if found, err := checker.first(ctx); found || err != nil {
			return err
		}
	}
	if err := checker.witnesses(ctx); err != nil {
		return err
	}
	for _, c := range r.claims {
		if err := checker.claim(ctx, c); err != nil {
			return err
		}
	}
	if checker.sure == 0 {
		r.doubtful = checker.doubtful
	}
	return nil
}

// checker runs cases.
type checker struct {
	run    *run
	runner *replay.Runner
	finder *replay.Finder // of cases that nobody reads
	// Of cases that are shown, in the time that a search may take that may be given up, and in any.
	quick, thorough *replay.Finder
	agreed          int // runs with a witness that behaved as the executor says
	wrong           []diag.Diagnostic
	// sure counts the causes that a case confirmed.
	sure int
	// doubtful counts the findings that no case confirmed: more instances of the contracts may show
	// that nothing is wrong.
	doubtful int
}

// first looks for one cause that a case confirms, and reports it alone. All other claims keep the outcome that
// they begin with, which is unknown.
func (c *checker) first(ctx context.Context) (bool, error) {
	for _, claim := range c.run.claims {
		confirmed, _, err := c.confirmed(ctx, causes(claim.findings), c.quick, 1, 1)
		if err != nil {
			return false, err
		}
		if len(confirmed) > 0 {
			claim.confirmed = len(confirmed)
			claim.report.Diagnostics = confirmed
			claim.report.Outcome = Violated
			return true, nil
		}
	}
	return false, nil
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
		found.Hint = c.run.nf.Hint != nil && len(c.run.claims[0].findings) == 0
		found, result, err := c.play(ctx, run, run.Path.Condition(), found)
		if err != nil {
			return err
		}
		if result.Other != "" {
			c.wrong = append(c.wrong, diag.New(diag.NoWitness, c.run.nf.Span(run.End()),
				"no configuration was found with which a packet leads here: %s", result.Other))
			continue
		}
		if lines := replay.Differences(found.Expected, result); len(lines) > 0 {
			d := disagreement(run, result, c.run.nf.Span(run.End()), lines[0])
			c.wrong = append(c.wrong, c.run.save(d.With("packet", "%s", describePacket(found)), found))
			continue
		}
		c.agreed++
	}
	return nil
}

// disagreement says that the compiled NF did something else than the executor says of a run.
func disagreement(run *symbex.Run, got *replay.Result, at source.Span, difference string) diag.Diagnostic {
	if got.Status == replay.Ran && replay.Reuses(run) {
		return diag.New(diag.ChoiceNotTaken, at, "what the NF does depends on the index that a new entry gets after one was "+
			"freed; with that of the compiled structure: %s", difference)
	}
	return diag.New(diag.ReplayDisagrees, at, "the compiled NF does not do what the executor says: %s", difference)
}

// play runs a case, found for a condition on a run. The case returned expects the indices of new entries
// that the compiled structures chose.
func (c *checker) play(ctx context.Context, run *symbex.Run, condition []*smt.Term,
	found *replay.Case) (*replay.Case, *replay.Result, error) {
	results, err := c.runner.Run(ctx, []replay.Case{*found})
	if err != nil {
		return nil, nil, fmt.Errorf("running a case: %w", err)
	}
	if settled := replay.Settle(ctx, run, condition, found, &results[0]); settled != nil {
		found = settled
	}
	return found, &results[0], nil
}

// claim turns a claim's findings into diagnostics and settles its outcome.
func (c *checker) claim(ctx context.Context, claim *claim) error {
	report := &claim.report
	if err := c.causes(ctx, claim); err != nil {
		return err
	}
	c.coverage(claim)
	if claim.spec == nil {
		report.Diagnostics = append(report.Diagnostics, c.wrong...)
		report.Witnesses = c.agreed
	}
	report.Outcome = outcome(claim)
	report.Diagnostics = diag.Sort(report.Diagnostics)
	return nil
}

// causes reports the causes of a claim's findings. Where cases confirm some, the others are left out: they
// may be what follows from the same fault. So cases are first looked for quickly, and only where that
// confirms nothing with all the time there is, until one cause is confirmed.
func (c *checker) causes(ctx context.Context, claim *claim) error {
	list := causes(claim.findings)
	confirmed, _, err := c.confirmed(ctx, list, c.quick, 1, maxCauses)
	if err != nil {
		return err
	}
	var doubtful []diag.Diagnostic
	if len(confirmed) == 0 {
		if confirmed, doubtful, err = c.confirmed(ctx, list, c.thorough, maxTries, 1); err != nil {
			return err
		}
	}
	claim.confirmed = len(confirmed)
	c.sure += len(confirmed)
	if claim.confirmed == 0 {
		c.doubtful += len(doubtful)
		confirmed = doubtful
	}
	claim.report.Diagnostics = append(claim.report.Diagnostics, confirmed...)
	return nil
}

// confirmed parts causes into those that a case confirms, up to most, and the others met on the way. Of each
// cause it tries some findings.
func (c *checker) confirmed(ctx context.Context, list [][]obligation.Finding, finder *replay.Finder,
	tries, most int) (confirmed, doubtful []diag.Diagnostic, err error) {
	for _, cause := range list {
		if len(confirmed) == most {
			break
		}
		d, sure, err := c.cause(ctx, cause, finder, tries)
		switch {
		case err != nil:
			return nil, nil, err
		case sure:
			confirmed = append(confirmed, d)
		default:
			doubtful = append(doubtful, d)
		}
	}
	return confirmed, doubtful, nil
}

// coverage reports what nothing reaches. Where the NF or the claim fails, or may, a path ends early, and what
// follows may be reached by others: then nothing is said, and the claim is not proved.
func (c *checker) coverage(claim *claim) {
	if len(claim.findings) > 0 || len(c.run.claims[0].findings) > 0 {
		claim.incomplete = claim.incomplete || len(claim.unreached) > 0
		return
	}
	report := &claim.report
	for _, p := range claim.unreached {
		report.Diagnostics = append(report.Diagnostics, diag.New(diag.Unreached, p.Span,
			"no packet, state and configuration reaches this %s", p.What))
	}
	if claim.spec == nil {
		report.Diagnostics = append(report.Diagnostics, c.run.neverReturns()...)
	}
}

// outcome is proved if nothing at all was found, violated if a failure was confirmed, else unknown.
func outcome(c *claim) Outcome {
	vacuous := slices.ContainsFunc(c.report.Diagnostics, func(d diag.Diagnostic) bool {
		return d.Code == diag.Unreached || d.Code == diag.NeverReturns
	})
	switch {
	case c.confirmed > 0 || vacuous:
		return Violated
	case c.incomplete || len(c.report.Diagnostics) > 0 || len(c.paths) == 0:
		return Unknown
	case c.spec == nil && c.report.Witnesses == 0: // no configuration is accepted, or none is survived
		return Unknown
	}
	return Proved
}

// save writes a case into the output directory, if there is one.
func (r *run) save(d diag.Diagnostic, found *replay.Case) diag.Diagnostic {
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
