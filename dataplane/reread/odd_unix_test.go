//go:build unix

package reread_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"vigor/dataplane/reread"
)

// TestOddFiles: what never ends, or never begins, is refused; it would keep the helper, or all memory.
func TestOddFiles(t *testing.T) {
	dir := t.TempDir()
	pipe, large := filepath.Join(dir, "pipe"), filepath.Join(dir, "large")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(large, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(large, 1<<40); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		pipe: "is no regular file", dir: "is no regular file", "/dev/zero": "is no regular file", large: "more than any configuration",
	} {
		var out bytes.Buffer
		if err := reread.Serve(name, strings.NewReader("?"), &out); err != nil || !strings.Contains(out.String(), want) {
			t.Errorf("%s: %.100s, %v; want %s", name, out.String(), err, want)
		}
	}
}
