package bench

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/pprof/profile"
)

// TestAnonymous: a profile that was recorded says no more where that was, and still what was called from where.
func TestAnonymous(t *testing.T) {
	mapping := &profile.Mapping{ID: 1, Start: 0x1000, Limit: 0x2000, File: "/home/someone/nf"}
	function := &profile.Function{ID: 1, Name: "example.org/nf.Process", Filename: "/home/someone/nf.go", StartLine: 7}
	location := &profile.Location{ID: 1, Mapping: mapping, Address: 0x1234, Line: []profile.Line{{Function: function, Line: 9}}}
	p := &profile.Profile{
		SampleType: []*profile.ValueType{{Type: "samples", Unit: "count"}},
		Sample:     []*profile.Sample{{Location: []*profile.Location{location}, Value: []int64{3}}},
		Mapping:    []*profile.Mapping{mapping}, Function: []*profile.Function{function}, Location: []*profile.Location{location},
	}
	file := filepath.Join(t.TempDir(), "nf.pgo")
	out, err := os.Create(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Write(out); err != nil {
		t.Fatal(err)
	}
	if err := out.Close(); err != nil {
		t.Fatal(err)
	}
	if err := anonymous(file); err != nil {
		t.Fatal(err)
	}
	p = read(t, file)
	line := p.Sample[0].Location[0].Line[0]
	if line.Function.Name != "example.org/nf.Process" || line.Line != 9 || line.Function.StartLine != 7 || p.Sample[0].Value[0] != 3 {
		t.Errorf("what was called is lost: %v", p)
	}
	names(t, file, p)
}

// TestKeptProfiles: the profiles of our network functions do not say where they were recorded, either.
func TestKeptProfiles(t *testing.T) {
	files, err := filepath.Glob("../../nfs/*/default.pgo")
	if err != nil || len(files) == 0 {
		t.Fatalf("%d profiles, %v", len(files), err)
	}
	for _, file := range files {
		names(t, file, read(t, file))
	}
}

func read(t *testing.T, file string) *profile.Profile {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	p, err := profile.ParseData(text)
	if err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	return p
}

// names reports the folders that a profile names.
func names(t *testing.T, file string, p *profile.Profile) {
	t.Helper()
	for _, f := range p.Function {
		if strings.ContainsAny(f.Filename, `/\`) {
			t.Errorf("%s names %s: record it by vigor bench --record", file, f.Filename)
		}
	}
	for _, m := range p.Mapping {
		if m.File != "" {
			t.Errorf("%s names %s: record it by vigor bench --record", file, m.File)
		}
	}
}
