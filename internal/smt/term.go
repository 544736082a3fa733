// Package smt holds quantifier-free terms over bit-vectors and uninterpreted functions.
package smt

// Term is one hash-consed term.
type Term struct{}
