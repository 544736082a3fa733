package smt

import "strings"

// Origin says what a symbol stands for. Symbols of two origins are never one.
type Origin string

// The origins of symbols.
const (
	Configuration Origin = "config" // a part of a field of the configuration
	Environment   Origin = "env"    // a part of what the NF is given by its surroundings
	ListOf        Origin = "list"   // a list of the configuration
	FieldOf       Origin = "cell"   // an integer or bool of the NF
	StateOf       Origin = "state"  // an observer of a structure
	ValidOf       Origin = "valid"  // whether a value of a type is valid
	CountOf       Origin = "count"  // the number of places where an observer holds
	Received      Origin = "packet" // a packet at its arrival
	Remainder     Origin = "rest"   // the sum of the bytes of a packet that nobody looks at one by one
	Choice        Origin = "choice" // what a path chose
)

// between stands between the parts of a symbol. Names of Go and of Python, paths of fields and indices, and
// numbers have none.
const between = ":"

// Symbol is the name of what parts say, for [Builder.Var] and [Builder.Func]. Other parts, or another origin,
// give another name: so what is called alike in a program is not taken for one thing. It panics on a part that
// could be read as two.
func Symbol(o Origin, parts ...string) string { return Within(string(o), parts...) }

// Within is the name of a part of what has a name already.
func Within(symbol string, parts ...string) string {
	for _, p := range parts {
		if strings.Contains(p, between) {
			panic("smt: a part of a symbol is " + p)
		}
		symbol += between + p
	}
	return symbol
}
