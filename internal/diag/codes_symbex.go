package diag

// Codes of the executor: what it cannot run, and how the code can fail.
const (
	// UnboundedLoop says that a loop did not end within the rounds that are tried.
	//
	// Cause: nothing that the executor can see bounds the number of rounds.
	// Cure: bound the loop by a constant, or do the work in a libvig operation.
	//
	// Example:
	//
	//	i := 1
	//	for i != 0 {
	//		i ^= 2
	//	}
	UnboundedLoop Code = 1204
	// Unsupported says that the executor met a construct that it does not run.
	//
	// Cause: the construct has no meaning in the executor's memory model.
	// Cure: rewrite the named place with plain integers, structs and slices of the frame.
	Unsupported Code = 1219
	// HintWrites says that Hint writes to the packet, or to the network function.
	//
	// Cause: Hint is called for all packets of a burst before the first of them is processed, and not at
	// all where the state is small: what it wrote would make a burst differ from its packets.
	// Cure: let Hint only read, and write in Process.
	//
	// Example:
	//
	//	import "vigor/libvig"
	//
	//	func (n *NF) Hint(p *nf.Packet) libvig.Hint {
	//		if len(p.Bytes()) > 22 {
	//			p.Bytes()[22]--
	//		}
	//		return n.flows.HintIndex(0)
	//	}
	HintWrites Code = 1221
	// HintChanges says that Hint calls an operation that changes a structure.
	//
	// Cause: Hint is called for all packets of a burst before the first of them is processed, and not at
	// all where the state is small: what it changed would make a burst differ from its packets.
	// Cure: name the entry by HintKey or HintIndex, and change it in Process.
	//
	// Example:
	//
	//	import "vigor/libvig"
	//
	//	func (n *NF) Hint(p *nf.Packet) libvig.Hint {
	//		n.flows.ExpireBefore(p.Time() - n.cfg.FlowTimeout)
	//		return n.flows.HintKey(Flow{})
	//	}
	HintChanges Code = 1222

	// IndexOutOfRange says that an index may be negative or not less than the length.
	//
	// Cause: no test before the access implies that the index is inside.
	// Cure: compare the index, or the length, first.
	//
	// Example:
	//
	//	if p.Bytes()[0] == 1 {
	//		return nf.Drop(nf.Malformed)
	//	}
	IndexOutOfRange Code = 2001
	// SliceOutOfRange says that the bounds of a slice expression may be out of order or exceed the capacity.
	//
	// Cause: no test before the expression implies low <= high <= capacity.
	// Cure: compare the bounds with the length first.
	//
	// Example:
	//
	//	if len(p.Bytes()[14:]) == 0 {
	//		return nf.Drop(nf.Malformed)
	//	}
	SliceOutOfRange Code = 2002
	// NilDereference says that a nil pointer may be followed.
	//
	// Cause: a pointer field that New does not set, or a nil result that is used.
	// Cure: set the pointer in New.
	//
	// Example:
	//
	//	var other *nf.Packet
	//	if other.Time() > 0 {
	//		return nf.Drop(nf.Malformed)
	//	}
	NilDereference Code = 2003
	// DivisionByZero says that a divisor may be 0.
	//
	// Cause: no test before the division excludes 0.
	// Cure: test the divisor, or let Config.Validate refuse 0.
	//
	// Example:
	//
	//	if 100/len(p.Bytes()) > 7 {
	//		return nf.Drop(nf.Malformed)
	//	}
	DivisionByZero Code = 2004
	// NegativeShift says that a shift count may be negative.
	//
	// Cause: the count is a signed integer that no test bounds below.
	// Cure: use an unsigned count.
	//
	// Example:
	//
	//	if 1<<(len(p.Bytes())-60) > 7 {
	//		return nf.Drop(nf.Malformed)
	//	}
	NegativeShift Code = 2005
	// ExplicitPanic says that a call of panic may be reached.
	//
	// Cause: a case that was thought impossible is possible.
	// Cure: handle the case, by nf.Drop with a reason.
	//
	// Example:
	//
	//	if len(p.Bytes()) > 1514 {
	//		panic("frame too long")
	//	}
	ExplicitPanic Code = 2006
	// CarryOutOfRange says that the carry given to bits.Add64, or the borrow given to bits.Sub64, may be
	// neither 0 nor 1.
	//
	// Cause: Go leaves the result of such a call open.
	// Cure: give it 0, or what an earlier call returned.
	//
	// Example:
	//
	//	import "math/bits"
	//
	//	func (n *NF) Process(p *nf.Packet) nf.Action {
	//		if _, carry := bits.Add64(1, 2, uint64(len(p.Bytes()))); carry > 0 {
	//			return nf.Drop(nf.Malformed)
	//		}
	//		return nf.Forward(0)
	//	}
	CarryOutOfRange Code = 2009
	// NoSuchDevice says that Process may send a packet to a device that is not there.
	//
	// Cause: nothing implies that the number is less than env.Devices.
	// Cure: let New refuse such a configuration, or let Valid say it of stored devices.
	//
	// Example:
	//
	//	if len(p.Bytes()) > 0 {
	//		return nf.Forward(99)
	//	}
	NoSuchDevice Code = 2007
	// NeverReturns says that nothing reaches a return statement.
	//
	// Cause: conditions before it contradict each other, what Validate accepts or what libvig promises:
	// a claim about this line would be about nothing.
	// Cure: correct the condition, or remove the statement.
	//
	// Example:
	//
	//	if len(p.Bytes()) > 65535 {
	//		return nf.Drop(nf.Malformed)
	//	}
	NeverReturns Code = 2008

	// NoWitness says that no packet, state and configuration were found that lead along a path.
	//
	// Cause: the path needs a structure with more than 64 entries, or contradictory contracts make it
	// impossible although nothing contradicts it before. Or it needs addresses with other routes than any
	// configuration gives: that the longest prefix counts, a proof does not know.
	// Cure: let the capacity be part of the configuration, so that a small one can be tried; do not ask of
	// two routes what follows from how their rules lie.
	NoWitness Code = 5004
	// ChoiceNotTaken says that the example of a path is one where a structure gives another index than the
	// compiled structure does.
	//
	// Cause: what the NF does depends on which index a new entry gets, after the same packet has freed one. The
	// contract allows any free index; the compiled structure has its own order, so that nothing was run
	// for this path.
	// Cure: let what the NF does depend on keys and values, not on the number of an index.
	//
	// Example:
	//
	//	import (
	//		"vigor/libvig"
	//		"vigor/nf"
	//	)
	//	type NF struct {
	//		hosts *libvig.Table[nf.Device, uint16]
	//	}
	//	func New(env nf.Env, cfg Config) (*NF, error) {
	//		return &NF{libvig.NewTable[nf.Device, uint16](8, env.HashKey)}, nil
	//	}
	//	func (n *NF) Process(p *nf.Packet) nf.Action {
	//		if was, known := n.hosts.Lookup(p.Device()); known {
	//			n.hosts.Erase(was)
	//			if i, ok := n.hosts.Insert(p.Device(), 5, p.Time()); ok && i != was {
	//				return nf.Drop(nf.TableFull)
	//			}
	//		}
	//		return nf.Forward(0)
	//	}
	ChoiceNotTaken Code = 5005
	// Interrupted says that the verification was stopped before it came to an end.
	//
	// Cause: the time limit was reached, or the run was cancelled.
	// Cure: raise the limit.
	Interrupted Code = 5003
)
