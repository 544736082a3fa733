package contract

import (
	"fmt"
	"go/token"
	"strconv"
	"strings"
)

// node is an expression before names are resolved. Its op is an operator, or one of: name, number,
// call (text: function), index, update, field (text: name), ?: and forall or exists (text: variable;
// kids: body and, if there is one, trigger).
type node struct {
	op   string
	text string
	kids []*node
	sort *sortName // forall, exists
	pos  token.Pos

	vars     []Binder  // forall, exists in a prover's line
	triggers [][]*node // likewise
}

// sortName is a type as written.
type sortName struct {
	name  string // bool, int, uint31, K; the element of a map
	index string // the index of a map; empty for another type
	pos   token.Pos
}

// parser reads one line. The first error ends it, as a panic with a syntaxError.
type parser struct {
	r      *reader
	tokens []lexeme
	at     int
	tok    lexeme
	depth  int
	proof  bool // a prover's line, whose quantifiers may have more variables and triggers
}

type syntaxError struct {
	pos           token.Pos
	message, hint string
}

// maxDepth bounds the nesting of an expression.
const maxDepth = 200

func (r *reader) parser(l *line) *parser {
	p := &parser{r: r, tokens: lex(l)}
	p.tok = p.tokens[0]
	return p
}

// read runs f and reports its syntax or resolution error, if any; it reports success.
func (r *reader) read(f func()) (ok bool) {
	defer func() {
		switch e := recover().(type) {
		case nil:
		case syntaxError:
			r.fail(e.pos, e.message, e.hint)
			ok = false
		default:
			panic(e)
		}
	}()
	f()
	return true
}

func failf(pos token.Pos, hint, format string, args ...any) {
	panic(syntaxError{pos, fmt.Sprintf(format, args...), hint})
}

func (p *parser) next() lexeme {
	t := p.tok
	if t.kind != end {
		p.at++
		p.tok = p.tokens[p.at]
	}
	return t
}

func (p *parser) is(text string) bool {
	return p.tok.text == text && (p.tok.kind == symbol || p.tok.kind == word)
}

func (p *parser) accept(text string) bool {
	if p.is(text) {
		p.next()
		return true
	}
	return false
}

func (p *parser) expect(text string) token.Pos {
	if !p.is(text) {
		failf(p.tok.pos, "", "expected %s, found %s", text, p.tok.text)
	}
	return p.next().pos
}

func (p *parser) identifier(what string) lexeme {
	if p.tok.kind != word {
		failf(p.tok.pos, "", "expected %s, found %s", what, p.tok.text)
	}
	return p.next()
}

func (p *parser) finish() {
	if p.tok.kind != end {
		failf(p.tok.pos, "&& or ==> may be missing before it", "unexpected %s", p.tok.text)
	}
}

// sortName reads Type of the grammar.
func (p *parser) sortName() *sortName {
	t := p.identifier("a type")
	s := &sortName{name: t.text, pos: t.pos}
	if t.text == "map" {
		p.expect("[")
		s.index = p.identifier("an index type").text
		p.expect("]")
		s.name = p.identifier("a type").text
	}
	return s
}

// binding holds the levels of binary operators, loosest first; ==> binds to the right.
var binding = [][]string{{"<==>"}, {"==>"}, {"||"}, {"&&"}, {"==", "!=", "<", "<=", ">", ">="},
	{"+", "-", "|", "^"}, {"*", "/", "%", "&", "<<", ">>"}}

func (p *parser) expr() *node {
	p.depth++
	defer func() { p.depth-- }()
	if p.depth > maxDepth {
		failf(p.tok.pos, "", "expression is nested too deeply")
	}
	c := p.binary(0)
	if !p.is("?") {
		return c
	}
	pos := p.next().pos
	x := p.expr()
	p.expect(":")
	return &node{op: "?:", kids: []*node{c, x, p.expr()}, pos: pos}
}

func (p *parser) binary(level int) *node {
	if level == len(binding) {
		return p.unary()
	}
	x := p.binary(level + 1)
	for {
		op := p.operator(level)
		if op == "" {
			return x
		}
		pos := p.next().pos
		if op == "==>" {
			p.depth++
			if p.depth > maxDepth {
				failf(pos, "", "expression is nested too deeply")
			}
			y := p.binary(level)
			p.depth--
			return &node{op: op, kids: []*node{x, y}, pos: pos}
		}
		x = &node{op: op, kids: []*node{x, p.binary(level + 1)}, pos: pos}
		if level == 4 && p.operator(level) != "" {
			failf(p.tok.pos, "join the comparisons with &&", "comparisons cannot be chained")
		}
	}
}

func (p *parser) operator(level int) string {
	if p.tok.kind == symbol {
		for _, op := range binding[level] {
			if p.tok.text == op {
				return op
			}
		}
	}
	return ""
}

func (p *parser) unary() *node {
	for _, op := range []string{"!", "-", "^"} {
		if p.is(op) {
			p.depth++
			defer func() { p.depth-- }()
			if p.depth > maxDepth {
				failf(p.tok.pos, "", "expression is nested too deeply")
			}
			pos := p.next().pos
			return &node{op: op, kids: []*node{p.unary()}, pos: pos}
		}
	}
	return p.postfix(p.primary())
}

func (p *parser) postfix(x *node) *node {
	for {
		switch {
		case p.is("["):
			pos := p.next().pos
			i := p.expr()
			if p.accept(":=") {
				x = &node{op: "update", kids: []*node{x, i, p.expr()}, pos: pos}
			} else {
				x = &node{op: "index", kids: []*node{x, i}, pos: x.pos}
			}
			p.expect("]")
		case p.is("."):
			pos := p.next().pos
			x = &node{op: "field", text: p.identifier("a field").text, kids: []*node{x}, pos: pos}
		default:
			return x
		}
	}
}

func (p *parser) primary() *node {
	t := p.tok
	switch {
	case t.kind == number:
		p.next()
		return &node{op: "number", text: t.text, pos: t.pos}
	case p.is("forall"), p.is("exists"):
		return p.quantifier()
	case p.accept("("):
		x := p.expr()
		p.expect(")")
		return x
	case t.kind == word:
		p.next()
		if !p.accept("(") {
			return &node{op: "name", text: t.text, pos: t.pos}
		}
		call := &node{op: "call", text: t.text, pos: t.pos}
		for !p.accept(")") {
			if len(call.kids) > 0 {
				p.expect(",")
			}
			call.kids = append(call.kids, p.expr())
		}
		return call
	}
	failf(t.pos, "", "expected an expression, found %s", t.text)
	return nil
}

func (p *parser) quantifier() *node {
	q := p.next()
	n := &node{op: q.text, pos: q.pos}
	if p.proof {
		pp := &proofParser{*p}
		n.vars = pp.binders()
		*p = pp.parser
		n.triggers = p.nodeTriggers()
		p.expect("::")
		n.kids = []*node{p.expr()}
		return n
	}
	n.text = p.identifier("a variable").text
	if p.is(",") {
		failf(p.tok.pos, "write one forall per variable, or a chosen result", "a quantifier binds one variable")
	}
	n.sort = p.sortName()
	var trigger *node
	if p.accept("{") {
		trigger = p.expr()
		p.expect("}")
		if p.is("{") {
			failf(p.tok.pos, "write one line per trigger", "a quantifier has one trigger")
		}
	}
	p.expect("::")
	n.kids = []*node{p.expr()}
	if trigger != nil {
		n.kids = append(n.kids, trigger)
	}
	return n
}

// rangeSort reads bool, int, intN and uintN.
func rangeSort(name string) (Sort, bool) {
	switch name {
	case "bool":
		return Sort{Kind: Bool}, true
	case "int":
		return Sort{Kind: Int, Bits: 64, Signed: true}, true
	}
	digits, unsigned := strings.CutPrefix(name, "uint")
	if !unsigned {
		var signed bool
		if digits, signed = strings.CutPrefix(name, "int"); !signed {
			return Sort{}, false
		}
	}
	n, err := strconv.Atoi(digits)
	if err != nil || n < 1 || n > 128 || digits != strconv.Itoa(n) {
		return Sort{}, false
	}
	return Sort{Kind: Int, Bits: n, Signed: !unsigned}, true
}

// nodeTriggers reads {a[i], b[i]} {c[i]}.
func (p *parser) nodeTriggers() [][]*node {
	var list [][]*node
	for p.accept("{") {
		var one []*node
		for !p.accept("}") {
			if len(one) > 0 {
				p.expect(",")
			}
			one = append(one, p.expr())
		}
		list = append(list, one)
	}
	return list
}
