package verify

import (
	"context"
	"testing"
	"time"

	"vigor/internal/solver"
	"vigor/internal/solver/bitblast"
	"vigor/internal/solver/process"
)

// asked is how many of the questions of a run are put to the other solvers.
const asked = 40

// TestOtherSolversAgree puts questions of the NAT's proof to other solvers: none may answer otherwise,
// and most must answer.
func TestOtherSolversAgree(t *testing.T) {
	r := &run{cfg: Config{Dir: "..", Package: "./nfs/natclassic"}, report: &Report{}}
	if err := r.all(t.Context()); err != nil {
		t.Fatal(err)
	}
	records := r.questions.Records()
	if len(records) < asked {
		t.Fatalf("only %d questions reached the solver", len(records))
	}
	for _, name := range []string{"z3", "cadical"} {
		t.Run(name, func(t *testing.T) {
			program, err := process.Find(name)
			if err != nil {
				t.Skipf("%v: nothing to compare with", err)
			}
			compare(t, records, func() solver.Solver {
				if name == "cadical" {
					return bitblast.New(process.NewDIMACS(program))
				}
				return process.NewSMTLIB(program)
			})
		})
	}
}

// compare asks a solver every n-th of the recorded questions.
func compare(t *testing.T, records []solver.Record, fresh func() solver.Solver) {
	answered, unsat := 0, 0
	for i := 0; i < len(records); i += len(records) / asked {
		record := records[i]
		other := fresh()
		for _, fact := range record.Asserted {
			other.Assert(fact)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		got := other.Check(ctx, record.Assumed...)
		cancel()
		if got == solver.Unknown || record.Answer == solver.Unknown {
			continue
		}
		answered++
		if got == solver.Unsat {
			unsat++
		}
		if got != record.Answer {
			t.Errorf("question %d: got %v, but the embedded solver says %v", i, got, record.Answer)
		}
	}
	if answered < asked/2 || unsat == 0 {
		t.Errorf("%d of %d questions answered, %d of them unsat", answered, asked, unsat)
	}
	t.Logf("%d answered, %d of them unsat", answered, unsat)
}
