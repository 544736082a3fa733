package contract

import (
	"go/token"
	"strings"
)

type tokenKind int

const (
	end tokenKind = iota
	word
	number
	symbol
	junk
)

type lexeme struct {
	kind tokenKind
	text string
	pos  token.Pos
}

// symbols in the order of trial: no symbol before a longer one that it begins.
var symbols = []string{"<==>", "==>", "==", "!=", "<=", ">=", "&&", "||", "::", ":=", "<<", ">>",
	"(", ")", "[", "]", "{", "}", ",", ".", ";", "?", ":", "<", ">", "!", "=",
	"+", "-", "*", "/", "%", "^", "&", "|"}

func isLetter(c rune) bool { return c == '_' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' }
func isDigit(c rune) bool  { return '0' <= c && c <= '9' }

// lex cuts a line into tokens, the last of kind end. A remark, "//" to the end of a part, is skipped.
func lex(l *line) []lexeme {
	var out []lexeme
	last := l.pos
	for _, p := range l.parts {
		text, _, _ := strings.Cut(p.text, "//")
		for i := 0; i < len(text); {
			if text[i] == ' ' || text[i] == '\t' || text[i] == '\r' {
				i++
				continue
			}
			t := lexOne(text[i:])
			t.pos = p.pos + token.Pos(i)
			out = append(out, t)
			i += len(t.text)
		}
		last = p.pos + token.Pos(len(text))
	}
	return append(out, lexeme{end, "end of line", last})
}

// lexOne returns the token that text begins with.
func lexOne(text string) lexeme {
	c := rune(text[0])
	if isLetter(c) || isDigit(c) {
		n := strings.IndexFunc(text, func(c rune) bool { return !isLetter(c) && !isDigit(c) })
		if n < 0 {
			n = len(text)
		}
		if isDigit(c) {
			return lexeme{kind: number, text: text[:n]}
		}
		return lexeme{kind: word, text: text[:n]}
	}
	for _, s := range symbols {
		if strings.HasPrefix(text, s) {
			return lexeme{kind: symbol, text: s}
		}
	}
	for n := range text[1:] {
		if text[n+1] < 0x80 || text[n+1] >= 0xc0 {
			return lexeme{kind: junk, text: text[:n+1]}
		}
	}
	return lexeme{kind: junk, text: text}
}

// normal writes tokens with single spaces: the text that is hashed.
func normal(tokens []lexeme) string {
	var parts []string
	for _, t := range tokens {
		if t.kind != end {
			parts = append(parts, t.text)
		}
	}
	return strings.Join(parts, " ")
}
