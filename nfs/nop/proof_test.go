package nop_test

import (
	"testing"

	"vigor/verify"
)

// TestProved proves the spec for every packet and valid configuration.
func TestProved(t *testing.T) {
	report, err := verify.Run(t.Context(), verify.Config{Package: "."})
	if err != nil {
		t.Fatal(err)
	}
	if report.Outcome != verify.Proved || len(report.Specs) == 0 {
		t.Errorf("not proved:\n%v", report)
	}
}
