package prove_test

import (
	"go/build"
	"os"
	"path/filepath"
	"slices"
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
	clients, err := filepath.Glob("testdata/clients/*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, from := range append(clients, inFolder(libvigDir, library.GoFiles)...) {
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
	report, err := prove.Run(t.Context(), prove.Config{Dir: dir, Solvers: first(t), Jobs: 2, Cache: &known, Only: only})
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

// clients are the structures of testdata/clients.
var clients = []string{"Pair", "LRU", "Shaper", "Gate", "Way", "Shares", "Sessions", "Names", "Calls", "Leases"}

// TestClients proves structures that are made of those of libvig, on the contracts alone.
func TestClients(t *testing.T) {
	wrong := proveClients(t, weakening{}, func(name string) bool { return slices.Contains(clients, name) })
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
	{"Push puts another element", "ring.go", "old(size) - (cap - old(head))) := x]\n", "old(size) - (cap - old(head))) := old(elem)[0]]\n", "Shaper.Enter"},
	{"Front shows some element", "ring.go", "// @ ensures x == elem[head]\n", "// @ ensures x == elem[0]\n", "Shaper.Next"},
	{"Pop leaves the head", "ring.go", "// @ ensures head == (old(head) == cap - 1 ? 0 : old(head) + 1)\n", "", "Shaper.Leave"},
	{"Allocate gives numbers twice", "portrange.go", "first <= n && n < first + cap && !old(alloc[n])", "first <= n && n < first + cap", "Shaper.Enter"},
	{"NewPortRange begins elsewhere", "portrange.go", "first == from && (forall", "first == 0 && (forall", "NewShaper"},
	{"Match finds a rule beyond the last", "classifier.go", "// @ ensures 0 <= r && r <= n\n", "// @ ensures 0 <= r && r <= n + 1\n", "Gate.Decide"},
	{"Value is that of another rule", "classifier.go", "// @ ensures r == value[i]\n", "// @ ensures r == value[i] + 2\n", "Gate.Decide"},
	{"NewClassifier loses values", "classifier.go", "// @ ensures forall j int {value[j]} :: 0 <= j && j < len(rules) ==> value[j] == rules[j].Value\n", "// @ ensures forall j int {value[j]} :: 0 <= j && j < len(rules) ==> value[j] == rules[j].DstPortLow\n", "NewGate"},
	{"NewLPM makes up values", "lpm.go", "(won[ip] < 0 ? 0 : rules[won[ip]].Value)", "(won[ip] < 0 ? 9 : rules[won[ip]].Value)", "NewWay"},
	{"NewLPM has a rule from nowhere", "lpm.go", "// @  won[ip] < len(rules) && rules[won[ip]].Length <= 32", "// @  rules[won[ip]].Length <= 32", "NewNowhere"},
	{"NewMaglev makes one backend", "maglev.go", "// @ ensures n == len(backends)\n", "// @ ensures n == 1\n", "NewShares"},
	{"Choose finds the dead", "maglev.go", "// @ ensures ok ==> time[order[hash[k]*16777216 + steps]] >= since\n", "", "Shares.Choose"},
	{"Choose gives up", "maglev.go", "(ok ? steps : 16777216) ==>", "(ok ? steps : 0) ==>", "Shares.Choose"},
	{"Beat of another", "maglev.go", "// @ ensures time == old(time)[i := now]\n", "// @ ensures time == old(time)[0 := now]\n", "Shares.Heard"},
	{"a place beyond the list", "dictionary.go", "// @ exposes forall k K {dom[k]} :: dom[k] ==> idx[k] < n && key[idx[k]] == k\n", "// @ exposes forall k K {dom[k]} :: dom[k] ==> key[idx[k]] == k\n", "Names.Use"},
	{"a name is where another is", "dictionary.go", "// @ ensures ok ==> i == idx[k]\n", "// @ ensures ok ==> 0 <= i && i < n\n", "Names.Use"},
	{"a table expires more", "table.go",
		"old(alloc[i] && time[i] >= before)\n// @ ensures forall k K {dom[k]} :: dom[k] == old(dom[k] && time[idx[k]] >= before)\n",
		"old(alloc[i] && time[i] > before)\n// @ ensures forall k K {dom[k]} :: dom[k] == old(dom[k] && time[idx[k]] > before)\n", "Sessions.Drop"},
	{"a chain expires nothing", "chain.go", "// @ ensures forall i int {alloc[i]} :: alloc[i] == old(alloc[i] && time[i] >= before)\n", "// @ ensures forall i int {alloc[i]} :: alloc[i] == old(alloc[i])\n", "Sessions.Drop"},
	{"a full table is one with an entry", "table.go", "// @ ensures r == (count(alloc, cap) == cap)\n", "// @ ensures r == (count(alloc, cap) > 0)\n", "Sessions.Drop"},
	{"Allocated says yes", "table.go", "// @ ensures r == alloc[i]\n", "// @ ensures r == (0 <= i && i < cap)\n", "Sessions.Touch"},
	{"Key shows the key of another entry", "table.go", "// @ ensures r == key[i]\n", "// @ ensures dom[r]\n", "Sessions.Whose"},
	{"Full is never said", "map.go", "// @ ensures r == (count(used, cap) == cap)\n", "// @ ensures r == false\n", "Sessions.Room"},
	{"a class too few", "classtable.go", "// @ ensures cap == n && classes == number && last == 0 && (forall i int :: alloc[i] == false) && (forall k K :: dom[k] == false)\nfunc NewClassTable[", "// @ ensures cap == n && classes == 1 && last == 0 && (forall i int :: alloc[i] == false) && (forall k K :: dom[k] == false)\nfunc NewClassTable[", "NewCalls"},
	{"a class is any class", "classtable.go", "// @ exposes forall i int {class[i]} :: alloc[i] ==> class[i] < classes\n", "", "Calls.Drop"},
	{"an entry keeps its class", "classtable.go", "// @ ensures time == old(time)[i := now] && class == old(class)[i := of] && last == now\n", "// @ ensures time == old(time)[i := now] && last == now\n", "Calls.Answer"},
	{"entries of each class expire", "classtable.go",
		"given one.\n//\n// @ requires of < classes\n// @ ensures forall i int {alloc[i]} :: alloc[i] == old(alloc[i] && (class[i] != of || time[i] >= before))\n// @ ensures forall k K {dom[k]} :: dom[k] == old(dom[k] && (class[idx[k]] != of || time[idx[k]] >= before))\n",
		"given one.\n//\n// @ requires of < classes\n// @ ensures forall i int {alloc[i]} :: alloc[i] == old(alloc[i] && time[i] >= before)\n// @ ensures forall k K {dom[k]} :: dom[k] == old(dom[k] && time[idx[k]] >= before)\n", "Calls.Drop"},
	{"Class is another one", "classtable.go", "// @ ensures r == class[i]\n", "// @ ensures r < classes\n", "Calls.Swap"},
	{"a new entry is of the first class", "classtable.go", "time == old(time)[i := now] && class == old(class)[i := of]\n// @ ensures ok ==> dom", "time == old(time)[i := now] && class == old(class)[i := 1]\n// @ ensures ok ==> dom", "Calls.Ring"},
	{"Erase leaves the key", "classtable.go", " && dom == old(dom)[old(key[i]) := false]\n", "\n", "Calls.HangUp"},
	{"a chain of one class", "classchain.go", "// @ ensures cap == n && classes == number &&", "// @ ensures cap == n && classes == 1 &&", "NewLeases"},
	{"an index keeps its class", "classchain.go", "// @ ensures time == old(time)[i := now] && class == old(class)[i := of] && last == now\n", "// @ ensures time == old(time)[i := now] && last == now\n", "Leases.Extend"},
	{"indices of each class expire", "classchain.go", "old(alloc[i] && (class[i] != of || time[i] >= before))", "old(alloc[i] && time[i] >= before)", "Leases.Sweep"},
	{"a value of another entry", "classtable.go", "// @ ensures r == val[i]\n", "// @ ensures r == (alloc[0] ? val[0] : val[i])\n", "Calls.Swap"},
	{"NewDictionary counts one more", "dictionary.go", "// @ ensures n == len(entries)\n", "// @ ensures n == len(entries) + 1\n", "NewNames"},
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
