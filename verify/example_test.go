package verify_test

import (
	"context"
	"fmt"

	"vigor/verify"
)

// A test of an NF can prove it.
func ExampleRun() {
	report, err := verify.Run(context.Background(), verify.Config{Dir: "..", Package: "./nfs/nop"})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(report.Outcome)
	for _, s := range report.Specs {
		fmt.Printf("%s %s: %v\n", s.File, s.Name, s.Outcome)
	}
	// Output:
	// proved
	// nfs/nop safety: proved
	// nfs/nop/spec.py spec: proved
}
