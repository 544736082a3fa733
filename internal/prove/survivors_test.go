package prove_test

// checksPrecondition is why a check that panics may be changed: where its panic is reached, the
// constructor's precondition is broken already. Tests of libvig check the panic.
const checksPrecondition = "still meets the same contract: the check refuses what the precondition excludes"

// countsForView is why the number of expired entries may be wrong: a watcher sees it, no contract speaks
// of it. Tests of libvig check the number.
const countsForView = "still meets the same contract: the number is for watchers alone"

// ordersSlots is why a backend may meet the slots in another order: the contract is met with any.
const ordersSlots = "still meets the same contract: which backend has which slot is left open"

// looksLonger is why the latest heartbeat may be too late: then Choose looks at the slots and finds nobody.
const looksLonger = "equivalent: all slots are looked at where it is known that nobody is alive, which costs time only"

// forgetsProgress is why the next step of a walk may be lost: the walk starts again at slots that are taken.
const forgetsProgress = "equivalent: the slots that are met again are passed over, which costs time only"

// hasRoom is why a map may be larger than what is put into it.
const hasRoom = "still meets the same contract: the map inside has room for an entry more, which nobody sees"

// asksNobody is why an empty dictionary may be asked: its map has nothing either.
const asksNobody = "equivalent: the map inside is asked, which is empty, and that costs time only"

// warmsNothing is why a table may have no lines noted.
const warmsNothing = "still meets the same contract: without it hints have no effect, which costs time only"

// drawsFromMore is why the part of the free numbers that are drawn from may be larger: contracts leave open which one is given.
const drawsFromMore = "still meets the same contract, which leaves open which of the free numbers is given; TestPortRange sees it"

// drawsFromFewer is why it may be smaller.
const drawsFromFewer = "still meets the same contract, which leaves open which of the free numbers is given; TestPortRangeDraws sees it"

// drawsNothing is why the free numbers may be given in order.
const drawsNothing = "still meets the same contract, which leaves open which of the free numbers is given; TestPortRangeDraws sees it"

// searchesAnyway is why what a hint has led to may be left alone.
const searchesAnyway = "equivalent: the key is hashed and searched, which finds the same and costs time only"

// survivors are the mutants that are proved, each with the reason why that is right.
var survivors = map[string]string{
	"NewChain: checkCapacity(n) => (nothing)":      checksPrecondition,
	"NewMap: checkCapacity(n) => (nothing)":        checksPrecondition,
	"NewVector: checkCapacity(size) => (nothing)":  checksPrecondition,
	"NewPortRange: checkCapacity(n) => (nothing)":  checksPrecondition,
	"NewRing: checkCapacity(n) => (nothing)":       checksPrecondition,
	"NewClassChain: checkCapacity(n) => (nothing)": checksPrecondition,
	"ClassChain.noteExpiry: func (c *ClassChain) noteExpiry() { c.expired++ } => func (c *ClassChain) noteExpiry() { }":      countsForView,
	"ClassChain.ExpireBefore: c.noteExpiry() => (nothing)":                                                                   countsForView,
	"ClassTable.expire: t.c.noteExpiry() => (nothing)":                                                                       countsForView,
	`NewClassChain: if number < 1 || number > 256 { panic("libvig: the number of classes is outside 1..256") } => (nothing)`: checksPrecondition,
	"NewClassChain: if number < 1 || number > 256 { => if number < 1 && number > 256 {":                                      checksPrecondition,
	"NewClassChain: if number < 1 || number > 256 { => if number < 0 || number > 256 {":                                      checksPrecondition,
	"NewClassChain: if number < 1 || number > 256 { => if number < 1 || number > 257 {":                                      checksPrecondition,
	"NewDictionary: checkLength(len(entries)) => (nothing)":                                                                  checksPrecondition,
	"NewDictionary: d := &Dictionary[K, V]{m: NewMap[K](max(len(entries), 1), secret), entries: make([]Entry[K, V], len(entries))} => d := &Dictionary[K, V]{m: NewMap[K](max(len(entries), 2), secret), entries: make([]Entry[K, V], len(entries))}": hasRoom,
	"NewReverseDictionary: checkLength(len(entries)) => (nothing)": checksPrecondition,
	"NewReverseDictionary: d := &Dictionary[K, V]{m: NewMap[K](max(len(entries), 1), secret), entries: make([]Entry[K, V], len(entries))} => d := &Dictionary[K, V]{m: NewMap[K](max(len(entries), 2), secret), entries: make([]Entry[K, V], len(entries))}": hasRoom,
	"Dictionary.Lookup: if len(d.entries) == 0 { // no need to compute a hash return 0, false } => (nothing)":                                                                                                                                                asksNobody,
	"Dictionary.Lookup: return 0, false => (nothing)":                                                                                    asksNobody,
	"NewClassifier: checkLength(len(rules)) => (nothing)":                                                                                checksPrecondition,
	`NewPortRange: if from < 0 || from > MaxCapacity { panic("libvig: the first number is outside 0..536870912") } => (nothing)`:         checksPrecondition,
	"NewPortRange: if from < 0 || from > MaxCapacity { => if from < 0 && from > MaxCapacity {":                                           checksPrecondition,
	"NewPortRange: if from < 0 || from > MaxCapacity { => if from < 0 || from > 536870913 {":                                             checksPrecondition,
	`NewMap: if sizeOf[K]() == 0 || sizeOf[K]() > maxKeySize { panic("libvig: the size of a key is outside 1..64 bytes") } => (nothing)`: checksPrecondition,
	"NewMap: if sizeOf[K]() == 0 || sizeOf[K]() > maxKeySize { => if sizeOf[K]() == 0 && sizeOf[K]() > maxKeySize {":                     checksPrecondition,
	"NewMap: if sizeOf[K]() == 0 || sizeOf[K]() > maxKeySize { => if sizeOf[K]() == 0 || sizeOf[K]() > 65 {":                             checksPrecondition,

	"Chain.noteExpiry: func (c *Chain) noteExpiry() { c.expired++ } => func (c *Chain) noteExpiry() { }": countsForView,
	"Chain.ExpireBefore: c.noteExpiry() => (nothing)":                                                    countsForView,
	"Table.ExpireBefore: t.c.noteExpiry() => (nothing)":                                                  countsForView,

	"NewTable: t.collect() => (nothing)":                                                                                                      warmsNothing,
	"NewRandomClassTable: t.collect() => (nothing)":                                                                                           warmsNothing,
	"PortRange.shuffle: half := uint32(r.left+1) / 2 => half := uint32(r.left+2) / 2":                                                         drawsFromMore,
	"PortRange.shuffle: half := uint32(r.left+1) / 2 => half := uint32(r.left+0) / 2":                                                         drawsFromFewer,
	"PortRange.shuffle: half := uint32(r.left+1) / 2 => half := uint32(r.left-1) / 2":                                                         drawsFromFewer,
	"PortRange.shuffle: half := uint32(r.left+1) / 2 => half := uint32(r.left+1) / 3":                                                         drawsFromFewer,
	"PortRange.shuffle: steps := uint64(drawNumber(r.draw)) * uint64(half) >> 32 => steps := uint64(drawNumber(r.draw)) * uint64(half) >> 33": drawsFromFewer,
	"PortRange.Allocate: r.shuffle() => (nothing)":                                                                                            drawsNothing,
	"PortRange.shuffle: r.draw = nextDraw(r.draw) => (nothing)":                                                                               drawsNothing,
	"NewClassTable: t.collect() => (nothing)":                                                                                                 warmsNothing,
	"Table.Lookup: return at, true => (nothing)":                                                                                              searchesAnyway,
	"ClassTable.Lookup: return at, true => (nothing)":                                                                                         searchesAnyway,
	"Table.Lookup: if at := int(t.guess()); t.c.Allocated(at) && t.m.is(at, &k) { return at, true } => (nothing)":                             searchesAnyway,
	"ClassTable.Lookup: if at := int(t.guess()); t.c.Allocated(at) && t.m.is(at, &k) { return at, true } => (nothing)":                        searchesAnyway,

	`NewMaglev: if size < 2 || size > MaxSlots || len(backends) == 0 || len(backends) > MaxBackends || sizeOf[B]() == 0 || sizeOf[B]() > maxKeySize { panic("libvig: the number of slots or of backends, or the size of their names, is out of range") } => (nothing)`: checksPrecondition,
	"NewMaglev: sizeOf[B]() == 0 || sizeOf[B]() > maxKeySize { => sizeOf[B]() == 0 || sizeOf[B]() > 65 {":                                                                                         checksPrecondition,
	"NewMaglev: if size < 2 || size > MaxSlots || len(backends) == 0 || len(backends) > MaxBackends || => if size < 2 || size > MaxSlots || len(backends) == 0 || len(backends) > MaxBackends &&": checksPrecondition,
	"NewMaglev: if size < 2 || size > MaxSlots || len(backends) == 0 || len(backends) > MaxBackends || => if size < 2 || size > MaxSlots || len(backends) == 0 && len(backends) > MaxBackends ||": checksPrecondition,
	"NewMaglev: if size < 2 || size > MaxSlots || len(backends) == 0 || len(backends) > MaxBackends || => if size < 2 || size > MaxSlots && len(backends) == 0 || len(backends) > MaxBackends ||": checksPrecondition,
	"NewMaglev: if size < 2 || size > MaxSlots || len(backends) == 0 || len(backends) > MaxBackends || => if size < 2 && size > MaxSlots || len(backends) == 0 || len(backends) > MaxBackends ||": checksPrecondition,
	"NewMaglev: if size < 2 || size > MaxSlots || len(backends) == 0 || len(backends) > MaxBackends || => if size < 1 || size > MaxSlots || len(backends) == 0 || len(backends) > MaxBackends ||": checksPrecondition,
	"NewMaglev: if size < 2 || size > MaxSlots || len(backends) == 0 || len(backends) > MaxBackends || => if size < 2 || size > 16777217 || len(backends) == 0 || len(backends) > MaxBackends ||": checksPrecondition,
	"NewMaglev: if size < 2 || size > MaxSlots || len(backends) == 0 || len(backends) > MaxBackends || => if size < 2 || size > MaxSlots || len(backends) == 0 || len(backends) > 65537 ||":       checksPrecondition,
	"NewMaglev: latest: never, keyed: newHasher(secret), => latest: -9223372036854775807, keyed: newHasher(secret),":                                                                              looksLonger,
	"NewMaglev: latest: never, keyed: newHasher(secret), => latest: 9223372036854775807, keyed: newHasher(secret),":                                                                               looksLonger,
	"NewMaglev: offsets, skips := hasherOf(secret, 1), hasherOf(secret, 2) => offsets, skips := hasherOf(secret, 2), hasherOf(secret, 2)":                                                         ordersSlots,
	"NewMaglev: offsets, skips := hasherOf(secret, 1), hasherOf(secret, 2) => offsets, skips := hasherOf(secret, 0), hasherOf(secret, 2)":                                                         ordersSlots,
	"NewMaglev: offsets, skips := hasherOf(secret, 1), hasherOf(secret, 2) => offsets, skips := hasherOf(secret, 1), hasherOf(secret, 3)":                                                         ordersSlots,
	"NewMaglev: offsets, skips := hasherOf(secret, 1), hasherOf(secret, 2) => offsets, skips := hasherOf(secret, 1), hasherOf(secret, 1)":                                                         ordersSlots,
	"NewMaglev: t.walks[i].next = s + 1 => (nothing)":               forgetsProgress,
	"NewMaglev: t.walks[i].next = s + 1 => t.walks[i].next = s + 0": forgetsProgress,
}
