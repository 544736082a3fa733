package program_test

import (
	"bytes"
	"context"
	"go/format"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"vigor/internal/program"
)

// run runs a program in a folder of the source tree.
func run(t *testing.T, dir, pkg string, args ...string) (status int, stdout, stderr string, err error) {
	t.Helper()
	var out, complaint bytes.Buffer
	status, err = program.Run(context.Background(), program.Config{
		Dir: dir, Package: pkg, Args: args, Stdout: &out, Stderr: &complaint,
	})
	return status, out.String(), complaint.String(), err
}

// TestRunNAT runs the NAT on a recorded capture, twice: the same packets leave, byte for byte.
func TestRunNAT(t *testing.T) {
	var sent [2][]byte
	for i := range sent {
		out := filepath.Join(t.TempDir(), "out.pcap")
		status, stdout, stderr, err := run(t, "../../nfs", "./nat", "--config", "nat/nat.yaml",
			"--in", "0=nat/testdata/odd/inside.pcap", "--out", "1="+out)
		if status != 0 || err != nil || stderr != "" {
			t.Fatalf("status %d, %v, %s", status, err, stderr)
		}
		for _, want := range []string{"device  received  sent  dropped\n0", "fragment", "ttl_exceeded"} {
			if !strings.Contains(stdout, want) {
				t.Errorf("the table has no %q:\n%s", want, stdout)
			}
		}
		if sent[i], err = os.ReadFile(out); err != nil || len(sent[i]) < 1000 {
			t.Errorf("%d bytes were sent, %v", len(sent[i]), err)
		}
	}
	if !bytes.Equal(sent[0], sent[1]) {
		t.Error("two runs on the same capture send different packets")
	}
}

func TestRunReportsWhatIsWrong(t *testing.T) {
	status, _, stderr, err := run(t, "../..", "vigor/nfs/nop", "--config", "none.yaml", "--in", "0=x")
	if status != 2 || err != nil || !strings.Contains(stderr, "reading the configuration: open none.yaml") {
		t.Errorf("missing file: status %d, %v, %s", status, err, stderr)
	}
	for _, test := range []struct{ pkg, want string }{
		{"./nfs/none", "finding package ./nfs/none: "},
		{"./nfs/...", "packages, want one"},
		{"./packet", "building the program of vigor/packet: "},
	} {
		if status, _, _, err := run(t, "../..", test.pkg); status != 2 || err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: status %d, %v; want 2 and an error with %q", test.pkg, status, err, test.want)
		}
	}
}

// TestHints: the loop of a program gives hints if the network function has a method Hint.
func TestHints(t *testing.T) {
	for pkg, want := range map[string]bool{"./nfs/nat": true, "./nfs/nop": false} {
		target, err := program.Find(t.Context(), "../..", pkg)
		if err != nil {
			t.Fatal(err)
		}
		text, err := target.Start()
		if err != nil {
			t.Fatal(err)
		}
		if target.Hint != want || strings.Contains(text, "hint0 := function.Hint(&packets[i])") != want {
			t.Errorf("%s: Hint is %t, want %t:\n%s", pkg, target.Hint, want, text)
		}
		if formatted, err := format.Source([]byte(text)); err != nil || string(formatted) != text {
			t.Errorf("%s: not as gofmt writes it: %v\n%s", pkg, err, formatted)
		}
	}
}

// TestHintOfAnotherType: only the network function's own method counts.
func TestHintOfAnotherType(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"go.mod": "module example.org/nf\n",
		"nf.go":  "package nf\n\ntype T struct{}\n\nfunc New() (*T, error) { return nil, nil }\n",
		"other.go": "package nf\n\ntype U struct{ *T }\n\nfunc (u *U) Hint() {}\n\nfunc Hint() {}\n\n" +
			"func (t *T) hint() {}\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	target, err := program.Find(t.Context(), dir, ".")
	if err != nil || target.Hint || target.Path != "example.org/nf" {
		t.Errorf("got %+v, %v", target, err)
	}
}

// TestBuildAtOnce builds one program many times at once, as two terminals or tests may.
func TestBuildAtOnce(t *testing.T) {
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	t.Setenv("GOCACHE", goEnv(t, "GOCACHE"))
	errs := make(chan error)
	for range 3 {
		go func() {
			_, err := program.Build(t.Context(), program.Standalone, "../..", "./nfs/nop")
			errs <- err
		}()
	}
	for range 3 {
		if err := <-errs; err != nil {
			t.Error(err)
		}
	}
}

// goEnv is a setting of the go command.
func goEnv(t *testing.T, name string) string {
	out, err := exec.Command("go", "env", name).Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(out))
}
