package bench

import (
	"bytes"
	"os"
	"runtime"
	"strconv"
	"strings"
)

// Machine is where it was measured, and how busy it was.
type Machine struct {
	CPU        string       `json:"cpu"`
	Processors int          `json:"processors"`
	System     string       `json:"system"`
	Go         string       `json:"go"`
	Load       [2]string    `json:"load"`  // load averages before and after
	Steal      float64      `json:"steal"` // share of the processors' time that the hypervisor gave to others
	HugePages  string       `json:"huge_pages"`
	Memory     []MemoryTime `json:"memory"`

	before []float64 // processor times at the start
}

// MemoryTime is the time of a read that depends on the one before.
type MemoryTime struct {
	Bytes       int     `json:"bytes"` // of the memory in which all reads are
	Nanoseconds float64 `json:"nanoseconds"`
}

// describeMachine reads what the kernel says; what it does not say stays empty.
func describeMachine() Machine {
	m := Machine{
		Processors: runtime.NumCPU(), System: runtime.GOOS + "/" + runtime.GOARCH, Go: runtime.Version(),
		CPU: field("/proc/cpuinfo", "model name"), before: processorTimes(),
	}
	m.Load[0] = loadAverage()
	m.HugePages = chosen("/sys/kernel/mm/transparent_hugepage/enabled")
	return m
}

// finish adds what has happened since.
func (m *Machine) finish() {
	m.Load[1] = loadAverage()
	after := processorTimes()
	const steal = 7 // proc(5): user, nice, system, idle, iowait, irq, softirq, steal
	total := 0.0
	for i := range min(len(after), len(m.before), steal+1) {
		total += after[i] - m.before[i]
	}
	if len(after) > steal && len(m.before) > steal && total > 0 {
		m.Steal = (after[steal] - m.before[steal]) / total
	}
}

// field is the value of the first line "name : value" of a file.
func field(file, name string) string {
	text, _ := os.ReadFile(file)
	for line := range bytes.Lines(text) {
		if key, value, ok := strings.Cut(string(line), ":"); ok && strings.TrimSpace(key) == name {
			return strings.TrimSpace(value)
		}
	}
	return ""
}

// loadAverage is the number of threads that wanted to run, averaged over the last minute.
func loadAverage() string {
	text, _ := os.ReadFile("/proc/loadavg")
	first, _, _ := strings.Cut(string(text), " ")
	return first
}

// processorTimes are the times of /proc/stat, in units of the kernel's.
func processorTimes() (times []float64) {
	text, _ := os.ReadFile("/proc/stat")
	line, _, _ := strings.Cut(string(text), "\n")
	for _, word := range strings.Fields(line)[min(1, len(strings.Fields(line))):] {
		n, err := strconv.ParseFloat(word, 64)
		if err != nil {
			return nil
		}
		times = append(times, n)
	}
	return times
}

// chosen is the word in brackets of a file that lists what can be chosen.
func chosen(file string) string {
	text, _ := os.ReadFile(file)
	_, rest, _ := strings.Cut(string(text), "[")
	word, _, _ := strings.Cut(rest, "]")
	return word
}
