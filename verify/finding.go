package verify

import (
	"context"
	"slices"

	"vigor/internal/diag"
	"vigor/internal/obligation"
	"vigor/internal/replay"
	"vigor/internal/solver"
)

const (
	maxCauses = 10 // causes of one claim that are shown
	maxTries  = 4  // findings of one cause that are tried until a case confirms one

	quick solver.Effort = 1_000_000 // for one question of a search for a case that may be given up
)

// causes groups findings by code and place: one cause is reported once. Those with the shortest conditions,
// which cases are found for most easily, come first.
func causes(findings []obligation.Finding) [][]obligation.Finding {
	type cause struct {
		code diag.Code
		at   string
	}
	index := map[cause]int{}
	var list [][]obligation.Finding
	for _, f := range findings {
		key := cause{f.Claim.Code, f.Claim.Span.String()}
		i, seen := index[key]
		if !seen {
			i = len(list)
			index[key], list = i, append(list, nil)
		}
		list[i] = append(list[i], f)
	}
	for _, findings := range list {
		slices.SortStableFunc(findings, func(f, g obligation.Finding) int {
			return len(f.Condition) - len(g.Condition)
		})
	}
	return list
}

// cause says what is wrong, by the first of its findings that a case from finder confirms; by its first if
// none of the first tries does.
func (c *checker) cause(ctx context.Context, list []obligation.Finding, finder *replay.Finder,
	tries int) (diag.Diagnostic, bool, error) {
	var first diag.Diagnostic
	for i, f := range list[:min(len(list), tries)] {
		d, confirmed, err := c.finding(ctx, f, finder)
		if err != nil || confirmed {
			return d, confirmed, err
		}
		if i == 0 {
			first = d
		}
	}
	return first, false, nil
}

// finding says what is wrong, with a packet and a state that show it.
func (c *checker) finding(ctx context.Context, f obligation.Finding,
	finder *replay.Finder) (diag.Diagnostic, bool, error) {
	if f.Outcome != diag.Violated {
		d := diag.New(f.Claim.Code, f.Claim.Span, "%s", f.Claim.Say(zeroValuer))
		if f.Claim.Code/1000 != 9 {
			d = diag.New(diag.NoAnswer, f.Claim.Span, "not decided with the effort that one question may take: %s", d.Message)
		}
		return d, false, nil
	}
	condition := append(f.Condition, c.run.builder.Not(f.Goal))
	found, model := finder.Find(ctx, f.Path.Run, condition)
	if found == nil {
		d := diag.New(f.Claim.Code, f.Claim.Span, "%s", f.Claim.Say(f.Model.Eval))
		return d.With("unconfirmed", "no state was found that shows it"), false, nil
	}
	found.Hint = f.Path.Run.Hint
	d := diag.New(f.Claim.Code, f.Claim.Span, "%s", f.Claim.Say(model.Eval))
	d = d.With("path", "%s, returns at %v", describePath(found), c.run.nf.Position(f.Path.Run.End()))
	d = d.With("packet", "%s", describePacket(found))
	d = c.run.describeState(d, found)
	if f.Claim.Hint != "" {
		d = d.With("hint", "%s", f.Claim.Hint)
	}
	found, result, err := c.play(ctx, f.Path.Run, condition, found)
	if err != nil {
		return d, false, err
	}
	d, confirmed := confirm(d, f, found, result)
	return c.run.save(d, found), confirmed, nil
}

// confirm compares the compiled NF's behaviour with what the finding says: that it fails, or that it does
// what the executor says, which the spec forbids.
func confirm(d diag.Diagnostic, f obligation.Finding, found *replay.Case,
	got *replay.Result) (diag.Diagnostic, bool) {
	safety := f.Claim.Code/1000 == 2 || f.Claim.Code/1000 == 4
	switch {
	case got.Other != "":
		return d.With("unconfirmed", "%s", got.Other), false
	case safety && got.Status == replay.Panicked:
		found.Expected = &replay.Result{Status: got.Status}
		return d.With("confirmed", "the NF panics here: %s", got.Message), true
	case safety && got.Status == replay.TimedOut:
		return d.With("confirmed", "the NF does not end"), true
	case f.Claim.Code == diag.NoSuchDevice && got.Status == replay.Ran:
		return d.With("confirmed", "the compiled NF does this: %s", got.Action), reachesBeyond(found, got.Action)
	case found.Invented:
		return d.With("unconfirmed", "no packet was found whose checksums are as right or wrong as this needs"), false
	case found.Expected == nil:
		return d.With("unconfirmed", "the compiled NF ends as %s %s", got.Status, got.Message), false
	}
	if lines := replay.Differences(found.Expected, got); len(lines) > 0 {
		return d.With("unconfirmed", "%s", lines[0]), false
	}
	return d.With("confirmed", "the compiled NF does this: %s", got.Action), true
}

// reachesBeyond reports whether an action names a device that is not there.
func reachesBeyond(found *replay.Case, a *replay.Action) bool {
	switch a.Kind {
	case "forwarded":
		return int(a.Device) >= found.Env.Devices
	case "forwarded_all":
		return a.Devices>>found.Env.Devices != 0
	}
	return a.Kind != "dropped" && a.Kind != "flooded"
}
