package resolve

import (
	"vigor/internal/diag"
	"vigor/internal/spec/syntax"
)

// Method is what a spec can call of a structure that has neither keys nor times: an operation of the
// library's contract, with the values of the spec as its arguments.
type Method struct {
	Op     string   // of the contract
	Params []string // by name, for messages
	Types  []*Type  // of the parameters; nil is the type of the structure's values
	// Value is the type of the first result, which is the value of the call; Element stands for the
	// type of the structure's values, and nil for no value.
	Value   *Type
	Changes bool
}

// Element stands for the type of a structure's values in a [Method], Key for that of its keys.
var (
	Element = &Type{Kind: AnyValue}
	Key     = &Type{Kind: AnyValue}
)

var (
	goInt   = &Type{Kind: Int, Width: 64, Signed: true}
	word    = &Type{Kind: Int, Width: 16}
	octet   = &Type{Kind: Int, Width: 8}
	address = &Type{Kind: IP4}
)

// methods are the calls of each kind of structure.
var methods = map[ObjectKind]map[string]Method{
	PortRange: {
		"take":      {Op: "Allocate", Value: goInt, Changes: true},
		"give_back": {Op: "Free", Params: []string{"number"}, Types: []*Type{goInt}, Changes: true},
	},
	Ring: {
		"push": {Op: "Push", Params: []string{"value"}, Types: []*Type{Element}, Changes: true},
		"pop":  {Op: "Pop", Value: Element, Changes: true},
	},
	Maglev: {
		"choose": {Op: "Choose", Params: []string{"key", "since"}, Types: []*Type{Key, goInt}, Value: goInt},
		"alive":  {Op: "Alive", Params: []string{"index", "since"}, Types: []*Type{goInt, goInt}, Value: &Type{Kind: Bool}},
		"beat":   {Op: "Beat", Params: []string{"index"}, Types: []*Type{goInt}, Changes: true},
	},
	Classifier: {
		"match": {Op: "Match", Params: []string{"src", "dst", "src_port", "dst_port", "protocol"},
			Types: []*Type{address, address, word, word, octet}, Value: goInt},
		"value": {Op: "Value", Params: []string{"index"}, Types: []*Type{goInt}, Value: word},
	},
}

// MethodOf gives a call of a structure by its name in specs.
func MethodOf(o *Object, name string) (m Method, ok bool) {
	m, ok = methods[o.Kind][name]
	return m, ok
}

// Type gives the type of a parameter or value of a method of o.
func (o *Object) Type(t *Type) *Type {
	switch t {
	case Element:
		return o.Value
	case Key:
		return o.Key
	}
	return t
}

// structureMethod checks a call of one of the methods.
func (f *frame) structureMethod(x *syntax.Call, fun *syntax.Attribute, on *Type, m Method) result {
	o := on.Object
	if m.Changes {
		f.writable(on, fun.X)
		if m.Value != nil && f.alone != x {
			f.report(diag.NotValue, x.Span(), "%s.%s() changes %s: assign its value on a line of its own, x = %s.%s()",
				o.Name, fun.Name, o.Name, o.Name, fun.Name)
		}
	}
	if !f.plain(x, fun.Name, len(m.Params)) {
		return result{}
	}
	for i, t := range m.Types {
		f.store(o.Type(t), x.Args[i], m.Params[i]+" of "+o.Name+"."+fun.Name)
	}
	if m.Value == nil {
		return of(Nothing)
	}
	if t := o.Type(m.Value); t.Kind != Int {
		return result{Type: t}
	}
	return of(Int)
}

// standsAlone notes that x is a whole statement, or all that a statement assigns.
func (f *frame) standsAlone(x syntax.Expr) {
	f.alone, _ = x.(*syntax.Call)
}
