package diag

// A code's comment is its documentation, printed by `vigor explain`; [Explain] reads it from these
// files themselves. It has this form, and a test refuses any other:
//
//	// Name says in one sentence what is wrong.
//	//
//	// Cause: why this is refused.
//	// Cure: what to write instead.
//	//
//	// Example:
//	//
//	//	the refused text, indented by one tab
//	const Name Code = 1234
//
// The example of a code 15xx or 3xxx is a spec: the whole file if it defines a function, else the
// body of spec(pkt, device, now). Any other is Go: the whole NF if it begins with package; else, if a
// line begins with import, type or func, declarations that replace those of the same name in a small
// NF; else statements of its Process. Where both are needed, the Go comes first and the spec after a
// line `-- spec.py --`. A test verifies each example and expects the code; the NF, which sends every
// packet by device 0, stands in verify/testdata/example.

// The codes that no single stage owns.
const (
	// NoAnswer says that the solver could not decide an obligation within its budget.
	//
	// Cause: the arithmetic of this obligation is too hard: a product or quotient of two unknowns,
	// or a checksum over many words.
	// Cure: compute on narrower values, divide by constants, or let the spec use the same
	// formula as the code.
	NoAnswer Code = 5001
	// TooManyPaths says that the exploration of the NF stopped at its limit of paths.
	//
	// Cause: independent branches multiply; each loop round and each lookup may double them.
	// Cure: move branches that only compute a value into a small function without side effects:
	// such functions are merged, not forked.
	TooManyPaths Code = 5002

	// ToolchainBug says that the toolchain met something it does not know.
	//
	// Cause: a fault of Vigor itself. The outcome is unknown, never proved.
	// Cure: report the message with the NF and the spec; rewriting the named line may avoid it.
	ToolchainBug Code = 9001
	// ReplayDisagrees says that a counterexample, or the witness of a path, was run through the
	// compiled NF and behaved otherwise.
	//
	// Cause: the contract of a library operation allows more than its code does, or the executor
	// misreads the NF. The outcome is unknown.
	// Cure: report the message; nothing is wrong with the NF or its spec.
	ReplayDisagrees Code = 9002
	// Contradiction says that a path on which all was proved cannot be taken: what is known along it
	// contradicts itself.
	//
	// Cause: a Valid method asks the impossible of stored values, or the contract of a library operation
	// promises it; anything would follow from that. The outcome is unknown.
	// Cure: let Valid accept some value; if there is none, report the message.
	Contradiction Code = 9003
)
