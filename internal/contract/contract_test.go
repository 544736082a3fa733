package contract_test

import (
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"strings"
	"testing"
	"unicode/utf8"

	"vigor/internal/contract"
)

// read parses the contracts of the given file texts.
func read(t *testing.T, texts ...string) (*contract.Package, []contract.Problem) {
	t.Helper()
	fset := token.NewFileSet()
	var files []*ast.File
	for _, text := range texts {
		f, err := parser.ParseFile(fset, "t.go", text, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, f)
	}
	return check(t, fset, files)
}

func check(t *testing.T, fset *token.FileSet, files []*ast.File) (*contract.Package, []contract.Problem) {
	t.Helper()
	info := &types.Info{Defs: map[*ast.Ident]types.Object{}}
	config := types.Config{Importer: importer.ForCompiler(fset, "source", nil)}
	pkg, err := config.Check("t", fset, files, info)
	if err != nil {
		t.Fatal(err)
	}
	return contract.Parse(fset, files, info, pkg)
}

// readDir parses the contracts of a folder's files that are no tests.
func readDir(t *testing.T, dir string) (*contract.Package, []contract.Problem) {
	t.Helper()
	fset := token.NewFileSet()
	pkgs, err := parser.ParseDir(fset, dir, nil, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	var files []*ast.File
	for name, p := range pkgs {
		if strings.HasSuffix(name, "_test") {
			continue
		}
		for file, f := range p.Files {
			if !strings.HasSuffix(file, "_test.go") {
				files = append(files, f)
			}
		}
	}
	return check(t, fset, files)
}

func TestLibvig(t *testing.T) {
	pkg, problems := readDir(t, "../../libvig")
	for _, p := range problems {
		t.Error(p)
	}
	for name, operations := range map[string]int{"Table": 11, "Map": 7, "Chain": 7, "Vector": 3} {
		typ := pkg.Types[name]
		if typ == nil {
			t.Fatalf("no contract of %s", name)
		}
		if got := len(typ.Operations); got < operations {
			t.Errorf("%s has %d operations (%v), want at least %d", name, got, typ.OperationNames(), operations)
		}
		if len(typ.Constructors) != 1 {
			t.Errorf("%s has constructors %v", name, typ.ConstructorNames())
		}
	}
	insert := pkg.Types["Table"].Operations["Insert"]
	var order []string
	for _, target := range insert.Order {
		order = append(order, target.Name())
	}
	if got, want := strings.Join(order, " "), "ok i alloc key val time dom idx last"; got != want {
		t.Errorf("order of Insert is %s, want %s", got, want)
	}
}

// box wraps contract lines of a type and of one method into a file.
func box(typeLines, signature, funcLines string) string {
	comment := func(lines string) string {
		var b strings.Builder
		for _, l := range strings.Split(strings.TrimSpace(lines), "\n") {
			if strings.TrimSpace(l) != "" {
				b.WriteString("// @ " + strings.TrimSpace(l) + "\n")
			}
		}
		return b.String()
	}
	return "package t\n" + comment(typeLines) + "type Box[K comparable] struct{}\n\n" + comment(funcLines) + "func (x *Box[K]) " + signature + " { panic(0) }\n"
}

const ghosts = `
ghost on map[int]bool
ghost at map[int]uint8 on on
ghost dom map[K]bool
ghost top uint31
exposes forall i int {on[i]} :: on[i] ==> 0 <= i && i < top`

func TestRefused(t *testing.T) {
	for _, c := range []struct{ name, types, signature, lines, want string }{
		{"two definitions", ghosts, "F() (r int)", "ensures r == 1\nensures r == 2", "r has two definitions"},
		{"two definitions that may meet", ghosts, "F(i int) (ok bool)",
			"ensures ok == on[i]\nensures ok ==> top == 1\nensures i == 3 ==> top == 2", "top has two definitions"},
		{"observer and pointwise", ghosts, "F(i int)", "ensures dom == old(dom) && (forall k K :: dom[k] == false)", "dom has two definitions"},
		{"circular", ghosts, "F() (a, b int)", "ensures a == b + 1 && b == a - 1", "depend on each other"},
		{"circular through a guard", ghosts, "F() (ok bool)", "ensures ok ==> top == 1\nensures ok == (top == 1)", "depend on each other"},
		{"result of one outcome", ghosts, "F(i int) (r int, ok bool)", "ensures ok == on[i]\nensures ok ==> r == top", "neither defined nor constrained in some outcome: !ok"},
		{"old of a parameter", ghosts, "F(i int) (r int)", "ensures r == old(i)", "old applies to observers"},
		{"old in requires", ghosts, "F(i int)", "requires old(on[i])", "old means nothing here"},
		{"old in old", ghosts, "F(i int) (r bool)", "ensures r == old(old(on[i]))", "old inside old"},
		{"result in requires", ghosts, "F(i int) (r int)", "requires r == 0\nensures r == 0", "r is a result"},
		{"read off the domain", ghosts, "F(i int) (r int)", "ensures r == at[i]", "old(on[i]) is not known to hold"},
		{"read under the wrong guard", ghosts, "F(i int) (r bool, n int)", "ensures r == !on[i]\nensures r ==> n == at[i]\nensures !r ==> n == 0", "is read where"},
		{"read of the new state under the old", ghosts, "F(i int, n int) (r bool)",
			"requires on[i] && 0 <= n && n < 256\nensures on == old(on)[n := false] && r == (at[i] == 0)", ""},
		{"new value read where only the old domain is known", ghosts, "F(i int, n int) (r bool)",
			"requires on[i] && 0 <= n && n < 256\nensures on == old(on)[n := false] && at == old(at)[n := 0] && r == (at[i] == 0)", "at[i] is read where on[i] is not known"},
		{"read right of an or", ghosts, "F(i int) (r bool)", "ensures r == (on[i] || at[i] == 0)", "is not known to hold"},
		{"read right of a negated or", ghosts, "F(i int) (r bool)", "ensures r == (!on[i] || at[i] == 0)", ""},
		{"read in the wrong branch", ghosts, "F(i int) (r int)", "ensures r == (on[i] ? 0 : at[i])", "is not known to hold"},
		{"read in the right branch", ghosts, "F(i int) (r int)", "ensures r == (on[i] ? at[i] : 0)", ""},
		{"read left of its guard", ghosts, "F(i int)", "requires at[i] == 0 && on[i]", "is not known to hold"},
		{"read where the result says no", ghosts, "F(i int) (r int, ok bool)", "ensures ok == on[i]\nensures !ok ==> r == at[i]\nensures ok ==> r == 0", "is not known to hold"},
		{"read where the result says yes", ghosts, "F(i int) (r int, ok bool)", "ensures ok == on[i]\nensures ok ==> r == at[i]\nensures !ok ==> r == 0", ""},
		{"read where the result may say so", ghosts, "F(i int) (r int, ok bool)",
			"ensures i > 0 ==> ok == on[i]\nensures !(i > 0) ==> ok\nensures ok ==> r == at[i]\nensures !ok ==> r == 0", "is not known to hold"},
		{"read by an exposes line", ghosts + "\nghost in map[int]bool\nexposes forall i int {in[i]} :: in[i] ==> on[i]",
			"F(i int) (r int)", "requires in[i]\nensures r == at[i]", ""},
		{"read by an exposes line that says less", ghosts + "\nghost in map[int]bool\nexposes forall i int {in[i]} :: in[i] || on[i]",
			"F(i int) (r int)", "requires in[i]\nensures r == at[i]", "is not known to hold"},
		{"exists", ghosts, "F() (r bool)", "ensures r == (exists i int :: on[i])", "exists is not part"},
		{"quantifier without trigger", ghosts, "F()", "requires forall i int :: !on[i]", "needs a trigger"},
		{"trigger elsewhere", ghosts, "F()", "requires forall i int {on[0]} :: !on[i]", "a trigger is an observer read at"},
		{"nested quantifier", ghosts, "F() (r bool)", "ensures r == (forall i int {on[i]} :: on[i])", "cannot stand inside an expression"},
		{"two variables", ghosts, "F()", "requires forall i, j int {on[i]} :: on[i] == on[j]", "binds one variable"},
		{"unknown name", ghosts, "F() (r int)", "ensures r == size", "unknown name size"},
		{"a local of the body", ghosts, "F() (r int)", "ensures r == x.top", "unknown name x"},
		{"recursion", ghosts, "F(n int) (r int)", "ensures r == F(n - 1)", "unknown function F"},
		{"bool as a number", ghosts, "F(i int) (r int)", "ensures r == on[i]", "not int"},
		{"key as an index", ghosts, "F(k K) (r bool)", "ensures r == on[k]", "indexed by int"},
		{"keys of two kinds", ghosts, "F(k K) (r bool)", "ensures r == (k == 1)", "cannot be compared"},
		{"count of keys", ghosts, "F() (n int)", "ensures n == count(dom, top)", "count needs an observer"},
		{"count of one argument", ghosts, "F() (n int)", "ensures n == count(on)", "count takes"},
		{"scalar with an index", ghosts, "F() (n int)", "ensures n == top[0]", "is a scalar"},
		{"observer without index", ghosts, "F() (r bool)", "ensures r == on", "needs an index"},
		{"constraint on a defined result", ghosts, "F() (n int)", "ensures n == 1 && n < top", "about nothing that the operation chooses"},
		{"constraint on old state", ghosts, "F()", "ensures top < 7", "about nothing that the operation chooses"},
		{"new state in a guard", ghosts, "F() (n int)", "ensures top == 1\nensures top == 1 ==> n == 0\nensures top != 1 ==> n == 1", "cannot stand in a guard"},
		{"definition from another observer", ghosts + "\nghost was map[int]bool", "F()", "ensures on == old(was)", "must be defined from its old value"},
		{"modifies without definition", ghosts, "F()", "modifies on", "is modified but not defined"},
		{"definition outside modifies", ghosts, "F()", "modifies top\nensures top == 0 && (forall i int :: on[i] == false)", "not listed under modifies"},
		{"parameter named like an observer", ghosts, "F(top int) (r int)", "ensures r == top", "both an observer and a parameter"},
		{"quantifier hides a parameter", ghosts, "F(i int)", "ensures forall i int :: on[i] == false", "hides a parameter"},
		{"hint", ghosts, "F(i int, k K) (h struct{ p *int })", "warms", ""},
		{"hint that needs something", ghosts, "F(i int) (h struct{})", "warms\nrequires on[i]", "F warms, and its contract says more"},
		{"hint that changes something", ghosts, "F(i int) (h struct{})", "warms\nensures on == old(on)[i := true]", "F warms, and its contract says more"},
		{"hint that may change something", ghosts, "F(i int) (h struct{})", "warms\nmodifies top", "F warms, and its contract says more"},
		{"hint with content", ghosts, "F(i int) (h int)", "warms", "is no method that returns a hint"},
		{"hint without a result", ghosts, "F(i int)", "warms", "is no method that returns a hint"},
		{"hint with a remainder", ghosts, "F(i int) (h struct{})", "warms h", "h"},
		{"misspelt line", ghosts, "F() (r int)", "ensure r == 1", "unknown line \"ensure\""},
		{"misspelt line of a type", ghosts + "\nghots x int", "F() (r int)", "ensures r == 1", "unknown line \"ghots\""},
		{"variable divisor", ghosts, "F(n int) (r int)", "ensures r == top / n", "divisor must be"},
		{"inverted signed word", ghosts, "F(n int) (r int)", "ensures r == ^n", "needs an unsigned word"},
		{"wide checksum word", ghosts, "F(n uint32) (r int)", "ensures r == ocadd(n, 1)", "16-bit"},
		{"sum of bytes", ghosts, "F(list []uint8, n uint32) (r uint16)", "ensures r == ^ocsum(list, n)", ""},
		{"sum and initial sum of 16 bits", ghosts, "F(list []byte, n uint16) (r uint16)", "requires ocsum(list, n) == 1\nensures r == 1", ""},
		{"sum and nothing before", ghosts, "F(list []byte) (r uint16)", "ensures r == ocsum(list, 0)", ""},
		{"sum and too much before", ghosts, "F(list []byte) (r uint16)", "ensures r == ocsum(list, 4294967296)", "at most 32 bits"},
		{"sum of words", ghosts, "F(list []uint16) (r uint16)", "ensures r == ocsum(list, 0)", "ocsum takes a parameter that is a slice of bytes"},
		{"sum of signed bytes", ghosts, "F(list []int8) (r uint16)", "ensures r == ocsum(list, 0)", "ocsum takes a parameter that is a slice of bytes"},
		{"sum of an array", ghosts, "F(list [4]uint8, n uint32) (r uint16)", "ensures r == ocsum(list, n)", "ocsum takes a parameter that is a slice of bytes"},
		{"sum of a result", ghosts, "F(n uint32) (list []uint8, r uint16)", "ensures r == ocsum(list, n)", "ocsum takes a parameter that is a slice of bytes"},
		{"sum of an observer", ghosts, "F(n uint32) (r uint16)", "ensures r == ocsum(on, n)", "ocsum takes a parameter that is a slice of bytes"},
		{"sum alone", ghosts, "F(list []uint8) (r uint16)", "ensures r == ocsum(list)", "and what is summed up already"},
		{"wide initial sum", ghosts, "F(list []uint8, n uint64) (r uint16)", "ensures r == ocsum(list, n)", "at most 32 bits"},
		{"signed initial sum", ghosts, "F(list []uint8, n int32) (r uint16)", "ensures r == ocsum(list, n)", "unsigned word"},
		{"observer called ocsum", ghosts + "\nghost ocsum int", "F(i int)", "requires i == 0", "the name ocsum is taken"},
		{"length of a parameter", ghosts, "F(list []uint8) (r int)", "requires len(list) <= 7\nensures r == len(list) + 1", ""},
		{"length of a number", ghosts, "F(n uint32) (r int)", "ensures r == len(n)", "len takes a parameter that is a slice"},
		{"length of an observer", ghosts, "F() (r int)", "ensures r == len(on)", "len takes a parameter that is a slice"},
		{"length of a result", ghosts, "F() (r []uint8, n int)", "ensures n == len(r)", "len takes a parameter that is a slice"},
		{"length of an array", ghosts, "F(list [4]uint8) (r int)", "ensures r == len(list)", "len takes a parameter that is a slice"},
		{"length of two", ghosts, "F(list []uint8) (r int)", "ensures r == len(list, list)", "len takes a parameter that is a slice"},
		{"length of old state", ghosts, "F(list []uint8) (r int)", "ensures r == old(len(list))", "old applies to observers"},
		{"slices compared", ghosts, "F(list, other []uint8) (r bool)", "ensures r == (list == other)", "slices cannot be compared"},
		{"element of a slice", ghosts, "F(list []uint8) (r int)", "requires list[0] == 0", "an element of list can stand in an ensures line only"},
		{"result by an element of a slice", ghosts, "F(list []uint8) (r int)", "ensures r == list[0]", "result r of F is neither defined nor constrained"},
		{"observer called len", ghosts + "\nghost len int", "F(i int)", "requires i == 0", "the name len is taken"},
		{"chained comparison", ghosts, "F(i int)", "requires 0 <= i < top", "cannot be chained"},
		{"open parenthesis", ghosts, "F(i int)", "requires (0 <= i", "expected )"},
		{"strange character", ghosts, "F(i int)", "requires i ≤ 0", "unexpected ≤"},
		{"unknown type", "ghost x map[int]float", "F(i int)", "requires i == 0", "unknown type float"},
		{"domain of another index", ghosts + "\nghost v map[K]int on on", "F(i int)", "requires i == 0", "with the same index"},
		{"observer twice", ghosts + "\nghost top int", "F(i int)", "requires i == 0", "is taken"},
		{"exposes off the domain", ghosts + "\nexposes forall i int {at[i]} :: at[i] == 0", "F(i int)", "requires i == 0", "is not known to hold"},
		{"exposes without trigger", ghosts + "\nexposes forall i int :: !on[i]", "F(i int)", "requires i == 0", "needs a trigger"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, problems := read(t, box(c.types, c.signature, c.lines))
			if c.want == "" {
				if len(problems) > 0 {
					t.Fatalf("refused: %v", problems)
				}
				return
			}
			if len(problems) == 0 || !strings.Contains(problems[0].Message, c.want) {
				t.Fatalf("problems are %v, want the first to say %q", problems, c.want)
			}
			if !problems[0].Pos.IsValid() {
				t.Error("the problem has no position")
			}
		})
	}
}

func TestLostLine(t *testing.T) {
	_, problems := read(t, "package t\n\n// @ requires n > 0\n\nfunc F(n int) {}\n")
	if len(problems) != 1 || !strings.Contains(problems[0].Message, "belongs to no declaration") {
		t.Errorf("problems are %v", problems)
	}
}

// proof is text with everything that only a prover of bodies reads.
const proof = `package t

// Chain is a list.
//
// @ ghost alloc map[int]bool
// @ ghost n uint31
// @ represent alloc = used; n = cap
type Chain struct {
	// @ ghost rank map[int]int
	// @ inv forall i, j int {rank[i], rank[j]} :: rank[i] == rank[j] ==> i == j
	cells []int
}

// @ lemma countUpd(a map[int]bool, n, i int, v bool)
// @ requires 0 <= i && 0 <= n; ensures count(a[i := v], n) == count(a, n); decreases n
// @ { unfold count(a, n); if n > 0 { countUpd(a, n-1, i, v); } }

// @ pure func dist(a, b, cap int) int { b >= a ? b - a : b - a + cap }

// Free frees.
//
// @ requires alloc[i]
// @ ensures alloc == old(alloc)[i := false]
// @ ensures forall j int {rank[j]} :: alloc[j] ==> rank[j] == old(rank[j])
func (c *Chain) Free(i int) {
	// @ ghost t0 := c.cells
	// @ invariant first <= i && i <= first + n
	// @ decreases n - i
	for range 3 {
	}
	// @ apply forall j int {c.alloc[j]} :: countSome(c.alloc, c.n, j)
	// @ c.alloc[i] = false; c.rank[i] = c.low
	// @ unfold count(c.alloc, n)
	// @ assert !c.alloc[i]
}

// @ requires c.busy[p]
// @ bits
func (c *Chain) find(p int) {}
`

func TestProverLines(t *testing.T) {
	pkg, problems := read(t, proof)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	free := pkg.Types["Chain"].Operations["Free"]
	if len(free.Defs) != 1 || len(free.Constraints) != 0 {
		t.Errorf("Free has %d definitions and %d constraints, want 1 and 0", len(free.Defs), len(free.Constraints))
	}
	if len(pkg.Types["Chain"].Ghosts) != 2 {
		t.Error("a ghost inside the type became an observer")
	}
	if len(pkg.Raw) != 17 {
		t.Errorf("kept %d lines for the prover: %v", len(pkg.Raw), pkg.Raw)
	}
}

func TestProofGhostInRequires(t *testing.T) {
	text := strings.Replace(proof, "requires alloc[i]\n", "requires rank[i] > 0\n", 1)
	_, problems := read(t, text)
	if len(problems) != 1 || !strings.Contains(problems[0].Message, "for proofs only") {
		t.Errorf("problems are %v", problems)
	}
}

// TestElementOfASlice: a constructor's contract speaks of what a slice holds; of what has no words, only to
// the prover.
func TestElementOfASlice(t *testing.T) {
	pkg, problems := read(t, `package t

// T is a structure.
//
// @ ghost x map[int]uint8
// @ ghost n int
type T struct{}

// New makes one.
//
// @ constructor
// @ ensures n == len(list)
// @ ensures forall i int {x[i]} :: 0 <= i && i < n ==> x[i] == list[i]
// @ ensures forall i int {x[i]} :: 0 <= i && i < n ==> x[i] == other[i].A.B
func New(list []uint8, other []struct{ A struct{ B uint8 } }) *T { return nil }
`)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	op := pkg.Types["T"].Constructors["New"]
	if len(op.Defs) != 1 || len(op.Constraints) != 1 || len(pkg.Raw) != 1 {
		t.Errorf("%d definitions, %d constraints, %d lines for the prover; want 1, 1, 1", len(op.Defs), len(op.Constraints), len(pkg.Raw))
	}
}

func TestPlainFunction(t *testing.T) {
	pkg, problems := read(t, `package t

// @ ensures r == ^ocadd(^sum, ^old,
// @   new) // RFC 1624
func UpdateChecksum(sum, old, new uint16) (r uint16) { return 0 }
`)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	op := pkg.Funcs["UpdateChecksum"]
	if got, want := op.Defs[0].Value.String(), "^ocadd(^sum, ^old, new)"; got != want {
		t.Errorf("read %s, want %s", got, want)
	}
}

func TestLength(t *testing.T) {
	pkg, problems := read(t, `package t

// @ requires 0 < len(list)
// @ ensures n == len(list) - 1
func Last(list []uint64) (n int) { return len(list) - 1 }
`)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	op := pkg.Funcs["Last"]
	if got, want := op.Defs[0].Value.String(), "(len(list) - 1)"; got != want {
		t.Errorf("read %s, want %s", got, want)
	}
}

func TestHash(t *testing.T) {
	hash := func(types, lines string) string {
		pkg, problems := read(t, box(types, "F(i int)", lines))
		if len(problems) > 0 {
			t.Fatal(problems)
		}
		return pkg.Types["Box"].Operations["F"].Hash()
	}
	want := hash(ghosts, "requires on[i]")
	for _, c := range []struct {
		name, types, lines string
		same               bool
	}{
		{"layout and remarks", ghosts, "requires   on [ i ] // a remark", true},
		{"a line dropped", ghosts, "requires on[i]\nrequires i == 0", false},
		{"another operator", ghosts, "requires !on[i]", false},
		{"another exposes line", ghosts + "\nexposes 0 < top", "requires on[i]", false},
		{"another range", strings.Replace(ghosts, "uint31", "uint32", 1), "requires on[i]", false},
	} {
		if got := hash(c.types, c.lines); (got == want) != c.same {
			t.Errorf("%s: the hash is the same: %v", c.name, got == want)
		}
	}
}

// FuzzParse: no text of a contract may make Parse panic.
func FuzzParse(f *testing.F) {
	f.Add("requires on[i] && old(top) == count(on, 3) ==> (forall k K {dom[k]} :: dom[k] == true)")
	f.Add("ensures r == (on[i := 3][2] ? 1 : -^2 * top / 0)")
	f.Fuzz(func(t *testing.T, line string) {
		if strings.ContainsAny(line, "\n\r\x00\ufeff") || !utf8.ValidString(line) {
			t.Skip()
		}
		read(t, box(ghosts, "F(i int, k K) (r int)", line+"\nensures "+line))
	})
}
