package prove_test

// checksPrecondition is why a check that panics may be changed: where its panic is reached, the
// constructor's precondition is broken already. Tests of libvig check the panic.
const checksPrecondition = "still meets the same contract: the check refuses what the precondition excludes"

// countsForView is why the number of expired entries may be wrong: a watcher sees it, no contract speaks
// of it. Tests of libvig check the number.
const countsForView = "still meets the same contract: the number is for watchers alone"

// survivors are the mutants that are proved, each with the reason why that is right.
var survivors = map[string]string{
	"NewChain: checkCapacity(n) => (nothing)":     checksPrecondition,
	"NewMap: checkCapacity(n) => (nothing)":       checksPrecondition,
	"NewVector: checkCapacity(size) => (nothing)": checksPrecondition,
	"NewPortRange: checkCapacity(n) => (nothing)": checksPrecondition,
	"NewRing: checkCapacity(n) => (nothing)":      checksPrecondition,
	`NewPortRange: if from < 0 || from > MaxCapacity { panic("libvig: the first number is outside 0..536870912") } => (nothing)`:         checksPrecondition,
	"NewPortRange: if from < 0 || from > MaxCapacity { => if from < 0 && from > MaxCapacity {":                                           checksPrecondition,
	"NewPortRange: if from < 0 || from > MaxCapacity { => if from < 0 || from > 536870913 {":                                             checksPrecondition,
	`NewMap: if sizeOf[K]() == 0 || sizeOf[K]() > maxKeySize { panic("libvig: the size of a key is outside 1..64 bytes") } => (nothing)`: checksPrecondition,
	"NewMap: if sizeOf[K]() == 0 || sizeOf[K]() > maxKeySize { => if sizeOf[K]() == 0 && sizeOf[K]() > maxKeySize {":                     checksPrecondition,
	"NewMap: if sizeOf[K]() == 0 || sizeOf[K]() > maxKeySize { => if sizeOf[K]() == 0 || sizeOf[K]() > 65 {":                             checksPrecondition,

	"Chain.noteExpiry: func (c *Chain) noteExpiry() { c.expired++ } => func (c *Chain) noteExpiry() { }": countsForView,
	"Chain.ExpireBefore: c.noteExpiry() => (nothing)":                                                    countsForView,
	"Table.ExpireBefore: t.c.noteExpiry() => (nothing)":                                                  countsForView,

	"NewTable: t.collect() => (nothing)": "still meets the same contract: without it hints have no effect, which costs time only",
}
