package embedded

import (
	"context"
	"testing"
	"time"

	"vigor/internal/smt"
	"vigor/internal/solver"
)

// header is what the questions below are about: the words of a checksummed header, of which one is
// replaced, with the check that a receiver makes (RFC 1071) and the update of RFC 1624, equation 3.
type header struct {
	*smt.Builder
	rest          []*smt.Term // words that stay; the first is never 0
	old, new, sum *smt.Term
}

func newHeader() header {
	b := smt.NewBuilder()
	h := header{Builder: b, old: b.Var("old", 16), new: b.Var("new", 16), sum: b.Var("sum", 16)}
	h.rest = []*smt.Term{b.Concat(b.Word(4, 4), b.Var("first", 12))}
	for _, name := range []string{"a", "c", "d", "e", "f", "g", "h"} {
		h.rest = append(h.rest, b.Var(name, 16))
	}
	return h
}

// valid is the receiver's check.
func (h header) valid(word, sum *smt.Term) *smt.Term {
	return h.Eq(h.OCAdd(append([]*smt.Term{word, sum}, h.rest...)...), h.Word(0xFFFF, 16))
}

func (h header) update(sum, old, new *smt.Term) *smt.Term {
	return h.BVNot(h.OCAdd(h.BVNot(sum), h.BVNot(old), new))
}

// zeroRule sends 0xFFFF for 0, as UDP does (RFC 768).
func (h header) zeroRule(sum *smt.Term) *smt.Term {
	return h.Ite(h.Eq(sum, h.Word(0, 16)), h.Word(0xFFFF, 16), sum)
}

// TestSums asks whether a translated packet's checksum is valid exactly if the received one was, with
// the conditions of a NAT around it: fields that are rewritten or not, checksums that are absent.
func TestSums(t *testing.T) {
	for _, c := range []struct {
		name  string
		claim func(h header) *smt.Term
		want  solver.Answer // of its negation
	}{
		{"update keeps validity", func(h header) *smt.Term {
			return h.Eq(h.valid(h.new, h.update(h.sum, h.old, h.new)), h.valid(h.old, h.sum))
		}, solver.Unsat},
		{"with the zero rule", func(h header) *smt.Term {
			return h.Eq(h.valid(h.new, h.zeroRule(h.update(h.sum, h.old, h.new))), h.valid(h.old, h.sum))
		}, solver.Unsat},
		{"one of two words is rewritten", func(h header) *smt.Term {
			p := h.BVULt(h.Var("device", 16), h.Word(3, 16))
			word := h.Ite(p, h.new, h.old)
			sum := h.Ite(p, h.update(h.sum, h.old, h.new), h.sum)
			return h.Eq(h.valid(word, sum), h.valid(h.old, h.sum))
		}, solver.Unsat},
		{"absent checksums stay absent", func(h header) *smt.Term {
			none := h.Eq(h.sum, h.Word(0, 16))
			sum := h.Ite(none, h.sum, h.zeroRule(h.update(h.sum, h.old, h.new)))
			return h.Ite(none, h.Eq(sum, h.Word(0, 16)), h.Eq(h.valid(h.new, sum), h.valid(h.old, h.sum)))
		}, solver.Unsat},
		{"the equation of RFC 1141 is wrong", func(h header) *smt.Term {
			sum := h.OCAdd(h.sum, h.old, h.BVNot(h.new))
			return h.Eq(h.valid(h.new, sum), h.Eq(h.BVNot(h.OCAdd(append([]*smt.Term{h.old}, h.rest...)...)), h.sum))
		}, solver.Sat},
		{"old and new exchanged", func(h header) *smt.Term {
			return h.Implies(h.valid(h.old, h.sum), h.valid(h.new, h.update(h.sum, h.new, h.old)))
		}, solver.Sat},
		{"zero rule reversed", func(h header) *smt.Term {
			sum := h.update(h.sum, h.old, h.new)
			wrong := h.Ite(h.Eq(sum, h.Word(1, 16)), h.Word(0xFFFF, 16), sum)
			return h.Eq(h.valid(h.new, wrong), h.valid(h.old, h.sum))
		}, solver.Sat},
		{"updated although absent", func(h header) *smt.Term {
			sum := h.update(h.sum, h.old, h.new)
			return h.Implies(h.Eq(h.sum, h.Word(0, 16)), h.Eq(sum, h.Word(0, 16)))
		}, solver.Sat},
		{"rewritten without an update", func(h header) *smt.Term {
			p := h.BVULt(h.Var("device", 16), h.Word(3, 16))
			return h.Eq(h.valid(h.Ite(p, h.new, h.old), h.sum), h.valid(h.old, h.sum))
		}, solver.Sat},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := newHeader()
			s := New(h.Builder)
			ctx, cancel := context.WithTimeout(background, 20*time.Second)
			defer cancel()
			negated := h.Not(c.claim(h))
			if got := s.Check(ctx, negated); got != c.want || s.Err() != nil {
				t.Errorf("got %v, want %v; error %v", got, c.want, s.Err())
			}
			if c.want == solver.Sat && s.Model() != nil && !s.Model().Holds(negated) {
				t.Error("the model does not evaluate")
			}
		})
	}
}

// TestSumsAreKeptApart: a question about sums leaves nothing behind that a later one could see.
func TestSumsAreKeptApart(t *testing.T) {
	h := newHeader()
	s := New(h.Builder)
	valid := h.valid(h.old, h.sum)
	ask := func(want solver.Answer, assume ...*smt.Term) {
		t.Helper()
		if got := s.Check(background, assume...); got != want {
			t.Errorf("%v: got %v, want %v", assume, got, want)
		}
	}
	ask(solver.Sat, valid)
	ask(solver.Sat, h.Not(valid))
	ask(solver.Unsat, valid, h.Not(valid))
	s.Assert(valid)
	ask(solver.Unsat, h.Not(valid))
	ask(solver.Sat, h.Eq(h.old, h.Word(7, 16)))
	if !s.Model().Holds(valid) {
		t.Error("the model makes the assertion false")
	}
	s.Assert(h.Eq(h.sum, h.Word(9, 16)))
	ask(solver.Unsat, h.Eq(h.sum, h.Word(8, 16)))
	ended, cancel := context.WithCancel(background)
	cancel()
	if got := s.Check(ended, h.Eq(h.old, h.Word(77, 16))); got != solver.Unknown {
		t.Errorf("cancelled: got %v, want unknown", got)
	}
}
