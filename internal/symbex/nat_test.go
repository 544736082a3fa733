package symbex_test

import (
	"testing"
	"time"

	"vigor/internal/load"
)

func TestNATNow(t *testing.T) {
	start := time.Now()
	nf, _, err := load.Load(t.Context(), load.Config{Dir: "../..", Pattern: "./nfs/natclassic"})
	if err != nil {
		t.Fatal(err)
	}
	t.Log("load", time.Since(start))
	start = time.Now()
	x := run(t, nf, "")
	t.Log("execute+discharge", time.Since(start))
	if x.problem != nil {
		t.Fatalf("%v %v %v", x.problem.Code, x.problem.Span, x.problem.Message)
	}
	t.Log(len(x.All), len(x.Runs), x.failed)
	n := 0
	for _, r := range x.All {
		n += len(r.Path.Obligations)
	}
	t.Log("obligations", n)
	for _, r := range x.Runs {
		t.Log(len(r.Path.Condition()), r.Action, len(r.Sent.Stores()))
	}
}
