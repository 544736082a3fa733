package prove_test

import (
	"go/build"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"vigor/internal/prove"
)

// weakening is an edit of a contract of libvig with which a client must not be proved: it promises less.
type weakening struct {
	name, file, old, new string
	owner                string // the client's function that needs what is gone
}

// proveClients proves functions of the clients, which are files of testdata/clients put beside those of libvig. A
// component is opaque to them: all they know of it is its contract.
func proveClients(t *testing.T, w weakening, only func(string) bool) string {
	t.Helper()
	dir := t.TempDir()
	library, err := build.ImportDir(libvigDir, 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, from := range append([]string{"testdata/clients/pair.go", "testdata/clients/lru.go"}, inFolder(libvigDir, library.GoFiles)...) {
		text, err := os.ReadFile(from)
		if err != nil {
			t.Fatal(err)
		}
		if name := filepath.Base(from); name == w.file {
			if n := strings.Count(string(text), w.old); n != 1 {
				t.Fatalf("%q occurs %d times in %s, want once", w.old, n, name)
			}
			text = []byte(strings.Replace(string(text), w.old, w.new, 1))
		}
		if err := os.WriteFile(filepath.Join(dir, filepath.Base(from)), text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	report, err := prove.Run(t.Context(), prove.Config{Dir: dir, Solvers: solvers(t)[:1], Jobs: 2, Cache: &known, Only: only})
	if err != nil {
		t.Fatal(err)
	}
	if len(report.Problems) > 0 || len(report.Functions) == 0 {
		t.Fatalf("nothing was proved: %v", report.Problems)
	}
	var out strings.Builder
	if !report.Proved() {
		if err := report.WriteText(&out, true); err != nil {
			t.Fatal(err)
		}
	}
	return out.String()
}

func inFolder(dir string, names []string) []string {
	var list []string
	for _, n := range names {
		list = append(list, filepath.Join(dir, n))
	}
	return list
}

// TestClients proves structures that are made of those of libvig, on the contracts alone.
func TestClients(t *testing.T) {
	wrong := proveClients(t, weakening{}, func(name string) bool { return name == "Pair" || name == "LRU" })
	if wrong != "" {
		t.Error(wrong)
	}
}

// weakenings are one or more for each structure.
var weakenings = []weakening{
	{"Lookup finds some index", "table.go", "// @ ensures ok ==> i == idx[k]\n", "// @ ensures ok ==> 0 <= i\n", "Pair.Copy"},
	{"NewVector makes one element", "vector.go", "// @ ensures n == size &&", "// @ ensures n == 1 &&", "NewLRU"},
	{"NewChain makes one index", "chain.go", "// @ ensures cap == n && last == 0", "// @ ensures cap == 1 && last == 0", "NewLRU"},
	{"Get finds some index", "map.go", "// @ ensures ok ==> i == val[k]\n// @ ensures !ok ==> i == 0\nfunc (m *Map[K]) Get", "// @ ensures ok ==> 0 <= i && i < cap\n// @ ensures !ok ==> i == 0\nfunc (m *Map[K]) Get", "LRU.Get"},
	{"Allocate gives indices twice", "chain.go", "0 <= i && i < cap && !old(alloc[i])", "0 <= i && i < cap", "LRU.Put"},
	{"Free gives back another", "chain.go", "// @ ensures alloc == old(alloc)[i := false]\n", "// @ ensures alloc == old(alloc)[0 := false]\n", "LRU.Remove"},
	{"Set writes the first element", "vector.go", "// @ ensures elem == old(elem)[i := x]\n", "// @ ensures elem == old(elem)[0 := x]\n", "LRU.Put"},
}

// TestWeakContracts weakens contracts: a client that needs what is gone must not be proved.
func TestWeakContracts(t *testing.T) {
	for _, w := range weakenings {
		t.Run(strings.ReplaceAll(w.name, " ", "_"), func(t *testing.T) {
			if wrong := proveClients(t, w, func(name string) bool { return name == w.owner }); wrong == "" {
				t.Errorf("%s is proved all the same", w.owner)
			}
		})
	}
}
