package replay

import (
	"testing"

	"vigor/internal/smt"
	"vigor/internal/solver/embedded"
	"vigor/internal/symbex"
	"vigor/packet"
)

// sumsOf are symbols of one frame, and what conditions can say of its sums.
type sumsOf struct {
	b  *smt.Builder
	in *symbex.Inputs
	n  *smt.Term // bytes that are summed from 14 on
}

func (s sumsOf) octet(at uint64) *smt.Term { return s.b.Apply(s.in.Frame, s.b.Word(at, 16)) }

func (s sumsOf) isByte(at, v uint64) *smt.Term { return s.b.Eq(s.octet(at), s.b.Word(v, 8)) }

// sum is that of n bytes from lo on, after stores.
func (s sumsOf) sum(lo uint64, n *smt.Term, stores ...smt.Store) *smt.Term {
	a := smt.NewArray(s.in.Frame)
	for _, store := range stores {
		a = a.Store(store.Index, store.Value)
	}
	return s.b.Sum(smt.Range{Of: a, Lo: s.b.Word(lo, 16), Length: n}, func(c *smt.Term) *smt.Term { return c })
}

func (s sumsOf) is(sum *smt.Term, v uint64) *smt.Term { return s.b.Eq(sum, s.b.Word(v, 16)) }

// TestRepairedSums: a case has a frame whose bytes add up as the conditions ask, or says that it has none.
func TestRepairedSums(t *testing.T) {
	for _, test := range []struct {
		name      string
		condition func(s sumsOf) []*smt.Term
		invented  bool
		holds     func(data []byte, n int) bool
	}{
		{"right", func(s sumsOf) []*smt.Term { return []*smt.Term{s.is(s.sum(14, s.n), 0xFFFF)} }, false,
			func(data []byte, n int) bool { return packet.Checksum(data[14:14+n], 0) == 0 }},
		{"wrong", func(s sumsOf) []*smt.Term { return []*smt.Term{s.b.Not(s.is(s.sum(14, s.n), 0xFFFF))} }, false,
			func(data []byte, n int) bool { return packet.Checksum(data[14:14+n], 0) != 0 }},
		{"a given sum", func(s sumsOf) []*smt.Term { return []*smt.Term{s.is(s.sum(14, s.n), 0x1234), s.isByte(14, 9)} }, false,
			func(data []byte, n int) bool {
				return packet.Checksum(data[14:14+n], 0) == ^uint16(0x1234) && data[14] == 9
			}},
		{"none but zeros", func(s sumsOf) []*smt.Term { return []*smt.Term{s.is(s.sum(14, s.n), 0)} }, false,
			func(data []byte, n int) bool { return packet.Checksum(data[14:14+n], 0) == 0xFFFF }},
		{"a part and the whole", func(s sumsOf) []*smt.Term {
			return []*smt.Term{s.is(s.sum(14, s.n), 0xFFFF), s.is(s.sum(18, s.b.Word(6, 16)), 0xFFFF), s.isByte(18, 0x45)}
		}, false, func(data []byte, n int) bool {
			return packet.Checksum(data[14:14+n], 0) == 0 && packet.Checksum(data[18:24], 0) == 0 && data[18] == 0x45
		}},
		{"differs by the odd byte", func(s sumsOf) []*smt.Term {
			even := s.b.Concat(s.b.Extract(s.n, 15, 1), s.b.Word(0, 1))
			return []*smt.Term{s.is(s.sum(14, s.n), 0xFFFF), s.b.Not(s.is(s.sum(14, even), 0xFFFF))}
		}, false, func(data []byte, n int) bool {
			return n%2 == 1 && packet.Checksum(data[14:14+n], 0) == 0 && packet.Checksum(data[14:14+n-1], 0) != 0
		}},
		{"after a store", func(s sumsOf) []*smt.Term {
			return []*smt.Term{s.is(s.sum(14, s.n, smt.Store{Index: s.b.Word(15, 16), Value: s.b.Word(7, 8)}), 0xFFFF), s.isByte(15, 3)}
		}, false, func(data []byte, n int) bool {
			data[15] = 7
			return packet.Checksum(data[14:14+n], 0) == 0
		}},
		{"nothing but given bytes", func(s sumsOf) []*smt.Term {
			return []*smt.Term{s.is(s.sum(14, s.n), 5), s.b.Eq(s.n, s.b.Word(20, 16)), s.is(s.sum(14, s.b.Word(2, 16)), 9),
				s.isByte(14, 0), s.isByte(15, 1)}
		}, true, nil},
		{"two sums of the same bytes", func(s sumsOf) []*smt.Term {
			return []*smt.Term{s.is(s.sum(14, s.n), 5), s.b.Eq(s.n, s.b.Word(20, 16)), s.is(s.sum(14, s.b.Word(20, 16)), 5),
				s.is(s.sum(16, s.b.Word(18, 16)), 5), s.isByte(14, 1), s.isByte(15, 1)}
		}, true, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			b := smt.NewBuilder()
			length := b.Var("length", 16)
			s := sumsOf{b, &symbex.Inputs{Frame: b.Func("frame", []int{16}, 8), Length: length, Device: b.Var("device", 16),
				Time: b.ZeroExtend(b.Var("time", 63), 64), Devices: b.Var("devices", 64)}, b.Var("n", 16)}
			e := &symbex.Explorer{Builder: b, Solver: embedded.New(b), MaxPaths: 1}
			_, problem := e.Explore(t.Context(), nil, func(p *symbex.Path) {
				p.Axiom(b.And(b.BVULe(b.Word(20, 16), s.n), b.BVULe(s.n, b.Word(40, 16)), b.Eq(length, b.Word(60, 16))))
				a := newAttempt(t.Context(), &symbex.Run{Path: p, Inputs: s.in}, append(p.Condition(), test.condition(s)...))
				if a.model = a.ask(); a.model == nil {
					t.Fatal("no model")
				}
				n := int(a.model.Eval(s.n).Int64())
				a.repair()
				data := frame(smt.NewArray(s.in.Frame), length, a.model)
				if a.invented != test.invented || !a.invented && !test.holds(data, n) {
					t.Errorf("invented %v, want %v: %d bytes of % x", a.invented, test.invented, n, []byte(data))
				}
			})
			if problem != nil {
				t.Fatal(problem)
			}
		})
	}
}
