package symbex_test

import (
	"go/types"
	"math/rand/v2"
	"os"
	"strings"
	"testing"

	"vigor/internal/contract"
	"vigor/internal/smt"
	"vigor/internal/solver"
	"vigor/internal/solver/embedded"
	"vigor/internal/symbex"
	"vigor/internal/symbex/summary"
	"vigor/packet"
)

// summing is a proof by induction that packet.Checksum, in some text of its file, adds up words.
type summing struct {
	t       *testing.T
	b       *smt.Builder
	s       solver.Solver
	program *symbex.Program
	content smt.Array
	round   func(p *symbex.Path, at *symbex.Head) (*symbex.Head, symbex.Value)
	failed  []string
}

// newSumming gives the function any bytes of any number, and any initial sum.
func newSumming(t *testing.T, file string) (*summing, *smt.Term, symbex.Slice) {
	b := smt.NewBuilder()
	program, fn, op := checksumFunction(t, b, "Checksum", file)
	var text []string
	for _, q := range op.Requires {
		text = append(text, q.Text())
	}
	for _, d := range op.Defs {
		text = append(text, (&contract.Quantified{Body: d.Value}).Text())
	}
	if got, want := strings.Join(text, "; "), "len(b) <= 65535; ^ocsum(b, initial)"; got != want {
		t.Fatalf("the contract is %s, and the proof of %s", got, want)
	}
	content := smt.NewArray(b.Func("content", []int{16}, 8))
	n, initial := b.ZeroExtend(b.Var("n", 16), 64), b.Var("initial", 32)
	o := &symbex.Object{Name: "content", Type: types.NewSlice(types.Typ[types.Uint8])}
	whole := symbex.Slice{Base: symbex.Pointer{Object: o}, Offset: b.Word(0, 64), Len: n, Cap: n, Nil: b.False()}
	args := []symbex.Value{whole, symbex.Scalar{Term: initial}}
	s := &summing{t: t, b: b, s: embedded.New(b), program: program, content: content}
	s.round = func(p *symbex.Path, at *symbex.Head) (*symbex.Head, symbex.Value) {
		return program.Round(p, fn, content, args, at)
	}
	return s, initial, whole
}

// explore runs visit on all paths, on which what is owed must hold.
func (s *summing) explore(visit func(p *symbex.Path)) {
	e := &symbex.Explorer{Builder: s.b, Solver: s.s, MaxPaths: 10}
	_, problem := e.Explore(s.t.Context(), nil, func(p *symbex.Path) {
		visit(p)
		for _, o := range p.Obligations {
			s.claim(o.Condition, o.Goal, "what is owed")
		}
	})
	if problem != nil {
		s.failed = append(s.failed, problem.Message)
	}
}

func (s *summing) claim(condition []*smt.Term, c *smt.Term, what string) {
	if a := s.s.Check(s.t.Context(), append(condition[:len(condition):len(condition)], s.b.Not(c))...); a != solver.Unsat {
		s.failed = append(s.failed, what+": "+a.String())
	}
}

// sumFailures lists what is wrong with a body of packet.Checksum. It is right if there is nothing, by induction over the
// rounds of its loop: at its head, sum is the initial sum and the words before the bytes that are left, with no carry
// lost, for 2^32-1 and 32,767 words are less than 2^33. At the end, what is left of a sum below 2^33 and perhaps one more
// byte is the complement of its 16-bit digits added with end-around carry. That sum is that of the words themselves: a
// number is congruent to the sum of its digits modulo 65535, and 0 only if that is.
func sumFailures(t *testing.T, file string) []string {
	s, initial, whole := newSumming(t, file)
	b, heads, results := s.b, 0, 0
	is := func(p *symbex.Path, h *symbex.Head, sum, offset, left *smt.Term) {
		if h.Sum == nil || h.Sum.Width() != 64 || h.Bytes.Base.Object != whole.Base.Object || len(h.Bytes.Base.Path) > 0 {
			s.failed = append(s.failed, "other variables")
			return
		}
		s.claim(p.Condition(), b.Eq(h.Sum, sum), "the sum")
		s.claim(p.Condition(), b.Eq(h.Bytes.Offset, offset), "where it goes on")
		s.claim(p.Condition(), b.Eq(h.Bytes.Len, left), "how many are left")
	}
	s.explore(func(p *symbex.Path) {
		h, _ := s.round(p, nil)
		if h == nil {
			s.failed = append(s.failed, "a result before the loop")
			return
		}
		is(p, h, b.ZeroExtend(initial, 64), b.Word(0, 64), whole.Len)
		heads++
	})
	offset, left := b.ZeroExtend(b.Var("offset", 16), 64), b.ZeroExtend(b.Var("left", 16), 64)
	sum := b.ZeroExtend(b.Var("sum", 33), 64)
	word := func(k uint64) *smt.Term { // the byte at k, as it is at the end of a number of two
		return b.ZeroExtend(b.Select(s.content, b.Extract(b.BVAdd(offset, b.Word(k, 64)), 15, 0)), 64)
	}
	more := b.BVULe(b.Word(2, 64), left)
	s.explore(func(p *symbex.Path) {
		p.Axiom(b.BVULe(b.BVAdd(offset, left), b.Word(65535, 64)))
		h, result := s.round(p, &symbex.Head{Sum: sum, Bytes: symbex.Slice{Base: whole.Base, Offset: offset, Len: left,
			Cap: left, Nil: b.False()}})
		if h != nil {
			s.claim(p.Condition(), more, "a round for two bytes")
			is(p, h, b.BVAdd(b.BVAdd(sum, b.BVMul(word(0), b.Word(256, 64))), word(1)), b.BVAdd(offset, b.Word(2, 64)), b.BVSub(left, b.Word(2, 64)))
			heads++
			return
		}
		s.claim(p.Condition(), b.Not(more), "an end after all words")
		last := b.Ite(b.Eq(left, b.Word(1, 64)), b.BVMul(word(0), b.Word(256, 64)), b.Word(0, 64))
		all := b.BVAdd(sum, last)
		digits := b.OCAdd(b.Extract(all, 15, 0), b.Extract(all, 31, 16), b.Extract(all, 47, 32))
		s.claim(p.Condition(), b.Eq(result.(symbex.Scalar).Term, b.BVNot(digits)), "the result")
		results++
	})
	if heads < 2 || results == 0 {
		s.failed = append(s.failed, "no rounds")
	}
	return s.failed
}

// TestChecksumMeetsItsContract proves the contract of packet.Checksum, with which every proof about an NF that sums bytes
// goes on, against its body, for all bytes of any number that a frame may have. Wrong bodies are refused.
func TestChecksumMeetsItsContract(t *testing.T) {
	text, err := os.ReadFile("../../packet/checksum.go")
	if err != nil {
		t.Fatal(err)
	}
	if failed := sumFailures(t, string(text)); len(failed) > 0 {
		t.Errorf("the body differs from its contract in %v", failed)
	}
	const fold = "\tsum = sum&0xFFFF + sum>>16\n"
	for _, m := range []struct{ name, old, new string }{
		{"initial sum forgotten", "sum := uint64(initial)", "sum := uint64(initial) * 0"},
		{"initial sum halved", "sum := uint64(initial)", "sum := uint64(uint16(initial))"},
		{"bytes exchanged", "uint64(b[0])<<8 | uint64(b[1])", "uint64(b[1])<<8 | uint64(b[0])"},
		{"one byte twice", "uint64(b[0])<<8 | uint64(b[1])", "uint64(b[0])<<8 | uint64(b[0])"},
		{"a byte at a time", "b = b[2:]", "b = b[1:]"},
		{"last word left out", "for len(b) >= 2", "for len(b) > 2"},
		{"odd byte left out", "sum += uint64(b[0]) << 8\n", "sum += 0\n"},
		{"odd byte below", "sum += uint64(b[0]) << 8\n", "sum += uint64(b[0])\n"},
		{"odd byte always", "if len(b) == 1", "if len(b) <= 1"},
		{"two carries", fold + fold + fold, fold + fold},
		{"carry of the wrong half", fold + fold + fold, fold + fold + "\tsum = sum&0xFFFF + sum>>15\n"},
		{"complement missing", "return ^uint16(sum)", "return uint16(sum)"},
		{"special case of zero", fold + fold + fold, fold + fold + fold + "\tif sum == 0xFFFF {\n\t\treturn 0xFFFF\n\t}\n"},
		{"sum of 32 bits", "sum += uint64(b[0])<<8 | uint64(b[1])", "sum = uint64(uint32(sum + (uint64(b[0])<<8 | uint64(b[1]))))"},
		{"early end", "b = b[2:]", "b = b[2:]\n\t\tif sum == 77 {\n\t\t\treturn 0\n\t\t}"},
	} {
		t.Run(m.name, func(t *testing.T) {
			mutant := strings.Replace(string(text), m.old, m.new, 1)
			if mutant == string(text) {
				t.Fatalf("packet/checksum.go has no %q", m.old)
			}
			if failed := sumFailures(t, mutant); len(failed) == 0 {
				t.Error("it is proved")
			}
		})
	}
}

// TestChecksumByContract evaluates the contract as calls in proofs do, for random bytes, and compares.
func TestChecksumByContract(t *testing.T) {
	text, err := os.ReadFile("../../packet/checksum.go")
	if err != nil {
		t.Fatal(err)
	}
	b := smt.NewBuilder()
	_, _, op := checksumFunction(t, b, "Checksum", string(text))
	r := rand.New(rand.NewPCG(1, 3))
	for n := range 2000 {
		content := make([]byte, r.IntN(60))
		for i := range content {
			content[i] = byte(r.Uint32()) | byte(r.IntN(2)*0xFF)
		}
		array := smt.NewArray(b.Func("content", []int{16}, 8))
		for i, octet := range content {
			array = array.Store(b.Word(uint64(i)+7, 16), b.Word(uint64(octet), 8))
		}
		initial := []uint32{0, 1, 0xFFFF, 0x10000, 0xFFFFFFFF, r.Uint32()}[n%6]
		part := smt.Range{Of: array, Lo: b.Word(7, 16), Length: b.Word(uint64(len(content)), 16)}
		sum := b.Sum(part, func(c *smt.Term) *smt.Term { return c })
		e := &symbex.Explorer{Builder: b, Solver: embedded.New(b), MaxPaths: 1}
		_, problem := e.Explore(t.Context(), nil, func(p *symbex.Path) {
			got := summary.CallFunction(p, op, []summary.Value{nil, {b.Word(uint64(initial), 32)}}, summary.CallOptions{
				Lists: map[string]summary.List{"b": {Len: b.Word(uint64(len(content)), 64)}}, Sums: map[string]*smt.Term{"b": sum}})
			if w, ok := got[0][0].Word(); !ok || uint16(w) != packet.Checksum(content, initial) {
				t.Fatalf("% x, %#x: got %v, want %#x", content, initial, got[0][0], packet.Checksum(content, initial))
			}
		})
		if problem != nil {
			t.Fatal(problem)
		}
	}
}
