package prove_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"vigor/internal/prove"
)

// fault is an edit of testdata/stack.go that must be refused.
type fault struct {
	name, old, new string
	want           string // part of the problem, or of what is not proved
}

// faults are one or more for each thing that a prover can get wrong.
var faults = []fault{
	// Bodies.
	{"index beyond the end", "s.elems[s.top] = x", "s.elems[s.top+1] = x", "index s.top + 1 is inside s.elems"},
	{"index below zero", "	return s.elems[s.top]", "	return s.elems[s.top-1]", "index s.top - 1 is inside s.elems"},
	{"missing bound", "if s.top == len(s.elems) {", "if s.top == len(s.elems)+1 {", "index s.top is inside s.elems"},
	{"statement left out", "	s.top++\n", "", "ensures size as defined"},
	{"operator", "if s.elems[i] <= x {", "if s.elems[i] < x {", "invariant is kept"},
	{"wrong result", "		return false\n	}\n	s.elems", "		return true\n	}\n	s.elems", "ensures ok as defined"},
	{"invariant broken", "	s.top--\n	return s.elems[s.top]", "	s.top -= 2\n	return s.elems[s.top+1]", "inv (0 <= top)"},
	{"invariant broken on an early return", "		return false\n	}\n	s.elems", "		s.top = -1\n		return false\n	}\n	s.elems", "inv (0 <= top)"},
	{"overflow of an addition", "		s.top--\n	}\n}", "		s.top--\n		x := int32(s.top) * 2147483647\n		_ = x\n	}\n}", "* does not overflow int32"},
	{"narrowing conversion", "	s.elems[s.top] = x", "	s.elems[s.top] = int32(int16(x))", "x fits int16"},
	{"panic", "	s.elems[s.top] = x", "	if x == 7 {\n		panic(\"seven\")\n	}\n	s.elems[s.top] = x", "this panic is never reached"},
	{"division by what may be zero", "	s.top--\n	return s.elems[s.top]", "	s.top--\n	_ = s.top / s.top\n	return s.elems[s.top]", "the divisor is positive"},
	{"division of what may be negative", "	s.elems[s.top] = x", "	s.elems[s.top] = x / 2", "the dividend is not negative"},
	{"shift of what may be negative", "	s.elems[s.top] = x", "	s.elems[s.top] = x >> 1", "what is shifted is not negative"},
	{"shift by a variable", "	s.elems[s.top] = x", "	s.elems[s.top] = 1 << s.top", "this shift cannot be proved"},

	// Effects.
	{"effect defined twice", "// @ requires 0 < size\n// @ ensures r ==", "// @ requires 0 < size\n// @ ensures size == old(size)\n// @ ensures r ==", "two definitions"},
	{"effect left out of the contract", "ensures r == elem[old(size) - 1] && size == old(size) - 1", "ensures r == elem[old(size) - 1]", "observer size is unchanged"},
	{"change that nobody defines", "func (s *Stack) Size() (r int) { return s.top }", "func (s *Stack) Size() (r int) {\n	r = s.top\n	s.top = 0\n	return r\n}", "observer size is unchanged"},
	{"element changed besides", "	s.top--\n	return s.elems[s.top]", "	s.top--\n	x := s.elems[s.top]\n	s.elems[0] = 3\n	return x", "observer elem is unchanged"},
	{"precondition dropped", "// @ requires 0 < size\n", "", "index s.top is inside"},
	{"postcondition too strong", "// @ ensures 0 <= n && n <= size\n", "// @ ensures 0 < n && n <= size\n", "ensures (0 < n)"},
	{"invariant too strong for the constructor", "0 < len(elems) && len(elems) <= 1000", "1 < len(elems) && len(elems) <= 1000", "inv (1 < len(elems))"},
	{"exposes too strong", "// @ exposes size <= cap && 0 < cap\n", "// @ exposes size < cap && 0 < cap\n", "exposes"},
	{"range of an observer", "// @ ghost size uint31", "// @ ghost size uint8", "range of observer size"},
	{"contradictory contract", "// @ ensures r == size\n", "// @ ensures r == size + 1\n", "ensures r as defined"},
	{"precondition nobody can meet", "// @ requires 0 < size\n", "// @ requires 0 < size && size < 0\n", "this return can be reached"},
	{"constructor's precondition not met", "a: New(10)", "a: New(0)", "precondition of New: 0 < n"},
	{"precondition of a component", "return t.b.Push(t.a.Pop())", "t.a.Pop()\n	return t.b.Push(t.a.Pop())", "precondition of Stack.Pop"},
	{"change of the other component", "return t.b.Push(t.a.Pop())", "return t.a.Push(t.b.Pop())", "precondition of Stack.Pop"},

	// Loops.
	{"loop without a measure", "	// @ decreases s.top\n", "", "the loop has no decreases line"},
	{"measure that stays", "	// @ decreases s.top\n", "	// @ decreases s.pushes\n", "its measure falls"},
	{"measure below zero", "	// @ decreases s.top\n", "	// @ decreases s.top - 2000\n", "its measure stays above zero"},
	{"loop that does not end", "	for s.top > 0 {\n		s.top--", "	for s.top > 0 {\n		s.top = s.top + 0", "its measure falls"},
	{"invariant that does not hold before", "n == below(s.elems, x, i)\n", "n == below(s.elems, x, i) && 0 < s.top\n", "invariant holds before the loop"},
	{"invariant that is not kept", "	// @ invariant 0 <= n && n <= i\n", "	// @ invariant 0 <= n && n <= i && i <= 1\n", "invariant is kept"},
	{"lost invariant", "	// @ invariant 0 <= s.top && s.top <= len(s.elems) && s.top <= s.pushes\n", "	// @ invariant s.top <= s.pushes\n", "inv (0 <= top)"},
	{"labelled loop", "	for s.top > 0 {\n		s.top--", "outer:\n	for s.top > 0 {\n		s.top--\n		continue outer", "belongs to a loop"},

	// Proofs.
	{"proof that writes real state", "	// @ s.pushes = s.pushes + 1\n", "	// @ s.top = s.top + 1\n", "is no ghost"},
	{"proof that writes a represented observer", "	// @ s.pushes = s.pushes + 1\n", "	// @ s.size = s.size + 1\n", "is no ghost"},
	{"proof that writes a variable", "		// @ unfold below(s.elems, x, i+1)\n", "		// @ n = 0\n", "is no ghost"},
	{"proof that redefines a variable", "		// @ unfold below(s.elems, x, i+1)\n", "		// @ ghost n := 0\n", "is a variable of the program"},
	{"assume", "		// @ unfold below(s.elems, x, i+1)\n", "		// @ assume n == 0\n", "not a statement of a proof"},
	{"false assertion", "		// @ unfold below(s.elems, x, i+1)\n", "		// @ unfold below(s.elems, x, i+1); assert n == i\n", "assert (n == i)"},
	{"misspelt directive", "	// @ inv top <= pushes\n", "	// @ invr top <= pushes\n", ""},
	{"invariant outside a loop", "	// @ s.pushes = s.pushes + 1\n", "	// @ invariant s.top > 0\n", "belongs to a loop"},
	{"unknown name", "	// @ inv top <= pushes\n", "	// @ inv tpo <= pushes\n", "unknown name tpo"},
	{"quantified variable that hides", "	// @ decreases s.top\n", "	// @ invariant forall s int :: s == s\n	// @ decreases s.top\n", "hides the receiver"},
	{"sorts mixed", "	// @ inv top <= pushes\n", "	// @ inv (top <= pushes) == 1\n", "joins Bool and Int"},
	{"old in an invariant of a type", "	// @ inv top <= pushes\n", "	// @ inv old(top) <= pushes\n", "old means nothing here"},
	{"forgotten ghost update", "	// @ s.pushes = s.pushes + 1\n", "", "inv (top <= pushes)"},

	// Lemmas and functions.
	{"lemma without a measure", "// @  ensures 0 <= below(a, x, n) && below(a, x, n) <= n\n// @  decreases n\n", "// @  ensures 0 <= below(a, x, n) && below(a, x, n) <= n\n", "without a measure"},
	{"lemma that is circular", "{ unfold below(a, x, n); if n > 0 { belowBounds(a, x, n-1); } }", "{ belowBounds(a, x, n); }", "its measure falls"},
	{"lemma that is false", "// @  ensures below(a, x, n) == n\n", "// @  ensures below(a, x, n) == n + 1\n", "ensures (below(a, x, n) == (n + 1))"},
	{"lemma used before it is proved", "{ unfold below(a, x, n); if n > 0 { belowBounds(a, x, n-1); } }", "{ belowAll(a, x, n); }", "is used before it is proved"},
	{"lemma applied to all, itself", "if n > 0 { belowAll(a, x, n-1); }", "apply forall m int {below(a, x, m)} :: belowAll(a, x, m);", "applies itself"},
	{"precondition of a lemma", "if n > 0 { belowBounds(a, x, n-1); }", "if n >= 0 { belowBounds(a, x, n-1); }", "precondition of lemma belowBounds"},
	{"function without a measure", "below(a map[int]int, x, n int) int decreases n", "below(a map[int]int, x, n int) int", "without a measure"},
	{"function that does not end", "below(a, x, n-1) + (a[n-1] <= x ? 1 : 0) }", "below(a, x, n) + 1 }", "its measure falls"},
	{"bits fact that is false", "// @  ensures (x & 65535) == x\n", "// @  ensures (x & 65534) == x\n", "ensures ((x & 65534) == x)"},
	{"bits fact beyond its range", "// @  requires x < 65536\n", "// @  requires x < 65537\n", "ensures ((x & 65535) == x)"},
	{"bits function with another result", "return w & 65535 }", "return w & 131071 }", "ensures (r <= 65535)"},

	// Slices that are parameters, and maps by a formula.
	{"index beyond a list", "list[i].left > r", "list[i+1].left > r", "index i + 1 is inside list"},
	{"index before a list", "list[i].left > r", "list[i-1].left > r", "index i - 1 is inside list"},
	{"field for field", "			r = list[i].left", "			r = int32(list[i].right)", "invariant is kept"},
	{"list that is written", "			r = list[i].left", "			r = list[i].left\n			list[i].left = 0", "outside of what can be proved"},
	{"list that is kept", "	return r, len(list)\n", "	kept := list\n	return r, len(kept)\n", "the slice list is handed on"},
	{"list that is cut", "	return r, len(list)\n", "	list = list[1:]\n	return r, len(list)\n", "outside of what can be proved"},
	{"list that is handed on", "return r, len(list)\n}", "return r, len(list)\n}\n\n// other reads a list.\n//\n// @ requires len(list) <= 1000\n" +
		"// @ ensures n == 0\nfunc other(list []pair) (n int) {\n	greatest(list)\n	return 0\n}", "the slice list is handed on"},
	{"list with another bound", "// @ ensures 0 <= r && n == len(list)", "// @ ensures 0 <= r && n < len(list)", "ensures (n < len(list))"},
	{"wrong length", "return r, len(list)", "return r, len(list) - 1", "ensures (n == len(list))"},
	{"a list taken for non-empty", "	// @ assert all[7]", "	// @ assert len(list) > 0\n	// @ assert all[7]", "assert (len(list) > 0)"},
	{"a field out of its range", "list[i].right >= 0", "list[i].right > 0", "assert forall i int"},
	{"a list of slices", "list []pair) (r", "list [][]pair) (r", ""},
	{"another formula", "assert all[7] == list[7].left + 1", "assert all[7] == list[7].left", "assert (all[7] == list[7].left)"},
	{"a formula's name that hides", "everywhere(i, list[i].left + 1)", "everywhere(r, r + 1)", "hides a variable"},
	{"a formula that depends on the variable of a quantifier", "assert all[7] == list[7].left + 1",
		"assert forall k int :: everywhere(i, k)[0] == 5", "for each value of a bound variable"},

	// Go outside the subset, and ownership.
	{"slice handed out", "func (s *Stack) Size() (r int) { return s.top }", "func (s *Stack) Size() (r int) {\n	t := s.elems\n	t[0] = 1\n	return s.top\n}", "slice s.elems is handed out"},
	{"slice replaced", "	s.elems[s.top] = x", "	s.elems = make([]int32, 3)\n	s.elems[s.top] = x", "outside of what can be proved"},
	{"slice that is shared", "return &Stack{elems: make([]int32, n)}", "shared := make([]int32, n)\n	return &Stack{elems: shared}", "outside of what can be proved"},
	{"component that is shared", "return &Two{a: New(10), b: New(20)}", "x := New(10)\n	return &Two{a: x, b: x}", "may be shared"},
	{"component that is nil", "a: New(10), b: New(20)", "a: New(10)", "may be nil or shared"},
	{"component replaced", "	if t.b.Size() > 0 {", "	t.b = t.a\n	if t.b.Size() > 0 {", "outside of what can be proved"},
	{"goroutine", "	s.elems[s.top] = x", "	go func() {}()\n	s.elems[s.top] = x", "outside of what can be proved"},
	{"defer", "	s.elems[s.top] = x", "	defer func() {}()\n	s.elems[s.top] = x", "outside of what can be proved"},
	{"goto", "	s.elems[s.top] = x", "	goto next\nnext:\n	s.elems[s.top] = x", "a branch to a label"},
	{"append", "	s.elems[s.top] = x", "	_ = append(s.elems, x)\n	s.elems[s.top] = x", "outside of what can be proved"},
	{"allocation outside a constructor", "	s.elems[s.top] = x", "	_ = make([]int, 3)\n	s.elems[s.top] = x", "outside of what can be proved"},
	{"switch", "	s.elems[s.top] = x", "	switch x {\n	case 1:\n	}\n	s.elems[s.top] = x", "outside of what can be proved"},
	{"function without a contract", "	s.elems[s.top] = x", "	helper()\n	s.elems[s.top] = x", "has no contract"},
	{"recursion", "func (s *Stack) Size() (r int) { return s.top }", "func (s *Stack) Size() (r int) { return s.Size() }", "calls itself"},
	{"variable that hides another", "	s.elems[s.top] = x", "	if x > 0 {\n		x := x - 1\n		_ = x\n	}\n	s.elems[s.top] = x", "hides another variable"},
}

// known spares what one fault does not change.
var known prove.Cache

// proveText proves a text in place of testdata/stack.go, and returns all that is wrong with it.
func proveText(t *testing.T, text string) string {
	t.Helper()
	return proveUntil(t, text, "")
}

// proveUntil is proveText, which is content with the first thing that is wrong if that is what is wanted.
func proveUntil(t *testing.T, text, want string) string {
	t.Helper()
	dir := t.TempDir()
	text += "\nfunc helper() {}\n"
	if err := os.WriteFile(filepath.Join(dir, "stack.go"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	c := prove.Config{Dir: dir, Solvers: first(t), Jobs: 2, Cache: &known, FirstFailure: true}
	wrong := proveWith(t, c)
	if wrong != "" && !strings.Contains(wrong, want) {
		c.FirstFailure = false
		wrong = proveWith(t, c)
	}
	return wrong
}

// proveWith returns all that is wrong.
func proveWith(t *testing.T, c prove.Config) string {
	t.Helper()
	report, err := prove.Run(t.Context(), c)
	if err != nil {
		return err.Error()
	}
	var out strings.Builder
	if !report.Proved() {
		if err := report.WriteText(&out, true); err != nil {
			t.Fatal(err)
		}
	}
	return out.String()
}

// TestRefused plants one fault at a time in a program that is proved without.
func TestRefused(t *testing.T) {
	text, err := os.ReadFile("testdata/stack.go")
	if err != nil {
		t.Fatal(err)
	}
	sound := string(text)
	if wrong := proveText(t, sound); wrong != "" {
		t.Fatalf("without a fault:\n%s", wrong)
	}
	for _, f := range faults {
		t.Run(strings.ReplaceAll(f.name, " ", "_"), func(t *testing.T) {
			if n := strings.Count(sound, f.old); n != 1 {
				t.Fatalf("%q occurs %d times, want once", f.old, n)
			}
			wrong := proveUntil(t, strings.Replace(sound, f.old, f.new, 1), f.want)
			if wrong == "" || !strings.Contains(wrong, f.want) {
				t.Errorf("want %q, got:\n%s", f.want, wrong)
			}
		})
	}
}
