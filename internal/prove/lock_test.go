package prove_test

import (
	"testing"

	"vigor/internal/prove"
)

const lockText = "# remark\nsource ab\ntotal 2 functions 5 obligations\nproved Stack.Pop cd obligations 5 retries 0\ntrusted Stack.Warm ef\n"

// TestParseLock reads locks that are not what prove writes.
func TestParseLock(t *testing.T) {
	lock, err := prove.ParseLock([]byte(lockText))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		source, name, contract string
		warms, want            bool
	}{
		{"ab", "Stack.Pop", "cd", false, true},
		{"ac", "Stack.Pop", "cd", false, false},
		{"ab", "Stack.Pop", "ef", false, false},
		{"ab", "Stack.Push", "cd", false, false},
		{"ab", "Stack.Warm", "ef", false, false},
		{"ab", "Stack.Warm", "ef", true, true},
	} {
		if got := lock.Covers(c.source, c.name, c.contract, c.warms); got != c.want {
			t.Errorf("Covers(%q, %q, %q, %v) = %v", c.source, c.name, c.contract, c.warms, got)
		}
	}
	for name, text := range map[string]string{
		"operation twice":          lockText + "proved Stack.Pop 00 obligations 5 retries 0\n",
		"operation trusted, too":   lockText + "trusted Stack.Pop cd\n",
		"trusted operation proved": lockText + "proved Stack.Warm ef obligations 0 retries 0\n",
		"second source":            lockText + "source ac\n",
		"second total":             lockText + "total 3 functions 6 obligations\n",
		"number below zero":        "proved Stack.Pop cd obligations -5 retries 0\n",
		"unknown line":             "assumed Stack.Pop cd\n",
	} {
		if _, err := prove.ParseLock([]byte(text)); err == nil {
			t.Errorf("%s: read", name)
		}
	}
	nothing, err := prove.ParseLock([]byte("proved Stack.Pop cd obligations 5 retries 0\n"))
	if err != nil {
		t.Fatal(err)
	}
	if nothing.Covers("", "Stack.Pop", "cd", false) {
		t.Error("a lock without a source proves what has none")
	}
}
