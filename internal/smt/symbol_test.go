package smt_test

import (
	"slices"
	"testing"

	"vigor/internal/smt"
)

// TestSymbolsApart: what can be written alike in a program, a field and a part of another one, has names of its own.
func TestSymbolsApart(t *testing.T) {
	symbols := []string{
		smt.Symbol(smt.Configuration, "a.b"), smt.Symbol(smt.Configuration, "a", "b"),
		smt.Symbol(smt.StateOf, "a.b", "c"), smt.Symbol(smt.StateOf, "a", "b.c"), smt.Symbol(smt.StateOf, "a", "b", "c"),
		smt.Symbol(smt.StateOf, "config", "b"), smt.Symbol(smt.Configuration, "b"),
		smt.Symbol(smt.StateOf, "a", ""), smt.Symbol(smt.StateOf, "a"),
		smt.Symbol(smt.Choice, "x1", "1"), smt.Symbol(smt.Choice, "x", "11"), smt.Symbol(smt.Choice, "x", "1", "1"),
	}
	slices.Sort(symbols)
	if apart := slices.Compact(slices.Clone(symbols)); len(apart) != len(symbols) {
		t.Errorf("got one name for two things: %q", symbols)
	}
}

// TestSymbolsRefused: a name that could be that of something else is never made.
func TestSymbolsRefused(t *testing.T) {
	for name, make := range map[string]func(b *smt.Builder){
		"a part that reads as two": func(*smt.Builder) { smt.Symbol(smt.StateOf, "a:b") },
		"a variable of two widths": func(b *smt.Builder) { b.Var("x", 8); b.Var("x", 16) },
		"a function of two ranges": func(b *smt.Builder) { b.Func("f", []int{8}, 8); b.Func("f", []int{8}, 16) },
	} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if recover() == nil {
					t.Error("got a name, want a panic")
				}
			}()
			make(smt.NewBuilder())
		})
	}
}
