package prove_test

// checksPrecondition is why a check that panics may be changed: where its panic is reached, the
// constructor's precondition is broken already. Tests of libvig check the panic.
const checksPrecondition = "still meets the same contract: the check refuses what the precondition excludes"

// countsForView is why the number of expired entries may be wrong: a watcher sees it, no contract speaks
// of it. Tests of libvig check the number.
const countsForView = "still meets the same contract: the number is for watchers alone"

// ordersSlots is why a seed may be taken apart in another way: the contract is met with any order of slots.
const ordersSlots = "still meets the same contract: which backend has which slot is left open"

// forgetsProgress is why the next step of a walk may be lost: the walk starts again at slots that are taken.
const forgetsProgress = "equivalent: the slots that are met again are passed over, which costs time only"

// survivors are the mutants that are proved, each with the reason why that is right.
var survivors = map[string]string{
	"NewChain: checkCapacity(n) => (nothing)":               checksPrecondition,
	"NewMap: checkCapacity(n) => (nothing)":                 checksPrecondition,
	"NewVector: checkCapacity(size) => (nothing)":           checksPrecondition,
	"NewPortRange: checkCapacity(n) => (nothing)":           checksPrecondition,
	"NewRing: checkCapacity(n) => (nothing)":                checksPrecondition,
	"NewDictionary: checkLength(len(entries)) => (nothing)": checksPrecondition,
	"NewClassifier: checkLength(len(rules)) => (nothing)":   checksPrecondition,
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

	`NewMaglev: if size < 2 || size > MaxSlots || len(seeds) == 0 || len(seeds) > MaxSlots { panic("libvig: the number of slots or of backends is out of range") } => (nothing)`: checksPrecondition,
	"NewMaglev: if size < 2 || size > MaxSlots || len(seeds) == 0 || len(seeds) > MaxSlots { => if size < 2 || size > MaxSlots || len(seeds) == 0 && len(seeds) > MaxSlots {":    checksPrecondition,
	"NewMaglev: if size < 2 || size > MaxSlots || len(seeds) == 0 || len(seeds) > MaxSlots { => if size < 2 || size > MaxSlots && len(seeds) == 0 || len(seeds) > MaxSlots {":    checksPrecondition,
	"NewMaglev: if size < 2 || size > MaxSlots || len(seeds) == 0 || len(seeds) > MaxSlots { => if size < 2 && size > MaxSlots || len(seeds) == 0 || len(seeds) > MaxSlots {":    checksPrecondition,
	"NewMaglev: if size < 2 || size > MaxSlots || len(seeds) == 0 || len(seeds) > MaxSlots { => if size < 1 || size > MaxSlots || len(seeds) == 0 || len(seeds) > MaxSlots {":    checksPrecondition,
	"NewMaglev: if size < 2 || size > MaxSlots || len(seeds) == 0 || len(seeds) > MaxSlots { => if size < 2 || size > 16777217 || len(seeds) == 0 || len(seeds) > MaxSlots {":    checksPrecondition,
	"NewMaglev: if size < 2 || size > MaxSlots || len(seeds) == 0 || len(seeds) > MaxSlots { => if size < 2 || size > MaxSlots || len(seeds) == 0 || len(seeds) > 16777217 {":    checksPrecondition,
	"NewMaglev: offset: uint32((seeds[j] >> 32) % uint64(m)), => offset: uint32((seeds[j] >> 31) % uint64(m)),":                                                                  ordersSlots,
	"NewMaglev: offset: uint32((seeds[j] >> 32) % uint64(m)), => offset: uint32((seeds[j] >> 33) % uint64(m)),":                                                                  ordersSlots,
	"NewMaglev: skip: uint32(seeds[j]%(1<<32)%uint64(m-1)) + 1, => skip: uint32(seeds[j]/(1<<32)%uint64(m-1)) + 1,":                                                              ordersSlots,
	"NewMaglev: skip: uint32(seeds[j]%(1<<32)%uint64(m-1)) + 1, => skip: uint32(seeds[j]%(2<<32)%uint64(m-1)) + 1,":                                                              ordersSlots,
	"NewMaglev: skip: uint32(seeds[j]%(1<<32)%uint64(m-1)) + 1, => skip: uint32(seeds[j]%(1<<33)%uint64(m-1)) + 1,":                                                              ordersSlots,
	"NewMaglev: skip: uint32(seeds[j]%(1<<32)%uint64(m-1)) + 1, => skip: uint32(seeds[j]%(1<<31)%uint64(m-1)) + 1,":                                                              ordersSlots,
	"NewMaglev: t.walks[i].next = s + 1 => (nothing)":               forgetsProgress,
	"NewMaglev: t.walks[i].next = s + 1 => t.walks[i].next = s + 0": forgetsProgress,
}
