package load_test

import (
	"context"
	"os"
	"syscall"
	"testing"
	"time"

	"vigor/internal/load"
)

// BenchmarkLoad loads the largest NF there is, with a warm build cache. cpu-ms counts this process and
// the go command.
func BenchmarkLoad(b *testing.B) {
	config := load.Config{Dir: root, Pattern: "./nfs/natclassic"}
	if _, err := os.Stat(root + "/nfs/nat"); err != nil {
		b.Skip(err)
	}
	before := cpu(b)
	for b.Loop() {
		if nf, problems, err := load.Load(context.Background(), config); nf == nil {
			b.Fatal(problems, err)
		}
	}
	b.ReportMetric(float64((cpu(b)-before).Milliseconds())/float64(b.N), "cpu-ms/op")
}

// cpu is the processor time used so far by this process and its finished children.
func cpu(b *testing.B) time.Duration {
	var sum time.Duration
	for _, who := range []int{syscall.RUSAGE_SELF, syscall.RUSAGE_CHILDREN} {
		var usage syscall.Rusage
		if err := syscall.Getrusage(who, &usage); err != nil {
			b.Fatal(err)
		}
		sum += time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
	}
	return sum
}
