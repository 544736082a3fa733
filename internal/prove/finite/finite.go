// Package finite looks for models of an SMT-LIB script in which capacities are small.
//
// Input is a script with quantifiers, from package prove: declarations, definitions and assertions about
// integers, arrays and sorts without a meaning. [Parse] reads it, [Script.Question] writes it without
// quantifiers for a [Bound]: they range over the indices below a capacity and a few outside, and over a few
// elements of each sort. [Script.Read] turns a solver's answer into a [Model].
//
// Guarantee: [Model.Check] evaluates each assertion of the script as it was given, with quantifiers over
// more integers than the question named, and with an arithmetic of its own; what a solver claims counts for
// nothing. Assumes: an array has at all greater indices the value that it has behind the capacity, so a
// model says nothing of what lies there; and no more than that is ever shown.
//
// Start at [Parse], then expand.go for quantifiers, eval.go for values.
package finite

import (
	"fmt"
	"math/big"
	"strings"
)

// Script is a script that has been read.
type Script struct {
	sorts     []string
	functions []*function // in the order of the script
	named     map[string]*function
	asserts   []*node
}

// function is a declared or defined function; a constant has no parameters.
type function struct {
	name   string
	params []string // names, of a defined one
	sorts  []string // of the parameters
	result string
	body   *node // nil for a declared one
	calls  bool  // itself
}

// Bound is how small a model has to be.
type Bound struct {
	Capacity int      // quantifiers range over -1 to Capacity+1
	Each     int      // number of elements of each sort; 0 for two more than the capacity, 6 at most
	Limited  []string // constants that are at most Capacity
	Small    bool     // every constant that is a number is near the capacity
	Ranges   []Range
}

// Range bounds the elements of an array, as far as quantifiers range.
type Range struct {
	Array     string
	Low, High *big.Int
}

// Parse reads a script.
func Parse(text string) (*Script, error) {
	s := &Script{named: map[string]*function{}}
	nodes, err := read(text)
	if err != nil {
		return nil, err
	}
	for _, n := range nodes {
		if err := s.command(n); err != nil {
			return nil, err
		}
	}
	return s, nil
}

func (s *Script) command(n *node) error {
	switch {
	case n.op() == "declare-sort" && len(n.kids) == 3:
		s.sorts = append(s.sorts, n.kids[1].atom)
	case n.op() == "declare-fun" && len(n.kids) == 4:
		f := &function{name: n.kids[1].atom, result: n.kids[3].String()}
		for _, k := range n.kids[2].kids {
			f.sorts = append(f.sorts, k.String())
		}
		s.add(f)
	case (n.op() == "define-fun" || n.op() == "define-fun-rec") && len(n.kids) == 5:
		f := &function{name: n.kids[1].atom, result: n.kids[3].String(), body: n.kids[4]}
		for _, k := range n.kids[2].kids {
			f.params, f.sorts = append(f.params, k.kids[0].atom), append(f.sorts, k.kids[1].String())
		}
		f.calls = f.body.mentions(f.name)
		s.add(f)
	case n.op() == "assert" && len(n.kids) == 2:
		s.asserts = append(s.asserts, n.kids[1])
	case n.op() == "check-sat", n.op() == "set-option", n.op() == "set-logic":
	default:
		return fmt.Errorf("a command of a script is unknown: %v", n)
	}
	return nil
}

func (s *Script) add(f *function) {
	s.functions = append(s.functions, f)
	s.named[f.name] = f
}

// Capacities are the constants that stand above a variable of a quantifier: it ranges below them.
func (s *Script) Capacities() []string {
	seen := map[string]bool{}
	var list []string
	var walk func(n *node, vars map[string]bool)
	walk = func(n *node, vars map[string]bool) {
		if n.op() == "forall" || n.op() == "exists" {
			inner := map[string]bool{}
			for v := range vars {
				inner[v] = true
			}
			for _, b := range n.kids[1].kids {
				inner[b.kids[0].atom] = true
			}
			vars = inner
		}
		if (n.op() == "<" || n.op() == "<=") && len(n.kids) == 3 && vars[n.kids[1].atom] {
			name := n.kids[2].atom
			if f := s.named[name]; f != nil && f.body == nil && f.result == "Int" && len(f.sorts) == 0 && !seen[name] {
				seen[name] = true
				list = append(list, name)
			}
		}
		for _, k := range n.kids {
			walk(k, vars)
		}
	}
	for _, a := range s.asserts {
		walk(a, nil)
	}
	return list
}

// Constants are the declared constants of sort Int, and those of arrays, in the order of the script.
func (s *Script) Constants() (numbers, arrays []string) {
	for _, f := range s.functions {
		switch {
		case f.body != nil || len(f.sorts) > 0:
		case f.result == "Int":
			numbers = append(numbers, f.name)
		case strings.HasPrefix(f.result, "(Array "):
			arrays = append(arrays, f.name)
		}
	}
	return numbers, arrays
}

// arraySorts are the index and the element sort of an array sort.
func arraySorts(sort string) (index, element string, ok bool) {
	inner, ok := strings.CutPrefix(sort, "(Array ")
	if !ok {
		return "", "", false
	}
	index, element, _ = strings.Cut(strings.TrimSuffix(inner, ")"), " ")
	return index, element, true
}
