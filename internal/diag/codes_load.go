package diag

// Codes of package load: what has not the shape of an NF (10xx), what cannot be state or configuration
// (11xx), and what lies outside the verifiable subset of Go (12xx).
const (
	// PackageNotFound says that the pattern does not name one Go package of a module.
	//
	// Cause: a misspelt directory, a folder without Go files, or a pattern with `...`.
	// Cure: name the folder of one NF, such as `./nfs/nat`.
	PackageNotFound Code = 1001
	// CompileError says that the NF, or a package it imports, is not valid Go.
	//
	// Cause: the compiler would refuse it, too.
	// Cure: correct the program until `go vet` accepts it.
	//
	// Example:
	//
	//	return undefinedName
	CompileError Code = 1002
	// NotSixtyFour says that the NF is built for a platform whose int has 32 bits.
	//
	// Cause: proofs are about int as 64 bits; a 32-bit build would compute otherwise.
	// Cure: unset GOARCH, or set it to amd64 or arm64.
	NotSixtyFour Code = 1003
	// NoSuchFunction says that the package lacks one of the four declarations of an NF.
	//
	// Cause: an NF has a type Config with a method Validate, a function New, and a method Process on
	// the type that New returns.
	// Cure: declare what is missing.
	//
	// Example:
	//
	//	package example
	//
	//	type Config struct{}
	NoSuchFunction Code = 1004
	// WrongShape says that a declaration of an NF has another signature than it must have.
	//
	// Cause: the run loop and the proof call New, Validate, Process and Valid in one way only.
	// Cure: write the signature that the message shows.
	//
	// Example:
	//
	//	func (c Config) Validate() bool { return c.FlowTimeout > 0 }
	WrongShape Code = 1005

	// MalformedTag says that a `spec` tag is not one name or several names separated by commas.
	//
	// Cause: a name of a spec is a Python identifier in lower case, and the tag is read with the
	// rules of reflect.StructTag.
	// Cure: write `spec:"flows"`, or `spec:"flows,dyn_map"` for two names.
	//
	// Example:
	//
	//	type NF struct {
	//		cfg   Config
	//		flows *libvig.Table[Flow, nf.Device] `spec:"Flow Table"`
	//	}
	MalformedTag Code = 1101
	// DuplicateName says that two fields, of the state, the configuration or a stored struct, have the same name in specs.
	//
	// Cause: a name binds one object.
	// Cure: rename one of them.
	//
	// Example:
	//
	//	type NF struct {
	//		cfg   Config
	//		flows *libvig.Table[Flow, nf.Device] `spec:"flows"`
	//		count int                            `spec:"flows"`
	//	}
	DuplicateName Code = 1102
	// NotState says that a field of the NF can be neither state nor configuration.
	//
	// Cause: what outlives a packet is a pointer to a libvig structure, an integer or a bool; slices,
	// maps, pointers to other types, interfaces and functions cannot be proved about.
	// Cure: keep the data in a libvig Table, Map or Vector.
	//
	// Example:
	//
	//	type NF struct {
	//		cfg   Config
	//		flows *libvig.Table[Flow, nf.Device] `spec:"flows"`
	//		seen  map[packet.IPv4]bool
	//	}
	NotState Code = 1103
	// Padding says that a stored type has bytes that belong to no field.
	//
	// Cause: keys are hashed and compared word by word; padding would be part of the key.
	// Cure: order the fields by falling size, or name the hole with a field that is always zero.
	//
	// Example:
	//
	//	type Flow struct {
	//		Src  packet.IPv4
	//		Port uint16
	//	}
	Padding Code = 1104
	// NotStorable says that a key or value type contains something other than fixed-size integers
	// and bools.
	//
	// Cause: pointers, strings, slices, floats and interfaces have no value that a proof could
	// compare.
	// Cure: store the numbers themselves; an address is a packet.IPv4 or packet.MAC.
	//
	// Example:
	//
	//	type Flow struct {
	//		Name string
	//	}
	NotStorable Code = 1105
	// StoredTooLarge says that a key or value type has more than 64 bytes.
	//
	// Cause: keys and values are copied in and out of a table; beyond a cache line that is slow.
	// Cure: keep an index into a Vector instead.
	//
	// Example:
	//
	//	type Flow struct {
	//		Words [9]uint64
	//	}
	StoredTooLarge Code = 1106
	// BlankField says that a stored type has a field named _.
	//
	// Cause: Go's == ignores blank fields, but the table's hash does not.
	// Cure: give the field a name and keep it zero.
	//
	// Example:
	//
	//	type Flow struct {
	//		Src packet.IPv4
	//		_   uint32
	//	}
	BlankField Code = 1107
	// NotConfig says that a field of Config has a type that cannot be symbolic.
	//
	// Cause: a proof takes the configuration to be any value that Validate accepts; this version
	// knows integers, bools, arrays and structs of them, and lists whose elements are such.
	// Cure: use these types; a list is a field []T of Config itself.
	//
	// Example:
	//
	//	package example
	//
	//	import "vigor/nf"
	//
	//	type Config struct {
	//		Rules [][]uint16
	//	}
	//
	//	func (c Config) Validate() error { return nil }
	//
	//	type NF struct {
	//		cfg Config
	//	}
	//
	//	func New(env nf.Env, cfg Config) (*NF, error) { return &NF{cfg}, nil }
	//
	//	func (n *NF) Process(p *nf.Packet) nf.Action { return nf.Flood() }
	NotConfig Code = 1108

	// MapUsed says that the code uses a Go map.
	//
	// Cause: a map grows, allocates and iterates in random order.
	// Cure: use libvig.Map or libvig.Table, whose size is fixed.
	//
	// Example:
	//
	//	seen := map[int]bool{60: true}
	//	if seen[len(p.Bytes())] {
	//		return nf.Flood()
	//	}
	MapUsed Code = 1201
	// Concurrency says that the code starts a goroutine or uses a channel or select.
	//
	// Cause: one packet is processed by one goroutine, from start to end.
	// Cure: do the work in Process; run several NFs side by side instead.
	//
	// Example:
	//
	//	go func() {}()
	Concurrency Code = 1202
	// Deferred says that the code uses defer or recover.
	//
	// Cause: an NF is proved not to panic, so there is nothing to recover from; deferred calls hide
	// the order of effects.
	// Cure: call the function before each return.
	//
	// Example:
	//
	//	defer func() { recover() }()
	Deferred Code = 1203
	// Allocation says that Process may allocate memory.
	//
	// Cause: a value that outlives its function is put on the heap, which costs time for each
	// packet; so do append, make and new.
	// Cure: use a local variable whose address stays here, or allocate in New and keep it in libvig.
	//
	// Example:
	//
	//	b := append([]byte{}, p.Bytes()...)
	//	b[0] = 1
	Allocation Code = 1205
	// StoredClosure says that a function value is stored, returned or passed out of sight.
	//
	// Cause: the executor must know what each call calls.
	// Cure: call the function by its name, or pass it directly to a function that only calls it.
	//
	// Example:
	//
	//	type NF struct {
	//		cfg   Config
	//		flows *libvig.Table[Flow, nf.Device] `spec:"flows"`
	//	}
	//
	//	func (n *NF) Process(p *nf.Packet) nf.Action {
	//		return choose(p)()
	//	}
	//
	//	func choose(p *nf.Packet) func() nf.Action {
	//		if len(p.Bytes()) < 60 {
	//			return nf.Flood
	//		}
	//		return func() nf.Action { return nf.Drop(nf.Malformed) }
	//	}
	StoredClosure Code = 1206
	// InterfaceUsed says that the code calls a method through an interface, or makes, asserts or
	// converts an interface value where that is not supported.
	//
	// Cause: the method that runs would depend on a value; conversion may allocate.
	// Cure: use the concrete type. Errors may be made in New and Validate only.
	//
	// Example:
	//
	//	var shape interface{ Area() int }
	//	if shape.Area() > 0 {
	//		return nf.Drop(nf.Malformed)
	//	}
	InterfaceUsed Code = 1207
	// UnsafeUsed says that the code uses package unsafe or the integer type uintptr.
	//
	// Cause: it could write to memory that the proof believes unchanged.
	// Cure: use the views of package packet.
	//
	// Example:
	//
	//	import "unsafe"
	//
	//	func (n *NF) Process(p *nf.Packet) nf.Action {
	//		if *(*byte)(unsafe.Pointer(p)) == 0 {
	//			return nf.Flood()
	//		}
	//		return nf.Drop(nf.Malformed)
	//	}
	UnsafeUsed Code = 1208
	// ForeignCall says that the code calls a function the toolchain knows nothing about.
	//
	// Cause: only functions of the NF's own module, packet, nf, libvig and math/bits are known; errors
	// may come from errors.New and fmt.Errorf in New and Validate.
	// Cure: write the few lines in the NF, or use package packet.
	//
	// Example:
	//
	//	import "time"
	//
	//	func (n *NF) Process(p *nf.Packet) nf.Action {
	//		if time.Now().Unix() > 0 {
	//			return nf.Flood()
	//		}
	//		return nf.Drop(nf.Malformed)
	//	}
	ForeignCall Code = 1209
	// RangeUsed says that a loop ranges over something whose length or order is not fixed.
	//
	// Cause: strings, functions and maps cannot be unrolled.
	// Cure: range over an integer, an array or a slice.
	//
	// Example:
	//
	//	for range func(yield func(int) bool) { yield(1) } {
	//	}
	RangeUsed Code = 1210
	// FloatUsed says that the code computes with floating-point or complex numbers.
	//
	// Cause: there is no proof about rounding.
	// Cure: compute with integers in a smaller unit, such as nanoseconds.
	//
	// Example:
	//
	//	share := float64(p.Time()) * 0.5
	//	if share > 1 {
	//		return nf.Drop(nf.Malformed)
	//	}
	FloatUsed Code = 1211
	// StringUsed says that the code computes with strings.
	//
	// Cause: strings have no fixed size; building one allocates.
	// Cure: compare numbers; let fmt.Errorf format them in Validate.
	//
	// Example:
	//
	//	if string(p.Bytes()) == "hello" {
	//		return nf.Flood()
	//	}
	StringUsed Code = 1212
	// Recursion says that functions call each other in a circle.
	//
	// Cause: nothing bounds the depth.
	// Cure: write a loop with a constant bound.
	//
	// Example:
	//
	//	func depth(n int) int {
	//		if n == 0 {
	//			return 0
	//		}
	//		return 1 + depth(n-1)
	//	}
	//
	//	func (n *NF) Process(p *nf.Packet) nf.Action {
	//		if depth(len(p.Bytes())) > 60 {
	//			return nf.Flood()
	//		}
	//		return nf.Drop(nf.Malformed)
	//	}
	Recursion Code = 1213
	// GlobalWritten says that a package variable is written, or shared in a way that may write it.
	//
	// Cause: state outside the NF's fields would be invisible to the spec.
	// Cure: make it a field with a spec tag; tables that never change are arrays.
	//
	// Example:
	//
	//	var packets int
	//
	//	func (n *NF) Process(p *nf.Packet) nf.Action {
	//		packets++
	//		return nf.Drop(nf.Malformed)
	//	}
	GlobalWritten Code = 1214
	// Goto says that the code jumps with goto.
	//
	// Cause: such jumps can make loops without a head.
	// Cure: use for, break and continue.
	//
	// Example:
	//
	//	again:
	//		if p.Time() < 0 {
	//			goto again
	//		}
	Goto Code = 1215
	// NoBody says that a function is declared without a body.
	//
	// Cause: it is written in assembly or linked by name: there is nothing to prove.
	// Cure: write it in Go.
	NoBody Code = 1216
	// ErrorKept says that an error value is used otherwise than by returning it.
	//
	// Cause: errors are opaque: all that is known of one is that it is not nil.
	// Cure: write `return fmt.Errorf(...)` where the fault is found.
	//
	// Example:
	//
	//	func (c Config) Validate() error {
	//		err := errors.New("the flow timeout is negative")
	//		if err == errors.New("another") || c.FlowTimeout < 0 {
	//			return err
	//		}
	//		return nil
	//	}
	ErrorKept Code = 1217
	// MadeInProcess says that a libvig structure is made while a packet is processed.
	//
	// Cause: structures are sized and allocated once.
	// Cure: make it in New and keep it in a field.
	//
	// Example:
	//
	//	t := libvig.NewTable[Flow, nf.Device](16, libvig.HashKey{})
	//	if t.Full() {
	//		return nf.Flood()
	//	}
	MadeInProcess Code = 1218
	// ReadBeforeCall says that a statement reads a variable and then calls what may change it.
	//
	// Cause: Go leaves open which of the two comes first, and compilers differ.
	// Cure: read the variable in a statement of its own.
	//
	// Example:
	//
	//	length := 14
	//	shorten := func() int {
	//		length--
	//		return 1
	//	}
	//	if length+shorten() == 15 {
	//		return nf.Flood()
	//	}
	ReadBeforeCall Code = 1220
	// BeyondText says that a package has a file that is no Go, or a directive such as //go:linkname.
	//
	// Cause: both can give a variable a value, or a name a meaning, that the Go text does not show.
	// Cure: write it in Go, or move the file out of the package's folder.
	//
	// Example:
	//
	//	//go:linkname processors runtime.ncpu
	//	var processors int32
	//
	//	func (n *NF) Process(p *nf.Packet) nf.Action {
	//		if processors > 0 {
	//			return nf.Flood()
	//		}
	//		return nf.Drop(nf.Malformed)
	//	}
	BeyondText Code = 1223
)
