package reread_test

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"vigor/dataplane/reread"
)

func TestMain(m *testing.M) {
	if len(os.Args) == 3 && os.Args[1] == reread.Flag {
		if reread.Serve(os.Args[2], os.Stdin, os.Stdout) != nil {
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

func TestRead(t *testing.T) {
	t.Chdir(t.TempDir())
	r, err := reread.Start("file")
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(t.TempDir()) // the helper stays
	if _, err := r.Read(); err == nil || !strings.Contains(err.Error(), "open file: no such file") {
		t.Errorf("a file that is not there: %v", err)
	}
	if err := r.Close(); err != nil {
		t.Error(err)
	}
	if _, err := r.Read(); err == nil {
		t.Error("a reader that is closed reads on")
	}
}

// TestReadAgain: what is written in place, and what replaces the file, is read, whatever bytes it has.
func TestReadAgain(t *testing.T) {
	dir := t.TempDir()
	name := filepath.Join(dir, "file")
	write := func(name, text string) {
		t.Helper()
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(name, "first")
	r, err := reread.Start(name)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	expect := func(want string) {
		t.Helper()
		if got, err := r.Read(); string(got) != want || err != nil {
			t.Errorf("got %q, %v; want %q", got, err, want)
		}
	}
	expect("first")
	write(name, "\x00\xff\n}second")
	expect("\x00\xff\n}second")
	large := strings.Repeat("x", 1<<20)
	write(name+".new", large)
	if err := os.Rename(name+".new", name); err != nil {
		t.Fatal(err)
	}
	expect(large)
	if err := os.Remove(name); err != nil {
		t.Fatal(err)
	}
	if got, err := r.Read(); err == nil {
		t.Errorf("a removed file has %q", got)
	}
	write(name, "")
	expect("")
}

// TestServe: nobody who asks can have another file read.
func TestServe(t *testing.T) {
	var out bytes.Buffer
	if err := reread.Serve("none", strings.NewReader("/etc/passwd\n"), &out); err != nil {
		t.Error(err)
	}
	if n := strings.Count(out.String(), `"Error":"open none: no such file or directory"`); n != 12 {
		t.Errorf("%d answers that the file is not there, want one for each byte", n)
	}
	if err := reread.Serve("none", strings.NewReader("x"), closed{}); !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("nobody takes the answer: %v", err)
	}
}

type closed struct{}

func (closed) Write([]byte) (int, error) { return 0, io.ErrClosedPipe }
