package summary_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"vigor/internal/contract"
	"vigor/internal/contract/check"
	"vigor/internal/symbex/summary"
)

func lint(typ *contract.Type) []string {
	p := newProver()
	var out []string
	for _, d := range summary.Lint(p.b, typ, p) {
		out = append(out, d.Message)
	}
	return out
}

func TestLintLibvig(t *testing.T) {
	for name, typ := range libvig.Types {
		for _, message := range lint(typ) {
			t.Errorf("%s: %s", name, message)
		}
	}
}

// planted reads the contract of Table with one text of table.go replaced.
func planted(t *testing.T, old, new string) *contract.Type {
	t.Helper()
	return plantedIn(t, "table.go", "Table", old, new)
}

// plantedIn reads the contract of a type of libvig with one text of a file replaced.
func plantedIn(t *testing.T, file, typ, old, new string) *contract.Type {
	t.Helper()
	dir := t.TempDir()
	files, err := filepath.Glob("../../../libvig/*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if base := filepath.Base(name); base == file {
			if !strings.Contains(string(text), old) {
				t.Fatalf("%s has no %q", file, old)
			}
			text = []byte(strings.Replace(string(text), old, new, 1))
		}
		if err := os.WriteFile(filepath.Join(dir, filepath.Base(name)), text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	pkg, err := check.Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	return pkg.Types[typ]
}

func TestLintRefuses(t *testing.T) {
	for _, c := range []struct{ name, old, new, want string }{
		{"choice too weak", "0 <= i && i < cap && !old(alloc[i])", "0 <= i && i < cap", "Insert does not keep what Table exposes"},
		{"choice out of range", "0 <= i && i < cap && !old(alloc[i])", "0 <= i && i <= cap && !old(alloc[i])", "Insert does not keep what Table exposes"},
		{"choice without solution", "0 <= i && i < cap && !old(alloc[i])", "i < 0 && 0 <= i", "Insert.i has no value"},
		{"choice of no free index", "0 <= i && i < cap && !old(alloc[i])", "0 <= i && i < cap && old(alloc[i]) && i >= cap", "Insert.i has no value"},
		{"key not stored", "&& key == old(key)[i := k]", "", "Insert does not keep"},
		{"index not stored", "&& idx == old(idx)[k := i]", "", "Insert does not keep"},
		{"value not stored", "val == old(val)[i := v] && ", "", "after Insert, val may have a value that nobody stored"},
		{"last not set", "&& idx == old(idx)[k := i] && last == now", "&& idx == old(idx)[k := i]", "Insert does not keep"},
		{"present key inserted", "requires !dom[k] && last <= now", "requires last <= now", "Insert does not keep"},
		{"requires that nothing meets", "requires !dom[k] && last <= now", "requires !dom[k] && now < last && last <= now", "no call of Insert"},
		{"erase leaves the key", "&& dom == old(dom)[old(key[i]) := false]", "", "Erase does not keep"},
		{"erase leaves the index", "ensures alloc == old(alloc)[i := false] && dom", "ensures dom", "Erase does not keep"},
		{"expiry of indices only", "// @ ensures forall k K {dom[k]} :: dom[k] == old(dom[k] && time[idx[k]] >= before)\n", "", "ExpireBefore does not keep"},
		{"expiry of keys at another time", "time[idx[k]] >= before", "time[idx[k]] > before", "ExpireBefore does not keep"},
		{"time goes back", "requires alloc[i] && last <= now", "requires alloc[i]", "Refresh does not keep"},
		{"constructor with an entry", "(forall i int :: alloc[i] == false)", "(forall i int :: alloc[i] == (i == 0))", "NewTable does not keep"},
		{"more exposed than is so", "==> 0 <= i && i < cap &&", "==> 0 < i && i < cap &&", "Insert does not keep"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := strings.Join(lint(planted(t, c.old, c.new)), "\n")
			if !strings.Contains(got, c.want) {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

// TestLintRefusesConstructors: what a constructor does not define is arbitrary but for what it promises.
func TestLintRefusesConstructors(t *testing.T) {
	const promise = "// @ ensures forall k K {dom[k]} :: dom[k] ==> idx[k] < n && key[idx[k]] == k\n"
	for name, new := range map[string]string{
		"nothing promised":   "",
		"place beyond":       "// @ ensures forall k K {dom[k]} :: dom[k] ==> idx[k] <= n && key[idx[k]] == k\n",
		"another key":        "// @ ensures forall k K {dom[k]} :: dom[k] ==> idx[k] < n\n",
		"promised elsewhere": "// @ ensures forall i int {key[i]} :: 0 <= i && i < n ==> dom[key[i]]\n",
	} {
		t.Run(name, func(t *testing.T) {
			got := strings.Join(lint(plantedIn(t, "dictionary.go", "Dictionary", promise, new)), "\n")
			if !strings.Contains(got, "NewDictionary does not keep what Dictionary exposes") {
				t.Errorf("got %q", got)
			}
		})
	}
}
