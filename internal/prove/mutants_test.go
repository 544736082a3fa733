package prove_test

import (
	"flag"
	"go/ast"
	"go/build"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"vigor/internal/prove"
)

var (
	allMutants  = flag.Bool("mutants.all", false, "run every mutant of libvig, not a few of each structure")
	mutantsSeed = flag.Uint64("mutants.seed", 1, "seed that chooses the mutants")
)

// mutantsEach is the number of mutants of each structure in a common run; make nightly runs all.
const mutantsEach = 20

// library is libvig as it is mutated, with the functions that are proved.
type library struct {
	*source
	proved map[string]bool
	bits   map[string]bool   // functions that are proved with bit-vectors
	of     map[string]string // the structure of a plain function
}

const libvigDir = "../../libvig"

// readLibrary reads libvig. Which functions are proved, the prover says.
func readLibrary(t *testing.T) *library {
	t.Helper()
	l := &library{proved: map[string]bool{}, bits: map[string]bool{}, of: map[string]string{}}
	_, err := prove.Run(t.Context(), prove.Config{Dir: libvigDir, Solvers: first(t),
		Only: func(owner string) bool { l.proved[owner] = true; return false }})
	if err != nil {
		t.Fatal(err)
	}
	dir, err := build.ImportDir(libvigDir, 0)
	if err != nil {
		t.Fatal(err)
	}
	l.source = readSource(t, libvigDir, dir.GoFiles)
	for _, name := range dir.GoFiles {
		first := "" // the structure that the file begins with
		for _, d := range l.files[name].Decls {
			if f, ok := d.(*ast.FuncDecl); ok {
				l.note(f, first)
			} else if g, ok := d.(*ast.GenDecl); ok && first == "" {
				first = structureIn(g)
			}
		}
	}
	return l
}

// structureIn is the exported struct that a declaration declares, if it does.
func structureIn(g *ast.GenDecl) string {
	for _, spec := range g.Specs {
		if s, ok := spec.(*ast.TypeSpec); ok && s.Name.IsExported() {
			if _, ok := s.Type.(*ast.StructType); ok {
				return s.Name.Name
			}
		}
	}
	return ""
}

func (l *library) note(f *ast.FuncDecl, first string) {
	owner := ownerOf(f)
	if f.Recv == nil {
		l.of[owner] = first
		if rs := f.Type.Results; rs != nil && len(rs.List) == 1 { // a constructor counts with what it makes
			if p, ok := rs.List[0].Type.(*ast.StarExpr); ok {
				if id := genericName(p.X); id != nil && id.IsExported() {
					l.of[owner] = id.Name
				}
			}
		}
	}
	for line := range strings.Lines(f.Doc.Text()) {
		switch strings.TrimSpace(line) {
		case "@ bits":
			l.bits[owner] = true
		case "@ warms": // it promises no result: what must be refused is among the forms of TestPrograms
			delete(l.proved, owner)
		}
	}
}

// genericName is the name of a type, with its type arguments left out.
func genericName(x ast.Expr) *ast.Ident {
	switch x := x.(type) {
	case *ast.IndexExpr:
		return genericName(x.X)
	case *ast.IndexListExpr:
		return genericName(x.X)
	case *ast.Ident:
		return x
	}
	return nil
}

// owned says which structure a function counts with, if it is proved.
func (l *library) owned(owner string) (string, bool) {
	if !l.proved[owner] {
		return "", false
	}
	if typ, _, ok := strings.Cut(owner, "."); ok {
		return typ, true
	}
	return l.of[owner], l.of[owner] != ""
}

// fate is what became of a mutant.
type fate int

const (
	invalid fate = iota // not a Go program: the compiler refuses it
	killed
	survived
)

// try proves a mutated function, and with a function of bits all that are proved of such.
func (l *library) try(t *testing.T, m mutant, s []prove.Solver) (fate, string) {
	t.Helper()
	report, err := prove.Run(t.Context(), prove.Config{
		Dir: libvigDir, Solvers: s, Jobs: 1, Cache: &known, FirstFailure: true,
		Overlay: map[string][]byte{m.file: []byte(m.apply(l.texts[m.file]))},
		Only:    func(owner string) bool { return owner == m.owner || l.bits[m.owner] && l.bits[owner] },
	})
	switch {
	case err != nil && strings.Contains(err.Error(), "checking the types"):
		return invalid, ""
	case err != nil:
		t.Fatalf("%s: %v", m.key, err)
	case len(report.Problems) > 0:
		return killed, report.Problems[0].Message
	}
	for _, f := range report.Functions {
		if len(f.Failed) > 0 {
			return killed, f.Failed[0].What + ": " + f.Failed[0].Answer
		}
	}
	if len(report.Functions) == 0 {
		t.Fatalf("%s: nothing was proved", m.key)
	}
	return survived, ""
}

// TestMutants changes one token of the code of libvig at a time: what is changed is not proved any more,
// but for the mutants in the table of survivors. A common run takes some of each structure.
func TestMutants(t *testing.T) {
	if testing.Short() {
		t.Skip("takes a minute")
	}
	l := readLibrary(t)
	list := l.mutants(l.owned)
	chosen := map[string][]mutant{}
	for _, m := range list {
		chosen[m.structure] = append(chosen[m.structure], m)
	}
	for name := range survivors {
		if !slices.ContainsFunc(list, func(m mutant) bool { return m.key == name }) {
			t.Errorf("the table of survivors has %q, which is no mutant", name)
		}
	}
	slots := make(chan struct{}, 2)
	for _, structure := range sortedKeys(chosen) {
		t.Run(structure, func(t *testing.T) { l.tryEach(t, chosen[structure], slots) })
	}
}

// tryEach tries the mutants of one structure: all of them, or some that the seed chooses.
func (l *library) tryEach(t *testing.T, list []mutant, slots chan struct{}) {
	most := len(list)
	if !*allMutants {
		most = mutantsEach
		random := rand.New(rand.NewPCG(*mutantsSeed, 0))
		random.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
	}
	quick := first(t)
	quick[0].Limit = 1500 * time.Millisecond // what takes longer is refused, too
	var mu sync.Mutex
	var wait sync.WaitGroup
	count := map[fate]int{}
	late := 0 // killed because the solver had no answer in time
	tried := func() int { mu.Lock(); defer mu.Unlock(); return count[killed] + count[survived] }
	for _, m := range list {
		if tried() >= most {
			break
		}
		slots <- struct{}{}
		wait.Go(func() {
			defer func() { <-slots }()
			with := quick
			reason := survivors[m.key]
			if reason != "" { // it must be proved, so the solvers get their time
				with = solvers(t)
			}
			what, why := l.try(t, m, with)
			mu.Lock()
			count[what]++
			if what == killed && strings.HasSuffix(why, "timeout") {
				late++
			}
			mu.Unlock()
			switch {
			case what == survived && reason == "":
				t.Errorf("survived: %q", m.key)
			case what == killed && reason != "":
				t.Errorf("%q is in the table of survivors, but is refused: %s", m.key, why)
			case what == invalid && reason != "":
				t.Errorf("%q is in the table of survivors, but is no program", m.key)
			}
		})
	}
	wait.Wait()
	t.Logf("%d killed, %d of them by a timeout, %d survived, %d are no programs", count[killed], late, count[survived], count[invalid])
	if count[killed] == late {
		t.Error("no mutant was refused in time")
	}
}

func sortedKeys[V any](m map[string]V) []string {
	var keys []string
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
