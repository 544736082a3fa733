package syntax

import (
	"fmt"
	"math/big"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"vigor/internal/diag"
	"vigor/internal/source"
)

type kind int

const (
	endOfFile kind = iota
	newline
	indent
	dedent
	name
	keyword
	number
	text
	operator
	bad // reported already
)

type token struct {
	kind  kind
	text  string // as written; of a text token, its value
	value *big.Int
	span  source.Span
}

// keywords are Python's reserved words.
var keywords = []string{"False", "None", "True", "and", "as", "assert", "async", "await", "break", "class",
	"continue", "def", "del", "elif", "else", "except", "finally", "for", "from", "global", "if", "import", "in",
	"is", "lambda", "nonlocal", "not", "or", "pass", "raise", "return", "try", "while", "with", "yield"}

// statementOnly are the keywords that cannot stand inside brackets: at the start of a line they
// show that a bracket was left open.
var statementOnly = []string{"assert", "break", "class", "continue", "def", "del", "elif", "from", "global",
	"import", "nonlocal", "pass", "raise", "return", "try", "while", "with"}

// operators are tried in this order: the longer ones first.
var operators = []string{"**=", "//=", "<<=", ">>=", "...", "!=", "**", "//", "<<", ">>", "<=", ">=", "==", "+=", "-=",
	"*=", "/=", "%=", "&=", "|=", "^=", "@=", "->", ":=", "+", "-", "*", "/", "%", "&", "|", "^", "~", "<", ">", "=",
	"(", ")", "[", "]", "{", "}", ",", ":", ".", ";", "@"}

type scanner struct {
	file      string
	text      string
	at        int // byte offset
	line      int
	lineStart int
	open      []token // brackets not yet closed
	indents   []int
	tokens    []token
	comments  []Comment
	problems  []diag.Diagnostic
}

func scan(file string, data []byte) *scanner {
	s := &scanner{file: file, text: string(data), line: 1, indents: []int{0}}
	s.text = strings.TrimPrefix(s.text, "\ufeff")
	for s.at < len(s.text) {
		if s.at == s.lineStart {
			s.lineBegin()
		}
		s.next()
	}
	s.closeBrackets()
	s.endLine()
	for len(s.indents) > 1 {
		s.indents = s.indents[:len(s.indents)-1]
		s.emit(dedent, "", s.position())
	}
	s.emit(endOfFile, "", s.position())
	return s
}

func (s *scanner) position() source.Position {
	return source.Position{File: s.file, Line: s.line, Column: s.at - s.lineStart + 1}
}

func (s *scanner) emit(k kind, text string, start source.Position) *token {
	s.tokens = append(s.tokens, token{kind: k, text: text, span: source.Span{Start: start, End: s.position()}})
	return &s.tokens[len(s.tokens)-1]
}

func (s *scanner) fail(code diag.Code, start source.Position, format string, args ...any) {
	s.problems = append(s.problems, diag.New(code, source.Span{Start: start, End: s.position()}, format, args...))
}

// endLine ends the logical line, if it has a token.
func (s *scanner) endLine() {
	if n := len(s.tokens); n > 0 {
		if k := s.tokens[n-1].kind; k != newline && k != indent && k != dedent {
			s.emit(newline, "", s.position())
		}
	}
}

// lineBegin reads the indentation of a line that has text, and emits indent and dedent tokens.
func (s *scanner) lineBegin() {
	i := s.at
	for i < len(s.text) && strings.IndexByte(" \t\f", s.text[i]) >= 0 {
		i++
	}
	if i == len(s.text) || strings.IndexByte("#\r\n", s.text[i]) >= 0 {
		s.at = i
		return
	}
	blank := s.text[s.at:i]
	s.at = i
	if len(s.open) > 0 {
		if slices.Contains(statementOnly, wordAt(s.text[i:])) {
			s.closeBrackets()
		} else {
			return
		}
	}
	if n := len(s.tokens); n > 0 && s.tokens[n-1].kind != newline && s.tokens[n-1].kind != dedent {
		return // a backslash joined this line to the one before
	}
	if strings.Trim(blank, " ") != "" {
		s.fail(diag.SpecSyntax, s.position(), "indent with spaces only")
		return
	}
	s.indentTo(len(blank))
}

func (s *scanner) indentTo(width int) {
	here := s.position()
	top := s.indents[len(s.indents)-1]
	if width > top {
		s.indents = append(s.indents, width)
		s.emit(indent, "", here)
		return
	}
	for width < top {
		s.indents = s.indents[:len(s.indents)-1]
		top = s.indents[len(s.indents)-1]
		s.emit(dedent, "", here)
	}
	if width != top {
		s.fail(diag.SpecSyntax, here, "this line's indentation (%d) matches no line above", width)
	}
}

// closeBrackets reports the outermost open bracket and ends the logical line before this one.
func (s *scanner) closeBrackets() {
	if len(s.open) == 0 {
		return
	}
	first := s.open[0]
	s.problems = append(s.problems, diag.New(diag.SpecSyntax, first.span, "'%s' is never closed", first.text))
	s.open = nil
	s.emit(bad, "", s.position())
	s.endLine()
}

// next reads one token, or skips blanks, a comment or a line end.
func (s *scanner) next() {
	if s.at >= len(s.text) {
		return
	}
	start := s.position()
	c := s.text[s.at]
	r, size := utf8.DecodeRuneInString(s.text[s.at:])
	switch {
	case c == ' ' || c == '\t' || c == '\f':
		s.at++
	case c == '\r' || c == '\n':
		if len(s.open) == 0 {
			s.endLine()
		}
		s.lineEnd()
	case c == '#':
		s.comment()
	case c == '\\':
		s.continuation()
	case c >= '0' && c <= '9' || c == '.' && s.at+1 < len(s.text) && isDigit(s.text[s.at+1]):
		s.number()
	case c == '"' || c == '\'':
		s.quoted(start, "")
	case r == '_' || unicode.IsLetter(r):
		s.word()
	case r == utf8.RuneError && size == 1:
		s.at++
		s.fail(diag.SpecSyntax, start, "the file is not UTF-8 here")
		s.emit(bad, "", start)
	default:
		s.operator(start, size)
	}
}

// lineEnd steps over one line end: \n, \r\n or \r.
func (s *scanner) lineEnd() {
	if s.text[s.at] == '\r' && s.at+1 < len(s.text) && s.text[s.at+1] == '\n' {
		s.at++
	}
	s.at++
	s.line++
	s.lineStart = s.at
}

func (s *scanner) comment() {
	start := s.position()
	end := strings.IndexAny(s.text[s.at:], "\r\n")
	if end < 0 {
		end = len(s.text) - s.at
	}
	body := s.text[s.at+1 : s.at+end]
	s.at += end
	place := Place{source.Span{Start: start, End: s.position()}}
	s.comments = append(s.comments, Comment{place, strings.TrimSpace(body)})
}

func (s *scanner) continuation() {
	start := s.position()
	s.at++
	if s.at < len(s.text) && (s.text[s.at] == '\r' || s.text[s.at] == '\n') {
		s.lineEnd()
		return
	}
	s.fail(diag.SpecSyntax, start, `'\' joins lines: nothing may follow it`)
	s.emit(bad, "", start)
}

func (s *scanner) operator(start source.Position, size int) {
	rest := s.text[s.at:]
	i := slices.IndexFunc(operators, func(op string) bool { return strings.HasPrefix(rest, op) })
	if i < 0 {
		s.at += size
		s.fail(diag.SpecSyntax, start, "%q is not Python", rest[:size])
		s.emit(bad, "", start)
		return
	}
	op := operators[i]
	s.at += len(op)
	t := *s.emit(operator, op, start)
	switch op {
	case "(", "[", "{":
		s.open = append(s.open, t)
	case ")", "]", "}":
		s.closeWith(op, start)
	}
}

func (s *scanner) closeWith(op string, start source.Position) {
	if len(s.open) == 0 {
		s.fail(diag.SpecSyntax, start, "'%s' closes nothing", op)
		s.tokens[len(s.tokens)-1].kind = bad
		return
	}
	opened := s.open[len(s.open)-1]
	s.open = s.open[:len(s.open)-1]
	if want := map[string]string{"(": ")", "[": "]", "{": "}"}[opened.text]; want != op {
		s.fail(diag.SpecSyntax, start, "'%s' closes the '%s' of line %d, which needs '%s'", op, opened.text,
			opened.span.Start.Line, want)
		s.tokens[len(s.tokens)-1].kind = bad
	}
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

func isWord(r rune) bool { return r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r) }

// wordAt returns the identifier that s begins with, or "".
func wordAt(s string) string {
	if i := strings.IndexFunc(s, func(r rune) bool { return !isWord(r) }); i >= 0 {
		return s[:i]
	}
	return s
}

func (s *scanner) word() {
	start := s.position()
	w := wordAt(s.text[s.at:])
	s.at += len(w)
	if s.at < len(s.text) && (s.text[s.at] == '"' || s.text[s.at] == '\'') {
		switch prefix := strings.ToLower(w); prefix {
		case "r", "u", "f", "b", "fr", "rf", "br", "rb":
			s.quoted(start, prefix)
			return
		}
	}
	if slices.Contains(keywords, w) {
		s.emit(keyword, w, start)
		return
	}
	if strings.ContainsFunc(w, func(r rune) bool { return r >= utf8.RuneSelf }) {
		s.fail(diag.SpecRefused, start, "'%s': names are of ASCII letters, digits and '_', for Python takes some others for the same", w)
	}
	s.emit(name, w, start)
}

func (s *scanner) number() {
	start := s.position()
	end := s.at
	for end < len(s.text) && (isDigit(s.text[end]) || s.text[end] == '_' || s.text[end] == '.' ||
		s.text[end]|32 >= 'a' && s.text[end]|32 <= 'z') {
		end++
	}
	word := s.text[s.at:end]
	s.at = end
	value, ok := integer(word)
	if ok {
		s.emit(number, word, start).value = value
		return
	}
	if strings.ContainsAny(word, ".eEjJ") && !strings.HasPrefix(strings.ToLower(word), "0x") {
		s.fail(diag.SpecRefused, start, "'%s' is not in the spec language: numbers are integers", word)
	} else {
		s.fail(diag.SpecSyntax, start, "'%s' is not a number", word)
	}
	s.emit(bad, "", start)
}

// integer reads an integer literal by Python's rules: 0x, 0o, 0b, single '_' between digits, no
// leading zeros.
func integer(word string) (*big.Int, bool) {
	if strings.HasSuffix(word, "_") || strings.Contains(word, "__") || strings.HasPrefix(word, "_") {
		return nil, false
	}
	base := 10
	digits := word
	if len(word) > 1 && word[0] == '0' {
		switch word[1] | 32 {
		case 'x':
			base = 16
		case 'o':
			base = 8
		case 'b':
			base = 2
		}
		if base != 10 {
			digits = strings.TrimPrefix(word[2:], "_")
		}
	}
	digits = strings.ReplaceAll(digits, "_", "")
	if base == 10 && len(digits) > 1 && digits[0] == '0' && strings.Trim(digits, "0") != "" {
		return nil, false
	}
	if digits == "" || len(digits) > 400 || digits[0] == '+' || digits[0] == '-' {
		return nil, false
	}
	return new(big.Int).SetString(digits, base)
}

// quoted reads a string literal whose opening quote is at s.at.
func (s *scanner) quoted(start source.Position, prefix string) {
	quote := s.text[s.at : s.at+1]
	if triple := strings.Repeat(quote, 3); strings.HasPrefix(s.text[s.at:], triple) {
		quote = triple
	}
	s.at += len(quote)
	var value strings.Builder
	for {
		rest := s.text[s.at:]
		if rest == "" || len(quote) == 1 && (rest[0] == '\n' || rest[0] == '\r') {
			s.fail(diag.SpecSyntax, start, "this string is never closed")
			s.emit(bad, "", start)
			return
		}
		if strings.HasPrefix(rest, quote) {
			s.at += len(quote)
			break
		}
		s.character(&value, strings.Contains(prefix, "r"))
	}
	switch {
	case strings.Contains(prefix, "f"):
		s.fail(diag.SpecRefused, start, "f-strings are not in the spec language: a text is printed as it stands")
		s.emit(bad, "", start)
	case strings.Contains(prefix, "b"):
		s.fail(diag.SpecRefused, start, "byte strings are not in the spec language: write a number, ip4(…) or mac(…)")
		s.emit(bad, "", start)
	default:
		s.emit(text, value.String(), start)
	}
}

// character adds one character or escape sequence of a string to out.
func (s *scanner) character(out *strings.Builder, raw bool) {
	c := s.text[s.at]
	switch {
	case c == '\n' || c == '\r':
		s.lineEnd()
		out.WriteByte('\n')
	case c == '\\' && s.at+1 < len(s.text):
		s.at++
		if raw {
			out.WriteByte('\\')
			s.character(out, raw)
			return
		}
		s.escape(out)
	default:
		_, size := utf8.DecodeRuneInString(s.text[s.at:])
		out.WriteString(s.text[s.at : s.at+size])
		s.at += size
	}
}

func (s *scanner) escape(out *strings.Builder) {
	start := s.position()
	c := s.text[s.at]
	if c == '\n' || c == '\r' {
		s.lineEnd()
		return
	}
	if plain, ok := map[byte]string{'n': "\n", 't': "\t", 'r': "\r", '\\': "\\", '\'': "'", '"': "\""}[c]; ok {
		s.at++
		out.WriteString(plain)
		return
	}
	if size, ok := map[byte]int{'x': 2, 'u': 4}[c]; ok && s.at+1+size <= len(s.text) {
		var r rune
		if _, err := fmt.Sscanf(s.text[s.at+1:s.at+1+size], "%x", &r); err == nil {
			s.at += 1 + size
			out.WriteRune(r)
			return
		}
	}
	if strings.IndexByte("01234567abfvNUxu", c) >= 0 {
		s.at++
		s.fail(diag.SpecRefused, start, `'\%c' in a string is not in the spec language`, c)
		return
	}
	out.WriteByte('\\')
}
