package config

import (
	"fmt"

	"github.com/goccy/go-yaml/token"
)

// maxNesting is how deep brackets and braces can be nested, and dashes that follow one another in a line. No
// configuration comes near, and the parser's time and memory grow with the square of the depth: a file of
// a megabyte would end a program that reads its configuration again.
const maxNesting = 32

// shallow refuses what is nested too deep.
func shallow(name string, tokens token.Tokens) error {
	depth, dashes, line := 0, 0, 0
	for _, t := range tokens {
		if t.Position.Line != line {
			dashes, line = 0, t.Position.Line
		}
		switch t.Type {
		case token.SequenceStartType, token.MappingStartType:
			depth++
		case token.SequenceEndType, token.MappingEndType:
			depth = max(depth-1, 0)
		case token.SequenceEntryType, token.MappingKeyType:
			dashes++
		}
		if depth+dashes > maxNesting {
			return fmt.Errorf("%s:%d:%d: more than %d levels are nested here: no configuration is so deep",
				name, line, t.Position.Column, maxNesting)
		}
	}
	return nil
}
