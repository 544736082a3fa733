package prove_test

import (
	"testing"

	"vigor/internal/prove"
)

const lockText = "# remark\nsource ab\ntotal 2 functions 5 obligations\nproved Stack.Pop cd obligations 5 retries 0\nproved Stack.Warm ef obligations 0 retries 0\n"

// TestParseLock reads locks that are not what prove writes.
func TestParseLock(t *testing.T) {
	lock, err := prove.ParseLock([]byte(lockText))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		source, name, contract string
		want                   bool
	}{
		{"ab", "Stack.Pop", "cd", true},
		{"ac", "Stack.Pop", "cd", false},
		{"ab", "Stack.Pop", "ef", false},
		{"ab", "Stack.Push", "cd", false},
		{"ab", "Stack.Warm", "ef", true},
	} {
		if got := lock.Covers(c.source, c.name, c.contract); got != c.want {
			t.Errorf("Covers(%q, %q, %q) = %v", c.source, c.name, c.contract, got)
		}
	}
	for name, text := range map[string]string{
		"operation twice":   lockText + "proved Stack.Pop 00 obligations 5 retries 0\n",
		"trusted operation": lockText + "trusted Stack.Push cd\n",
		"second source":     lockText + "source ac\n",
		"second total":      lockText + "total 3 functions 6 obligations\n",
		"number below zero": "proved Stack.Pop cd obligations -5 retries 0\n",
		"unknown line":      "assumed Stack.Pop cd\n",
	} {
		if _, err := prove.ParseLock([]byte(text)); err == nil {
			t.Errorf("%s: read", name)
		}
	}
	nothing, err := prove.ParseLock([]byte("proved Stack.Pop cd obligations 5 retries 0\n"))
	if err != nil {
		t.Fatal(err)
	}
	if nothing.Covers("", "Stack.Pop", "cd") {
		t.Error("a lock without a source proves what has none")
	}
}
