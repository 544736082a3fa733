package syntax

import (
	"vigor/internal/diag"
	"vigor/internal/source"
)

// exprs parses expressions separated by commas: a tuple if there is a comma.
func (p *parser) exprs() Expr {
	start := p.peek().span.Start
	first := p.expr()
	if !p.is(",") {
		return first
	}
	list := p.rest(first)
	return &Tuple{p.from(start), list}
}

// rest parses what follows first and a comma; a comma may end the list.
func (p *parser) rest(first Expr) []Expr {
	list := []Expr{first}
	for p.accept(",") {
		if !p.startsExpr() {
			break
		}
		list = append(list, p.expr())
	}
	return list
}

// startsExpr tells whether an expression may follow a comma here.
func (p *parser) startsExpr() bool {
	t := p.peek()
	switch t.kind {
	case name, number, text, bad:
		return true
	case keyword:
		return t.text != "in" && t.text != "for" && t.text != "if" && t.text != "else"
	case operator:
		switch t.text {
		case "(", "[", "{", "-", "+", "~", "...", "*", "**":
			return true
		}
	}
	return false
}

// enter bounds the recursion; the caller subtracts what it added to p.depth.
func (p *parser) enter() {
	p.depth++
	if p.depth > maxDepth {
		p.fail(diag.SpecSyntax, p.peek().span, "this expression is nested more than %d deep", maxDepth)
	}
}

func (p *parser) expr() Expr {
	p.enter()
	defer func() { p.depth-- }()
	start := p.peek().span.Start
	then := p.logic("or", func() Expr { return p.logic("and", p.not) })
	if p.is(":=") {
		p.refuseWalrus()
	}
	if !p.accept("if") {
		return then
	}
	c := &Conditional{Then: then}
	c.Cond = p.logic("or", func() Expr { return p.logic("and", p.not) })
	if !p.is("else") {
		p.unexpected("'else'")
	}
	p.take()
	c.Else = p.expr()
	c.Place = p.from(start)
	return c
}

func (p *parser) logic(op string, operand func() Expr) Expr {
	start := p.peek().span.Start
	first := operand()
	if !p.is(op) {
		return first
	}
	l := &Logic{Op: op, Values: []Expr{first}}
	for p.accept(op) {
		l.Values = append(l.Values, operand())
	}
	l.Place = p.from(start)
	return l
}

func (p *parser) not() Expr {
	if !p.is("not") {
		return p.comparison()
	}
	p.enter()
	defer func() { p.depth-- }()
	start := p.take().span.Start
	x := p.not()
	return &Unary{p.from(start), "not", x}
}

func (p *parser) comparison() Expr {
	start := p.peek().span.Start
	left := p.binary(0)
	c := &Compare{Left: left}
	for {
		op := p.comparator()
		if op == "" {
			break
		}
		c.Ops = append(c.Ops, op)
		c.Right = append(c.Right, p.binary(0))
	}
	if len(c.Ops) == 0 {
		return left
	}
	c.Place = p.from(start)
	return c
}

// comparator takes a comparison operator, if there is one.
func (p *parser) comparator() string {
	t := p.peek()
	for _, op := range []string{"<", "<=", ">", ">=", "==", "!=", "in"} {
		if p.accept(op) {
			return op
		}
	}
	if p.is("is") {
		p.refuseWord(t)
	}
	if p.is("not") {
		p.take()
		p.expect("in")
		return "not in"
	}
	return ""
}

// levels are the left-associative binary operators, loosest first.
var levels = [][]string{{"|"}, {"^"}, {"&"}, {"<<", ">>"}, {"+", "-"}, {"*", "//", "/", "%"}}

func (p *parser) binary(level int) Expr {
	if level == len(levels) {
		return p.unary()
	}
	start := p.peek().span.Start
	x := p.binary(level + 1)
	for {
		op := ""
		for _, candidate := range levels[level] {
			if p.accept(candidate) {
				op = candidate
				break
			}
		}
		if op == "" {
			return x
		}
		y := p.binary(level + 1)
		x = &Binary{p.from(start), op, x, y}
	}
}

func (p *parser) unary() Expr {
	t := p.peek()
	if p.is("-") || p.is("+") || p.is("~") {
		p.enter()
		defer func() { p.depth-- }()
		p.take()
		x := p.unary()
		return &Unary{p.from(t.span.Start), t.text, x}
	}
	x := p.primary()
	if !p.accept("**") {
		return x
	}
	p.enter()
	defer func() { p.depth-- }()
	y := p.unary()
	return &Binary{p.from(t.span.Start), "**", x, y}
}

func (p *parser) primary() Expr {
	start := p.peek().span.Start
	x := p.atom()
	for {
		switch {
		case p.accept("."):
			t := p.name()
			x = &Attribute{p.from(start), x, t.text, t.span}
		case p.is("("):
			x = p.call(start, x)
		case p.accept("["):
			index := p.index()
			p.expect("]")
			x = &Subscript{p.from(start), x, index}
		default:
			return x
		}
	}
}

func (p *parser) index() Expr {
	p.enter()
	defer func() { p.depth-- }()
	if p.is(":") {
		p.refuseSlice()
	}
	x := p.exprs()
	if p.is(":") {
		p.refuseSlice()
	}
	return x
}

func (p *parser) call(start source.Position, fun Expr) Expr {
	p.enter()
	defer func() { p.depth-- }()
	open := p.take().span.Start
	c := &Call{Fun: fun}
	for !p.is(")") {
		p.argument(c, open)
		if !p.accept(",") {
			break
		}
	}
	if !p.is(")") {
		p.unexpected("',' or ')'")
	}
	p.take()
	if len(c.Args) == 1 {
		if g, ok := c.Args[0].(*Generator); ok {
			g.Place = p.from(open)
		}
	}
	c.Place = p.from(start)
	return c
}

func (p *parser) argument(c *Call, open source.Position) {
	t := p.peek()
	if p.is("*") || p.is("**") {
		p.fail(diag.SpecRefused, t.span, "'%s' arguments are not in the spec language: pass each argument", t.text)
	}
	x := p.expr()
	id, named := x.(*Name)
	switch {
	case named && p.accept("="):
		k := Keyword{Name: id.Name, Value: p.expr()}
		k.Place = p.from(t.span.Start)
		c.Keywords = append(c.Keywords, k)
	case p.is("="):
		p.fail(diag.SpecSyntax, p.peek().span, "'=' assigns, '==' compares")
	case p.is("for"):
		c.Args = append(c.Args, p.generator(c, x))
	case len(c.Keywords) > 0:
		p.fail(diag.SpecSyntax, x.Span(), "an argument by position cannot follow one by name")
	default:
		c.Args = append(c.Args, x)
	}
}

func (p *parser) generator(c *Call, elem Expr) Expr {
	at := p.take().span
	if id, ok := c.Fun.(*Name); !ok || id.Name != "all" && id.Name != "any" || len(c.Args)+len(c.Keywords) > 0 {
		p.fail(diag.SpecRefused, at, "a generator is the only argument of all() or any(): elsewhere write a 'for' statement")
	}
	g := &Generator{Elem: elem, Target: p.targets()}
	p.expect("in")
	g.Over = p.logic("or", func() Expr { return p.logic("and", p.not) })
	if p.is("if") || p.is("for") {
		p.fail(diag.SpecRefused, p.peek().span, "a generator has one 'for' and no 'if': put the condition into its element")
	}
	return g
}

func (p *parser) atom() Expr {
	t := p.peek()
	place := Place{t.span}
	switch t.kind {
	case name:
		p.take()
		return &Name{place, t.text}
	case number:
		p.take()
		return &Number{place, t.value}
	case text:
		return p.stringLiteral()
	case keyword:
		if t.text == "True" || t.text == "False" {
			p.take()
			return &Bool{place, t.text == "True"}
		}
	case operator:
		switch t.text {
		case "...":
			p.take()
			return &Ellipsis{place}
		case "(":
			return p.parenthesised()
		}
	}
	p.refuseAtom(t)
	p.unexpected("an expression")
	return nil
}

func (p *parser) stringLiteral() *String {
	start := p.peek().span.Start
	value := ""
	for p.at(text) {
		value += p.take().text
	}
	return &String{p.from(start), value}
}

func (p *parser) parenthesised() Expr {
	start := p.take().span.Start
	if p.accept(")") {
		return &Tuple{p.from(start), nil}
	}
	x := p.expr()
	var list []Expr
	if p.is(",") {
		list = p.rest(x)
	}
	if p.is("for") {
		p.refuseComprehension()
	}
	if !p.is(")") {
		if p.is("=") {
			p.fail(diag.SpecSyntax, p.peek().span, "'=' assigns, '==' compares")
		}
		p.unexpected("',' or ')'")
	}
	p.take()
	if list != nil {
		return &Tuple{p.from(start), list}
	}
	return x
}
