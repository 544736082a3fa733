// Package mutants plants faults in a driver, as changes of its text, and says which runs of package check
// find each.
//
// All changed versions of the driver and the unchanged one are built into two programs, through an overlay
// of the go command: one with the race detector; and one in which words that driver and device share are
// those of package stepping, so that the device also steps at each access to them. Only tests import this
// package.
package mutants

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"vigor/driver/check"
)

// Mutant is one fault.
type Mutant struct {
	Name     string
	File     string // of the driver
	Old, New string // text that the file contains once, and what is there instead
	// FoundBy has the kinds of runs that find it, by their first letters, r, e and c. What c finds may
	// depend on timing, so only r and e must be right.
	FoundBy string
}

// Suite is a driver with its mutants. Tests run it from the driver's folder.
type Suite struct {
	Package string   // import path of the driver
	Shared  []string // files, relative to the driver's folder, that have words of sync/atomic
	Options []check.Options
	Frames  int
	Mutants []Mutant
	Table   string // file of documentation with a row for each mutant
}

// Run builds all versions and tries every run on each: none finds anything in the driver itself, and the runs
// that a mutant names find it. The driver's file rig_test.go has a check.Build named rig.
func Run(t *testing.T, s Suite) {
	if _, err := exec.LookPath("gcc"); err != nil { // the race detector is linked by it
		if os.Getenv("CI") != "" {
			t.Fatal("gcc is not installed; .ci/tools installs it")
		}
		t.Skip("gcc is not installed, which the race detector needs")
	}
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	b := builder{suite: &s, source: dir, work: t.TempDir(), overlay: map[string]string{}}
	if err := b.versions(); err != nil {
		t.Fatal(err)
	}
	raced, err := b.build("raced", "-race")
	if err != nil {
		t.Fatal(err)
	}
	if err := b.step(); err != nil {
		t.Fatal(err)
	}
	stepped, err := b.build("stepped")
	if err != nil {
		t.Fatal(err)
	}
	programs := map[string]string{"random": stepped, "exhaustive": stepped, "concurrent": raced}
	found := make([]string, len(s.Mutants)+1)
	said := make([]string, len(s.Mutants)+1)
	var group sync.WaitGroup
	for part := range 2 {
		group.Go(func() {
			for version := part; version < len(found); version += 2 {
				for _, kind := range check.Kinds {
					if text, is := try(programs[kind], version, kind); is {
						found[version] += kind[:1]
						said[version] += "\n    " + kind + ": " + text
					}
				}
			}
		})
	}
	group.Wait()
	s.judge(t, found, said)
}

// judge compares what was found with what must be.
func (s *Suite) judge(t *testing.T, found, said []string) {
	table, err := os.ReadFile(s.Table)
	if err != nil {
		t.Fatal(err)
	}
	if found[0] != "" {
		t.Errorf("something is found in the driver itself:%s", said[0])
	}
	for i, m := range s.Mutants {
		got, want := strings.ReplaceAll(found[i+1], "c", ""), strings.ReplaceAll(m.FoundBy, "c", "")
		if found[i+1] == "" {
			t.Errorf("%s: no run finds it", m.Name)
		} else if got != want {
			t.Errorf("%s: found by %q, want %q:%s", m.Name, found[i+1], m.FoundBy, said[i+1])
		}
		if row := row(m); !strings.Contains(string(table), row) {
			t.Errorf("%s has no row that begins with %q", s.Table, row)
		}
		t.Logf("%-3s %s", found[i+1], m.Name)
	}
}

// row is the beginning of what documentation says of a mutant: whether random and exhaustive runs find it.
func row(m Mutant) string {
	text := "| " + m.Name + " |"
	for _, kind := range "re" {
		if strings.ContainsRune(m.FoundBy, kind) {
			text += " found |"
		} else {
			text += "  |"
		}
	}
	return text
}

// builder makes programs.
type builder struct {
	suite        *Suite
	source, work string
	overlay      map[string]string // where a file appears, and where it is
	count        int
}

// put has a file appear in the driver's folder.
func (b *builder) put(name, text string) error {
	b.count++
	file := filepath.Join(b.work, fmt.Sprintf("%d.go", b.count))
	b.overlay[filepath.Join(b.source, name)] = file
	return os.WriteFile(file, []byte(text), 0o600)
}

// versions writes a package for each version, and a program with all of them.
func (b *builder) versions() error {
	files, err := filepath.Glob("*.go")
	if err != nil {
		return err
	}
	imports, list := "", ""
	for version := range len(b.suite.Mutants) + 1 {
		name := fmt.Sprintf("v%d", version)
		imports += fmt.Sprintf("\t%s %q\n", name, b.suite.Package+"/versions/"+name)
		list += name + ".Rig, "
		for _, file := range files {
			if err := b.version(version, file); err != nil {
				return err
			}
		}
	}
	return b.put("versions/main.go", "package main\n\nimport (\n\t\"vigor/driver/check\"\n"+imports+")\n\n"+
		fmt.Sprintf("func main() {\n\tcheck.Main([]check.Build{%s}, %#v, %d)\n}\n", list, b.suite.Options, b.suite.Frames))
}

// version writes one file of a version.
func (b *builder) version(version int, file string) error {
	if strings.HasSuffix(file, "_test.go") && file != "rig_test.go" {
		return nil
	}
	content, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	text := string(content)
	if version > 0 {
		if m := b.suite.Mutants[version-1]; m.File == file {
			if strings.Count(text, m.Old) != 1 || m.Old == m.New {
				return fmt.Errorf("%s: %s has %d times %q, want 1", m.Name, file, strings.Count(text, m.Old), m.Old)
			}
			text = strings.Replace(text, m.Old, m.New, 1)
		}
	}
	if file == "rig_test.go" {
		file, text = "rig.go", strings.Replace(text, "func rig(", "func Rig(", 1)
	}
	return b.put(fmt.Sprintf("versions/v%d/%s", version, file), text)
}

// step has shared words step.
func (b *builder) step() error {
	for _, file := range b.suite.Shared {
		content, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		text := strings.Replace(string(content), `"sync/atomic"`, `atomic "vigor/driver/check/stepping"`, 1)
		if text == string(content) {
			return fmt.Errorf("%s does not import sync/atomic", file)
		}
		if err := b.put(file, text); err != nil {
			return err
		}
	}
	return nil
}

// build makes a program of what appears now.
func (b *builder) build(name string, flags ...string) (string, error) {
	overlay, err := json.Marshal(map[string]any{"Replace": b.overlay})
	if err != nil {
		return "", err
	}
	listed, program := filepath.Join(b.work, name+".json"), filepath.Join(b.work, name)
	if err := os.WriteFile(listed, overlay, 0o600); err != nil {
		return "", err
	}
	arguments := append([]string{"build", "-overlay", listed, "-o", program}, flags...)
	output, err := exec.Command("go", append(arguments, "./versions")...).CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("building %s: %w\n%s", name, err, output)
	}
	return program, nil
}

// try makes one run of one version, and returns what it says if it finds something.
func try(program string, version int, kind string) (string, bool) {
	command := exec.Command(program, fmt.Sprint(version), kind)
	command.Env = append(os.Environ(), "GORACE=halt_on_error=1")
	output, err := command.CombinedOutput()
	if err == nil {
		return "", false
	}
	text := strings.TrimSpace(string(output))
	if strings.Contains(text, "WARNING: DATA RACE") {
		return "data race", true
	}
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.ExitCode() != check.Failed {
		return fmt.Sprintf("%v: %s", err, text), true
	}
	return text, true
}
