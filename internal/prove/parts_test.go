package prove_test

import (
	"strings"
	"testing"
)

// pairs hands on a struct whole.
const pairs = `// Package pairs keeps pairs.
package pairs

// Pair is a number with a mark.
type Pair struct {
	A uint8
	B bool
	C uint16
}

// Pairs is a list of ten.
//
// @ ghost a map[int]uint8
// @ ghost b map[int]bool
// @ ghost c map[int]uint16
// @ ghost m uint8
type Pairs struct {
	list []Pair
	most int
	kept Pair
	// @ represent a = list.A; b = list.B; c = list.C; m = most
	// @ inv len(list) == 10 && 0 <= most && most <= 255
}

// New returns ten zeros.
//
// @ constructor
// @ ensures m == 0 && (forall i int :: a[i] == 0)
func New() *Pairs { return &Pairs{list: make([]Pair, 10)} }

// Put replaces pair i.
//
// @ requires 0 <= i && i < 10
// @ ensures a == old(a)[i := p.A] && b == old(b)[i := p.B] && c == old(c)[i := p.C]
func (t *Pairs) Put(i int, p Pair) { t.list[i] = p }

// Swap keeps a pair and gives back what was kept.
//
// @ modifies kept
// @ ensures r == hash(old(kept)) && hash(kept) == hash(p)
func (t *Pairs) swap(p Pair) (r int) {
	r = hash(t.kept)
	t.kept = p
	return r
}

// swapTwice keeps two.
//
// @ modifies kept
// @ ensures r == hash(p)
func (t *Pairs) swapTwice(p, q Pair) (r int) {
	t.swap(p)
	r = t.swap(q)
	return r
}

// hash is a number.
//
// @ trusted
func hash(p Pair) int { return int(p.A) }

// Sum adds up.
//
// @ ensures p.A + p.C <= r && r <= p.A + p.C
// @ ensures r <= 65790
func (t *Pairs) Sum(p Pair) (r int) { return int(p.A) + int(p.C) }

// Note keeps a number.
//
// @ ensures m == (p.B ? p.A : q.A)
func (t *Pairs) Note(p, q Pair) {
	t.most = int(q.A)
	if p.B {
		t.most = int(p.A)
	}
}
`

// TestStructsHandedOnWhole: fields of an argument are those of the contract, in the ranges of their types,
// and nothing else is known of them.
func TestStructsHandedOnWhole(t *testing.T) {
	if wrong := proveText(t, pairs); wrong != "" {
		t.Fatalf("without a fault:\n%s", wrong)
	}
	for _, f := range []fault{
		{"another field", "[i := p.C]", "[i := p.A]", "ensures c as defined"},
		{"a field left out", " && b == old(b)[i := p.B]", "", "observer b is unchanged"},
		{"another argument", "	t.most = int(q.A)\n", "	t.most = int(p.A)\n", "ensures m as defined"},
		{"another index", "t.list[i] = p }", "t.list[0] = p }", "ensures a as defined"},
		{"index outside", "i < 10\n", "i < 11\n", "is inside"},
		{"struct not kept", "	t.kept = p\n", "", "hash(kept) == hash(p)"},
		{"struct kept before it is read", "	r = hash(t.kept)\n	t.kept = p\n", "	t.kept = p\n	r = hash(t.kept)\n", "r == hash(old(kept))"},
		{"struct that changes unsaid", "// @ modifies kept\n// @ ensures r == hash(old(kept)) && hash(kept) == hash(p)\n", "// @ ensures r == hash(old(kept))\n", "kept is unchanged"},
		{"the struct before the last", "	t.swap(p)\n	r = t.swap(q)\n", "	t.swap(q)\n	r = t.swap(p)\n", "r == hash(p)"},
		{"range too small", "r <= 65790", "r <= 65789", "(r <= 65789)"},
		{"sum that overflows", "return int(p.A) + int(p.C)", "return int(p.C + p.C)", "does not overflow uint16"},
		{"arguments taken for equal", "ensures r <= 65790", "ensures r <= 65790 && r == 2 * p.A", "ensures"},
		{"wider mark", "(p.B ? p.A : q.A)", "(p.B ? p.A : q.C)", "ensures m as defined"},
		{"assignment to a field", "	t.most = int(q.A)\n", "	q.A = 3\n	t.most = int(q.A)\n", "outside of what can be proved"},
		{"pointer", "Note(p, q Pair)", "Note(p Pair, q *Pair)", ""},
		{"address of a field", "	t.most = int(q.A)\n", "	x := &q.A\n	*x = 3\n	t.most = int(q.A)\n", "outside of what can be proved"},
		{"address of an argument", "	t.most = int(q.A)\n", "	x := &q\n	x.A = 3\n	t.most = int(q.A)\n", "outside of what can be proved"},
		{"element replaced by a literal of less", "t.list[i] = p }", "t.list[i] = Pair{A: p.A, C: p.C} }", "ensures b as defined"},
	} {
		t.Run(strings.ReplaceAll(f.name, " ", "_"), func(t *testing.T) {
			if n := strings.Count(pairs, f.old); n != 1 {
				t.Fatalf("%q occurs %d times, want once", f.old, n)
			}
			wrong := proveUntil(t, strings.Replace(pairs, f.old, f.new, 1), f.want)
			if wrong == "" || !strings.Contains(wrong, f.want) {
				t.Errorf("want %q, got:\n%s", f.want, wrong)
			}
		})
	}
}
