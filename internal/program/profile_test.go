package program_test

import (
	"debug/buildinfo"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"vigor/internal/program"
)

// TestProfile: a function's profile goes into its programs whose speed counts, into no others, and not into those
// made after it was taken away; a damaged one is no profile.
func TestProfile(t *testing.T) {
	repository, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	write := func(name, text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	sums, err := os.ReadFile(filepath.Join(repository, "go.sum"))
	if err != nil {
		t.Fatal(err)
	}
	module, err := os.ReadFile(filepath.Join(repository, "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	write("go.sum", string(sums))
	write("go.mod", strings.Replace(string(module), "module vigor\n", "module example.com/user\n\nrequire vigor v0.0.0\n\nreplace vigor => "+repository+"\n", 1))
	wire, err := os.ReadFile(filepath.Join(repository, "nfs/nop/nop.go"))
	if err != nil {
		t.Fatal(err)
	}
	write("nop.go", string(wire))
	used := func(kind program.Kind) bool {
		t.Helper()
		binary, err := program.Build(t.Context(), kind, dir, ".")
		if err != nil {
			t.Fatal(err)
		}
		info, err := buildinfo.ReadFile(binary)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range info.Settings {
			if s.Key == "-pgo" {
				return true
			}
		}
		return false
	}
	if used(program.Bench) {
		t.Error("there is no profile yet")
	}
	profile, err := os.ReadFile(filepath.Join(repository, "nfs/natclassic", program.Profile))
	if err != nil {
		t.Fatal(err)
	}
	write(program.Profile, string(profile))
	if !used(program.Bench) {
		t.Error("a program to be measured is built without the profile")
	}
	if used(program.Literal) {
		t.Error("a program whose speed does not count is built with the profile: that takes long")
	}
	write(program.Profile, "no profile")
	if _, err := program.Build(t.Context(), program.Bench, dir, "."); err == nil || !strings.Contains(err.Error(), program.Profile) {
		t.Errorf("%v; want an error that names %s", err, program.Profile)
	}
	if err := os.Remove(filepath.Join(dir, program.Profile)); err != nil {
		t.Fatal(err)
	}
	if used(program.Bench) {
		t.Error("the profile was taken away, and is still used")
	}
}
