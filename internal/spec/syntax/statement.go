package syntax

import (
	"fmt"
	"slices"

	"vigor/internal/diag"
	"vigor/internal/source"
)

// maxDepth bounds the nesting of expressions and of blocks.
const maxDepth = 100

// bailout leaves a statement after an error; recovery is in statements.
type bailout struct{}

type parser struct {
	tokens   []token
	next     int
	depth    int
	inside   int // enclosing functions and blocks
	problems []diag.Diagnostic
}

func (p *parser) peek() token { return p.tokens[p.next] }

func (p *parser) at(k kind) bool { return p.peek().kind == k }

// is reports whether the next token is the operator or keyword s.
func (p *parser) is(s string) bool {
	t := p.peek()
	return (t.kind == operator || t.kind == keyword) && t.text == s
}

func (p *parser) take() token {
	t := p.peek()
	if t.kind != endOfFile {
		p.next++
	}
	return t
}

func (p *parser) accept(s string) bool {
	if p.is(s) {
		p.next++
		return true
	}
	return false
}

// from gives the span from start to the end of the token taken last.
func (p *parser) from(start source.Position) Place {
	end := start
	if p.next > 0 {
		end = p.tokens[p.next-1].span.End
	}
	return Place{source.Span{Start: start, End: end}}
}

func (p *parser) report(code diag.Code, at source.Span, format string, args ...any) {
	p.problems = append(p.problems, diag.New(code, at, format, args...))
}

// fail reports an error at span and leaves the statement.
func (p *parser) fail(code diag.Code, at source.Span, format string, args ...any) {
	p.report(code, at, format, args...)
	panic(bailout{})
}

// unexpected reports the next token, unless the scanner has reported it.
func (p *parser) unexpected(want string) {
	t := p.peek()
	if t.kind == bad {
		panic(bailout{})
	}
	p.refuseWord(t)
	p.fail(diag.SpecSyntax, t.span, "expected %s, got %s", want, t.describe())
}

func (t token) describe() string {
	switch t.kind {
	case endOfFile:
		return "the end of the file"
	case newline:
		return "the end of the line"
	case indent:
		return "an indented line"
	case dedent:
		return "the end of the block"
	case text:
		return "a string"
	}
	return fmt.Sprintf("'%s'", t.text)
}

func (p *parser) expect(s string) token {
	if !p.is(s) {
		p.unexpected("'" + s + "'")
	}
	return p.take()
}

func (p *parser) name() token {
	if !p.at(name) {
		p.unexpected("a name")
	}
	return p.take()
}

// statements parses one line, or one compound statement. After an error it skips to the next
// statement; a block that belongs to the broken one is parsed for its errors and dropped.
func (p *parser) statements() (list []Stmt) {
	start, depth, inside := p.next, p.depth, p.inside
	defer func() {
		if r := recover(); r != nil {
			if _, ok := r.(bailout); !ok {
				panic(r)
			}
			p.depth, p.inside = depth, inside
			p.skip(start)
			list = nil
		}
	}()
	if p.at(indent) {
		t := p.take()
		p.report(diag.SpecSyntax, t.span, "this line is indented, the one before opens no block")
		p.dropBlock()
		return nil
	}
	if p.at(dedent) || p.at(newline) {
		p.take()
		return nil
	}
	return p.statement()
}

// skip moves past the end of the broken line and a block below it.
func (p *parser) skip(start int) {
	for !p.at(newline) && !p.at(endOfFile) && !p.at(indent) && !p.at(dedent) {
		p.take()
	}
	if p.at(newline) {
		p.take()
	} else if p.next == start {
		p.take()
	}
	if p.at(indent) {
		p.take()
		p.dropBlock()
	}
}

// dropBlock parses the statements up to the dedent for their errors alone.
func (p *parser) dropBlock() {
	p.inside++
	for !p.at(dedent) && !p.at(endOfFile) {
		p.statements()
	}
	p.inside--
	if p.at(dedent) {
		p.take()
	}
}

func (p *parser) statement() []Stmt {
	t := p.peek()
	if t.kind == operator && t.text == "@" {
		return []Stmt{p.decorated()}
	}
	if t.kind == keyword {
		switch t.text {
		case "if":
			return []Stmt{p.ifStatement()}
		case "for":
			return []Stmt{p.forStatement()}
		case "def":
			return []Stmt{p.function(nil)}
		case "elif", "else":
			p.fail(diag.SpecSyntax, t.span, "'%s' belongs to no 'if' of this indentation", t.text)
		}
	}
	return p.line()
}

// line parses simple statements up to the end of the line.
func (p *parser) line() []Stmt {
	var list []Stmt
	for {
		list = append(list, p.simple())
		if !p.accept(";") || p.at(newline) {
			break
		}
	}
	if !p.at(newline) {
		if p.is("=") || p.is(":=") {
			p.fail(diag.SpecSyntax, p.peek().span, "'=' assigns, '==' compares")
		}
		p.unexpected("the end of the statement")
	}
	p.take()
	return list
}

func (p *parser) block(after string) []Stmt {
	if p.is("=") {
		p.fail(diag.SpecSyntax, p.peek().span, "'=' assigns, '==' compares")
	}
	if !p.is(":") {
		p.unexpected("':'")
	}
	p.take()
	if !p.at(newline) {
		return p.line()
	}
	p.take()
	if !p.at(indent) {
		p.fail(diag.SpecSyntax, p.peek().span, "expected an indented block after '%s'", after)
	}
	p.take()
	p.inside++
	if p.inside > maxDepth {
		p.fail(diag.SpecSyntax, p.peek().span, "blocks are nested more than %d deep", maxDepth)
	}
	var list []Stmt
	for !p.at(dedent) && !p.at(endOfFile) {
		list = append(list, p.statements()...)
	}
	p.inside--
	if p.at(dedent) {
		p.take()
	}
	return list
}

// through extends a compound statement from start to the end of its last block.
func through(start source.Position, blocks ...[]Stmt) Place {
	span := source.Span{Start: start, End: start}
	for _, b := range blocks {
		if len(b) > 0 {
			span.End = b[len(b)-1].Span().End
		}
	}
	return Place{span}
}

func (p *parser) ifStatement() Stmt {
	t := p.take()
	s := &If{Cond: p.expr()}
	s.Body = p.block(t.text)
	if p.is("elif") {
		s.Else = []Stmt{p.ifStatement()}
	} else if p.accept("else") {
		s.Else = p.block("else")
	}
	s.Place = through(t.span.Start, s.Body, s.Else)
	return s
}

func (p *parser) forStatement() Stmt {
	t := p.take()
	s := &For{Target: p.targets()}
	p.expect("in")
	s.Over = p.exprs()
	s.Body = p.block("for")
	if p.is("else") {
		p.fail(diag.SpecRefused, p.peek().span, "'else' of a 'for' is not in the spec language: write the block after it")
	}
	s.Place = through(t.span.Start, s.Body)
	return s
}

func (p *parser) decorated() Stmt {
	p.take()
	t := p.name()
	if t.text != "scenario" {
		p.fail(diag.SpecRefused, t.span, "decorator '%s' is not in the spec language", t.text)
	}
	if !p.at(newline) {
		p.unexpected("the end of the line")
	}
	p.take()
	if !p.is("def") {
		p.unexpected("'def'")
	}
	return p.function(&Name{Place{t.span}, t.text})
}

func (p *parser) function(decorator *Name) Stmt {
	t := p.take()
	if p.inside > 0 {
		p.fail(diag.SpecRefused, t.span, "a 'def' inside another is not in the spec language: move it to the top level")
	}
	id := p.name()
	f := &Function{Name: id.text, NameAt: id.span, Decorator: decorator}
	p.expect("(")
	for !p.is(")") {
		f.Params = append(f.Params, p.param())
		if !p.accept(",") {
			break
		}
	}
	p.expect(")")
	if p.accept("->") {
		f.Result = p.expr()
	}
	p.inside++
	f.Body = p.block("def")
	p.inside--
	f.Place = through(t.span.Start, f.Body)
	return f
}

func (p *parser) param() Param {
	if t := p.peek(); p.is("*") || p.is("**") || p.is("/") {
		p.fail(diag.SpecRefused, t.span, "'%s' in a parameter list is not in the spec language: name each parameter", t.text)
	}
	t := p.name()
	param := Param{Name: t.text}
	if p.accept(":") {
		param.Annotation = p.expr()
	}
	if p.is("=") {
		p.fail(diag.SpecRefused, p.peek().span, "default values are not in the spec language: pass every argument")
	}
	param.Place = p.from(t.span.Start)
	return param
}

func (p *parser) simple() Stmt {
	t := p.peek()
	if t.kind == keyword {
		switch t.text {
		case "pass":
			p.take()
			return &Pass{p.from(t.span.Start)}
		case "return":
			return p.returnStatement()
		case "assert":
			return p.assertStatement()
		case "del":
			p.take()
			target := p.target(p.primary())
			if p.is(",") {
				p.fail(diag.SpecRefused, p.peek().span, "'del' takes one entry: write one 'del' each")
			}
			return &Delete{p.from(t.span.Start), target}
		case "from":
			return p.fromImport()
		case "import":
			return p.importStatement()
		case "if", "for", "def":
			p.fail(diag.SpecSyntax, t.span, "'%s' begins a line of its own", t.text)
		}
	}
	p.refuseStatement(t)
	return p.assignmentOrCall()
}

func (p *parser) returnStatement() Stmt {
	t := p.take()
	s := &Return{}
	if !p.at(newline) && !p.is(";") {
		s.Value = p.exprs()
	}
	s.Place = p.from(t.span.Start)
	return s
}

func (p *parser) assertStatement() Stmt {
	t := p.take()
	s := &Assert{Cond: p.expr()}
	if p.accept(",") {
		if !p.at(text) {
			p.unexpected("the assertion's text in quotes")
		}
		s.Text = p.stringLiteral()
	}
	s.Place = p.from(t.span.Start)
	return s
}

func (p *parser) fromImport() Stmt {
	t := p.take()
	if p.is(".") || p.is("...") {
		p.fail(diag.SpecRefused, p.peek().span, "relative imports are not in the spec language: `from properties.name import …`")
	}
	s := &From{Module: p.name().text}
	for p.accept(".") {
		s.Module += "." + p.name().text
	}
	p.expect("import")
	if p.is("*") {
		p.fail(diag.SpecRefused, p.peek().span, "'import *' is not in the spec language: name what you use")
	}
	paren := p.accept("(")
	for {
		s.Names = append(s.Names, p.alias())
		if !p.accept(",") || paren && p.is(")") {
			break
		}
	}
	if paren {
		p.expect(")")
	}
	s.Place = p.from(t.span.Start)
	p.topLevel(t, "import")
	return s
}

func (p *parser) alias() Alias {
	t := p.name()
	a := Alias{Name: t.text, As: t.text}
	if p.accept("as") {
		a.As = p.name().text
	}
	a.Place = p.from(t.span.Start)
	return a
}

func (p *parser) importStatement() Stmt {
	t := p.take()
	s := &Import{Name: p.name().text}
	if p.is(".") || p.is("as") || p.is(",") {
		p.fail(diag.SpecRefused, p.peek().span, "'import' takes one plain name: `from state import …`, `from config import …`")
	}
	s.Place = p.from(t.span.Start)
	p.topLevel(t, "import")
	return s
}

func (p *parser) topLevel(t token, what string) {
	if p.inside > 0 {
		p.report(diag.SpecRefused, t.span, "'%s' inside a block is not in the spec language: move it to the top", what)
	}
}

// augmented are the assignment operators of the language.
var augmented = []string{"+=", "-=", "*=", "//=", "%=", "&=", "|=", "^=", "<<=", ">>="}

func (p *parser) assignmentOrCall() Stmt {
	start := p.peek().span.Start
	x := p.exprs()
	t := p.peek()
	switch {
	case p.is("="):
		return p.assignment(start, x)
	case p.is(":"):
		return p.annotated(start, x)
	case t.kind == operator && slices.Contains(augmented, t.text):
		p.take()
		op := t.text[:len(t.text)-1]
		if _, tuple := x.(*Tuple); tuple {
			p.fail(diag.SpecSyntax, x.Span(), "'%s' takes one target", t.text)
		}
		s := &Augmented{Target: p.target(x), Op: op}
		s.Value = p.exprs()
		s.Place = p.from(start)
		return s
	case p.is("/="):
		p.fail(diag.SpecRefused, t.span, "'/=' is not in the spec language: write '//='")
	case p.is("**="), p.is("@="):
		p.fail(diag.SpecRefused, t.span, "'%s' is not in the spec language", t.text)
	case p.is(":="):
		p.refuseWalrus()
	}
	switch x := x.(type) {
	case *Call, *String:
		return &ExprStmt{p.from(start), x}
	case *Ellipsis:
		p.fail(diag.SpecRefused, x.Span(), "'...' alone is not in the spec language: write `pass`, or `return ...`")
	case *Compare:
		if len(x.Ops) == 1 && x.Ops[0] == "==" {
			p.fail(diag.SpecRefused, x.Span(), "this comparison has no effect: '=' assigns, '==' compares")
		}
	}
	p.fail(diag.SpecRefused, x.Span(), "this expression has no effect: statements are calls and assignments")
	return nil
}

func (p *parser) assignment(start source.Position, x Expr) Stmt {
	s := &Assign{}
	for p.accept("=") {
		s.Targets = append(s.Targets, p.target(x))
		x = p.exprs()
	}
	s.Value = x
	s.Place = p.from(start)
	return s
}

func (p *parser) annotated(start source.Position, x Expr) Stmt {
	id, ok := x.(*Name)
	if !ok {
		p.fail(diag.SpecSyntax, p.peek().span, "expected a name before ':'")
	}
	p.take()
	s := &Annotated{Target: id, Annotation: p.expr()}
	if p.accept("=") {
		s.Value = p.exprs()
	}
	s.Place = p.from(start)
	return s
}

// target checks that x can be assigned to.
func (p *parser) target(x Expr) Expr {
	switch x := x.(type) {
	case *Name, *Attribute, *Subscript:
		return x
	case *Tuple:
		for _, e := range x.Elems {
			p.target(e)
		}
		if len(x.Elems) > 0 {
			return x
		}
	}
	p.fail(diag.SpecSyntax, x.Span(), "this cannot be assigned: a target is a name, a field or an entry")
	return nil
}

// targets parses the targets of a loop.
func (p *parser) targets() Expr {
	start := p.peek().span.Start
	first := p.target(p.primary())
	if !p.is(",") {
		return first
	}
	list := []Expr{first}
	for p.accept(",") && !p.is("in") {
		list = append(list, p.target(p.primary()))
	}
	return &Tuple{p.from(start), list}
}
