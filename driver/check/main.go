package check

import (
	"fmt"
	"os"
	"strconv"
)

// Kinds are the names of the runs that [Main] knows.
var Kinds = []string{"random", "exhaustive", "concurrent"}

// Failed is the exit status of [Main] for a driver with a problem.
const Failed = 3

// Main is the program that package mutants builds from many versions of a driver. Its arguments are the number of
// the version and the kind of run.
func Main(versions []Build, options []Options, frames int) {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "want the number of a version, and a kind of run")
		os.Exit(2)
	}
	number, err := strconv.Atoi(os.Args[1])
	if err != nil || number < 0 || number >= len(versions) {
		fmt.Fprintf(os.Stderr, "there is no version %s\n", os.Args[1])
		os.Exit(2)
	}
	for _, o := range options {
		if err := one(versions[number], os.Args[2], o, frames); err != nil {
			fmt.Printf("%+v: %v\n", o, err)
			os.Exit(Failed)
		}
	}
}

// one makes one run.
func one(build Build, kind string, o Options, frames int) error {
	switch kind {
	case "random":
		return Random(build, o, frames, 1)
	case "exhaustive":
		if o.Size > 8 { // small rings are enough, once for each kind of device
			return nil
		}
		o.Size = 2
		_, err := Exhaustive(build, o, 3, 2)
		return err
	case "concurrent":
		o.Lazy = false
		return Concurrent(build, o, frames/4, 1)
	}
	fmt.Fprintf(os.Stderr, "there is no run %s\n", kind)
	os.Exit(2)
	return nil
}
