package program_test

import (
	"context"
	"debug/buildinfo"
	"debug/elf"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"vigor/internal/program"
)

// install makes the wire's program from the root of the tree.
func install(t *testing.T, in program.Install) (file, identity string, err error) {
	t.Helper()
	in.Dir, in.Package, in.File = "../..", "./nfs/nop", filepath.Join(t.TempDir(), "nop")
	identity, err = in.Install(context.Background())
	return in.File, identity, err
}

// TestNoToolchainInside looks for what must not be in a program that is given away, and for what must.
func TestNoToolchainInside(t *testing.T) {
	file, identity, err := install(t, program.Install{})
	if err != nil || !strings.HasPrefix(identity, "sha256:") {
		t.Fatalf("%s, %v", identity, err)
	}
	binary, err := elf.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer binary.Close()
	symbols, err := binary.Symbols()
	if err != nil {
		t.Fatal(err)
	}
	own := false
	for _, s := range symbols {
		own = own || strings.HasPrefix(s.Name, "vigor/nfs/nop.")
		for _, foreign := range []string{"vigor/internal/", "vigor/verify", "go/types.", "golang.org/x/tools/"} {
			if strings.HasPrefix(s.Name, foreign) {
				t.Fatalf("%s is in the program", s.Name)
			}
		}
	}
	if !own {
		t.Error("the network function is not in the program")
	}
	if libraries, err := binary.ImportedLibraries(); err != nil || len(libraries) != 0 {
		t.Errorf("it needs the libraries %v, %v", libraries, err)
	}
	info, err := buildinfo.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range info.Deps {
		if strings.Contains(m.Path, "x/tools") {
			t.Errorf("module %s is in the program", m.Path)
		}
	}
	text, err := os.ReadFile(file)
	if here, _ := filepath.Abs("../.."); err != nil || strings.Contains(string(text), here) {
		t.Errorf("%v; the program must not say where it was built: %s", err, here)
	}
}

// TestProofFirst: without a proof there is no program, and what is changed meanwhile is not proved.
func TestProofFirst(t *testing.T) {
	refusal := errors.New("violated")
	file, _, err := install(t, program.Install{Prove: func() (string, error) { return "", refusal }})
	if _, problem := os.Stat(file); !errors.Is(err, refusal) || !os.IsNotExist(problem) {
		t.Errorf("%v, %v", err, problem)
	}
}

// TestFlagsThatChangePrograms: an overlay, for one, has other files compiled than those that are read for
// the proof and the identity.
func TestFlagsThatChangePrograms(t *testing.T) {
	prove := func() (string, error) { t.Error("it is proved"); return "proved", nil }
	overlay := filepath.Join(t.TempDir(), "overlay.json")
	if err := os.WriteFile(overlay, []byte("{}"), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, flag := range []string{"-overlay=" + overlay, "-gcflags=all=-lang=go1.20", "--toolexec=env", "-ldflags=-s", "-race"} {
		t.Setenv("GOFLAGS", "-v "+flag)
		file, _, err := install(t, program.Install{Prove: prove})
		if _, problem := os.Stat(file); err == nil || !strings.Contains(err.Error(), "GOFLAGS has "+flag+", with which") || !os.IsNotExist(problem) {
			t.Errorf("%s: %v, %v", flag, err, problem)
		}
	}
	refused := errors.New("asked for a proof")
	t.Setenv("GOFLAGS", "-tags=some -trimpath -pgo=off")
	if _, _, err := install(t, program.Install{Prove: func() (string, error) { return "", refused }}); !errors.Is(err, refused) {
		t.Errorf("flags that do no harm: %v", err)
	}
}

// TestIdentity: it depends on what a proof is about, and on nothing else.
func TestIdentity(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) {
		t.Helper()
		if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	identity := func(env []string, options ...string) string {
		t.Helper()
		id, err := program.Identity(context.Background(), filepath.Join(dir, "nf"), env, options...)
		if err != nil {
			t.Fatal(err)
		}
		return id
	}
	write("go.mod", "module example.com/user\n\ngo 1.26\n")
	write("nf/nf.go", "package nf\n\nimport _ \"example.com/user/dep\"\n")
	write("dep/dep.go", "package dep\n")
	before := identity(nil)
	same := func(what string, want bool) {
		t.Helper()
		now := identity(nil)
		if (now == before) != want {
			t.Errorf("%s: %s is now %s", what, before, now)
		}
		before = now
	}
	write("nf/notes.txt", "x")
	write("nf/nf_test.go", "package nf\n")
	write("other/other.go", "package other\n")
	same("what is not proved", true)
	write("nf/spec.py", "def spec(pkt, device, now): return DROP\n")
	same("a spec", false)
	write("nf/properties/p.py", "")
	same("a property", false)
	write("nf/properties/p.py", "# more\n")
	same("a changed property", false)
	write("dep/dep.go", "package dep\n\nvar X int\n")
	same("a dependency", false)
	write("dep/dep.go", "package dep\n\nvar X int \n")
	same("a byte of a dependency", false)
	write("nf/nf.go", "package nf\n\nimport _ \"example.com/user/dep\" // ok\n")
	same("a comment, which may be a contract", false)
	write("go.mod", "module example.com/user\n\ngo 1.25\n")
	same("the version of the language", false)
	moved := t.TempDir()
	if err := os.CopyFS(filepath.Join(moved, "deeper"), os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	if id, err := program.Identity(context.Background(), filepath.Join(moved, "deeper", "nf"), nil); id != before {
		t.Errorf("in another folder: %s, %v; want %s", id, err, before)
	}
	write("nf/tagged.go", "//go:build special\n\npackage nf\n")
	same("a file that is left out", true)
	if identity(nil, "-tags=special") == before || identity([]string{"GOFLAGS=-tags=special"}) == before {
		t.Error("a file that a tag takes in changes nothing")
	}
	write("nf/nf.go", "package nf\n\nimport _ \"example.com/user/gone\"\n")
	if id, err := program.Identity(context.Background(), filepath.Join(dir, "nf"), nil); err == nil {
		t.Errorf("a missing package: %s", id)
	}
}
