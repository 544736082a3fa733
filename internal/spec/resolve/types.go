package resolve

import (
	"fmt"
	"strings"
)

// Kind is what sort of thing an expression is.
type Kind int

// The kinds. Bool to Set are values: they can be stored, compared and passed on; the others are
// what the language offers to work with.
const (
	Bool Kind = iota
	Int
	MAC // 48 bits
	IP4 // 32 bits
	Tuple
	Record
	Set // of devices, one bit each

	Net      // net4("10.0.0.0/8")
	Packet   // pkt, old(pkt), out.pkt
	Header   // pkt.ipv4
	State    // a state object
	Indices  // t.indices
	Flags    // pkt.tcp.flags, of a script
	FlowKey  // pkt.flow, of a script
	Output   // out
	Nothing  // the result of a function that returns no value
	List     // of the configuration: asked for its length and its elements
	AnyValue // after an error that has been reported
)

var kindNames = [...]string{"bool", "int", "mac", "ip4", "tuple", "record", "set of devices", "net4", "packet", "header",
	"state object", "set of indices", "set of flags", "flow", "out", "nothing", "list", "value"}

// Type is the type of an expression, a field or a stored value.
type Type struct {
	Kind Kind
	// Width and Signed say what a stored Int can hold. Width 0 is the exact int of a computation.
	Width  int
	Signed bool
	Elems  []*Type   // of a Tuple; of a List the one type of its elements
	Record *RecordOf // of a Record
	Header *HeaderOf // of a Header
	Object *Object   // of State and Indices
	View   View      // of Packet, Header and State
}

// View tells which of its versions a packet or a state object is read from.
type View int

// The views.
const (
	Current View = iota // pkt, and state as the spec has it
	Arrival             // old(…)
	Left                // out.pkt: what the NF sent
)

// RecordOf is a record type of the NF: a Go struct.
type RecordOf struct {
	Name   string
	Fields []Field
}

// Field is a named part of a record, or a configuration value.
type Field struct {
	Name   string // snake case
	GoName string
	Type   *Type
}

// String names the type as messages do.
func (t *Type) String() string {
	switch t.Kind {
	case Tuple:
		var list []string
		for _, e := range t.Elems {
			list = append(list, e.String())
		}
		return "(" + strings.Join(list, ", ") + ")"
	case Record:
		return t.Record.Name
	case List:
		return "list of " + t.Elems[0].String()
	case Header:
		return "header " + t.Header.Name
	case State:
		return fmt.Sprintf("state object %s", t.Object.Name)
	}
	return kindNames[t.Kind]
}

// IsValue tells whether values of the type can be stored and compared.
func (t *Type) IsValue() bool { return t.Kind <= Set || t.Kind == AnyValue }

// Parts gives the element types of a tuple or a record, else nil.
func (t *Type) Parts() []*Type {
	if t.Kind == Record {
		var list []*Type
		for _, f := range t.Record.Fields {
			list = append(list, f.Type)
		}
		return list
	}
	return t.Elems
}

// ObjectKind is the library type behind a state object.
type ObjectKind int

// The kinds of state objects.
const (
	Table ObjectKind = iota
	Map
	Vector
	Cell
	Chain // can be imported and is compared, but not asked
	PortRange
	Ring
	LPM
	Classifier
	Dictionary
	Maglev
	ClassTable // a table with timer classes
)

// Object is a state object of the NF as specs see it.
type Object struct {
	Name    string   // its first name in `spec:"…"`
	Aliases []string // the others
	GoName  string   // the field, from the NF's struct on: "flows", "inside.flows"
	Kind    ObjectKind
	Key     *Type // of a Table, ClassTable, Map, LPM, Dictionary or Maglev
	Value   *Type // of a Table or ClassTable (nil for a set), Vector, Ring or Cell
}

// Schema is what an NF offers to its specs.
type Schema struct {
	Objects []*Object
	Records []*RecordOf
	Config  []Field
	// Properties are the files that `from properties.NAME import …` and a script's `import NAME`
	// read.
	Properties map[string]Source
}

// Source is the text of a file.
type Source struct {
	File string
	Text []byte
}
