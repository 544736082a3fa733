package diag

// Codes of contracts (4xxx): what a call owes to the contract of the library, and what is wrong with a
// contract itself.
const (
	// BadContract says that a contract line beside a library's code cannot be read.
	//
	// Cause: a misspelt name or directive, a value of the wrong type, two definitions of one name for
	// the same outcome, or a read of an observer where it means nothing.
	// Cure: follow the hint; docs/architecture.md names the package that describes the language.
	BadContract Code = 4001
	// Precondition says that a call of a library operation breaks the operation's requires line.
	//
	// Cause: a packet and a state lead to the call with arguments that the operation is not made for.
	// Cure: test before the call, for example with Lookup or Allocated.
	//
	// Example:
	//
	//	n.flows.Erase(3)
	Precondition Code = 4002
	// InvalidValue says that a stored key or value does not satisfy its type's Valid method.
	//
	// Cause: what Valid promises is assumed of everything that is read back, so everything stored
	// must satisfy it.
	// Cure: establish it before the call, or promise less in Valid.
	//
	// Example:
	//
	//	func (f Flow) Valid(env nf.Env) bool { return int(f.Device) < env.Devices }
	//
	//	func (n *NF) Process(p *nf.Packet) nf.Action {
	//		flow := Flow{Device: 99}
	//		if _, known := n.flows.Lookup(flow); !known {
	//			n.flows.Insert(flow, 0, p.Time())
	//		}
	//		return nf.Forward(0)
	//	}
	InvalidValue Code = 4003
	// ContractRange says that a number does not fit the range that a contract declares for an observer
	// or a result.
	//
	// Cause: a negative or too large number is about to be stored, such as a time before 0.
	// Cure: check or limit the number before the call.
	ContractRange Code = 4004
	// ImpossibleChoice says that a state or result that the NF arrived at is none that the operation
	// in the spec can give.
	//
	// Cause: the spec leaves a choice to the code, such as the index of a new entry, and the code made
	// none that the operation's contract allows.
	// Cure: look at the index that the code uses where the spec calls the operation.
	ImpossibleChoice Code = 4005
	// WeakContract says that an operation's contract does not keep what its type's exposes lines
	// promise, or that no call can satisfy it.
	//
	// Cause: an effect is missing, a constraint on a chosen result is too weak, or requires or ensures
	// lines contradict each other.
	// Cure: correct the contract; the message names the line that is lost.
	WeakContract Code = 4006
	// FutureTime says that a structure is left with a time after that of the packet.
	//
	// Cause: an entry was inserted or refreshed at a later time, or in New at a time after 0. The next
	// packet may come earlier, and no operation accepts a time before the latest one.
	// Cure: use the time of the packet; add durations to it where the time is compared.
	//
	// Example:
	//
	//	func (n *NF) Process(p *nf.Packet) nf.Action {
	//		if i, known := n.flows.Lookup(Flow{}); known {
	//			n.flows.Refresh(i, p.Time()+nf.Minute)
	//		}
	//		return nf.Forward(0)
	//	}
	FutureTime Code = 4007
)
