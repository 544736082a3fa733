package dpdk

import (
	"fmt"
	"slices"
	"strings"
)

// Arguments that choose cores, in which the package's own choice is left out.
var coreArguments = []string{"-l", "-c", "--lcores"}

// decided are arguments that contradict what HugePages decides.
var decided = []string{"--no-huge", "--in-memory", "--no-shconf"}

// checkEAL refuses arguments that would print and exit, or that the package decides itself.
func checkEAL(arguments []string) error {
	for _, a := range arguments {
		switch name, _, _ := strings.Cut(a, "="); {
		case a == "" || strings.IndexByte(a, 0) >= 0:
			return fmt.Errorf("argument %q for the EAL is empty or has a zero byte", a)
		case name == "--":
			return fmt.Errorf("argument -- for the EAL: it ends what the EAL reads, leave it out")
		case name == "-h" || name == "--help" || strings.HasSuffix(a, "=help"):
			return fmt.Errorf("argument %s for the EAL would end the program", a)
		case slices.Contains(decided, name):
			return fmt.Errorf("argument %s for the EAL: HugePages decides it", a)
		}
	}
	return nil
}

// ealArguments are the arguments that DPDK's environment is started with, its program name first.
// Its main thread gets a processor, from those that the process may use, in name only: see startEAL.
//
// DPDK refuses --in-memory, which keeps its files out of the file system, together with --no-huge;
// there --no-shconf does the same.
func ealArguments(cfg Config, processor int) []string {
	arguments := []string{"vigor", "--no-telemetry", "--log-level=warning"}
	if cfg.HugePages {
		arguments = append(arguments, "--in-memory")
	} else {
		arguments = append(arguments, "--no-huge", "--no-shconf", "-m", "512")
	}
	if !slices.ContainsFunc(cfg.EAL, choosesCores) {
		arguments = append(arguments, fmt.Sprintf("--lcores=0@%d", processor))
	}
	cards := false
	for _, text := range cfg.Devices {
		if d, err := parseDevice(text); err == nil && d.card {
			arguments, cards = append(arguments, "-a", d.args), true
		}
	}
	if !cards {
		arguments = append(arguments, "--no-pci")
	}
	return append(arguments, cfg.EAL...)
}

// choosesCores reports whether an argument says which cores to use.
func choosesCores(argument string) bool {
	return slices.ContainsFunc(coreArguments, func(name string) bool {
		return strings.HasPrefix(argument, name)
	})
}

// memoryCure says how to get memory.
func memoryCure(cfg Config) string {
	if cfg.HugePages {
		return " (huge pages must be free: write a number to /proc/sys/vm/nr_hugepages, or do without)"
	}
	return " (more memory than 512 MB is had with -m among the arguments for the EAL)"
}
