package contract

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"
)

// line is one contract line with its continuations, as runs of text with their positions.
type line struct {
	pos   token.Pos
	parts []part
}

type part struct {
	pos  token.Pos
	text string
}

// text joins the parts of a line.
func (l *line) text() string {
	var b strings.Builder
	for i, p := range l.parts {
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(strings.TrimSpace(p.text))
	}
	return b.String()
}

// word is the directive the line starts with.
func (l *line) word() string {
	t := l.text()
	if i := strings.IndexFunc(t, func(c rune) bool { return !isLetter(c) }); i >= 0 {
		t = t[:i]
	}
	return t
}

// unit is the contract lines of one declaration.
type unit struct {
	owner string
	spec  *ast.TypeSpec // one of the two is set
	fun   *ast.FuncDecl
	doc   []*line // from the doc comment
	body  []*line // from inside the declaration
}

// scan collects the lines of every type and function declaration; lines of no declaration are the
// prover's.
func (r *reader) scan(files []*ast.File) []*unit {
	var units []*unit
	for _, f := range files {
		var here []*unit
		docs := map[*ast.CommentGroup]*unit{}
		for _, d := range f.Decls {
			for _, u := range declared(d) {
				here = append(here, u)
				docs[u.docComment(d)] = u
			}
		}
		for _, g := range f.Comments {
			lines := groupLines(g)
			if u := docs[g]; u != nil {
				u.doc = append(u.doc, lines...)
			} else if u := enclosing(here, g); u != nil {
				u.body = append(u.body, lines...)
			} else {
				r.loose(lines)
			}
		}
		units = append(units, here...)
	}
	return units
}

func declared(d ast.Decl) []*unit {
	switch d := d.(type) {
	case *ast.FuncDecl:
		return []*unit{{owner: ownerName(d), fun: d}}
	case *ast.GenDecl:
		var units []*unit
		for _, s := range d.Specs {
			if s, ok := s.(*ast.TypeSpec); ok {
				units = append(units, &unit{owner: s.Name.Name, spec: s})
			}
		}
		return units
	}
	return nil
}

func ownerName(d *ast.FuncDecl) string {
	if d.Recv == nil || len(d.Recv.List) == 0 {
		return d.Name.Name
	}
	t := d.Recv.List[0].Type
	for {
		switch x := t.(type) {
		case *ast.StarExpr:
			t = x.X
		case *ast.IndexExpr:
			t = x.X
		case *ast.IndexListExpr:
			t = x.X
		case *ast.Ident:
			return x.Name + "." + d.Name.Name
		default:
			return d.Name.Name
		}
	}
}

// docComment returns the doc comment of the unit declared by d.
func (u *unit) docComment(d ast.Decl) *ast.CommentGroup {
	if u.fun != nil {
		return u.fun.Doc
	}
	if u.spec.Doc != nil {
		return u.spec.Doc
	}
	return d.(*ast.GenDecl).Doc
}

func enclosing(units []*unit, g *ast.CommentGroup) *unit {
	for _, u := range units {
		var n ast.Node = u.spec
		if u.fun != nil {
			n = u.fun
		}
		if n.Pos() <= g.Pos() && g.End() <= n.End() {
			return u
		}
	}
	return nil
}

// groupLines cuts a comment group into contract lines.
func groupLines(g *ast.CommentGroup) []*line {
	var lines []*line
	open := false // the comment above is a contract line
	for _, c := range g.List {
		rest, ok := strings.CutPrefix(c.Text, "// @")
		skip := len("// @")
		if !ok {
			rest, ok = strings.CutPrefix(c.Text, "//@")
			skip = len("//@")
		}
		if !ok || rest == "" || rest[0] != ' ' && rest[0] != '\t' {
			open = false
			continue
		}
		p := part{c.Pos() + token.Pos(skip+1), rest[1:]}
		if continues := strings.TrimLeft(p.text, " \t") != p.text; continues && open {
			last := lines[len(lines)-1]
			last.parts = append(last.parts, p)
			continue
		}
		lines = append(lines, &line{p.pos, []part{p}})
		open = true
	}
	return lines
}

// The directives of the executor, and those that only the prover reads.
var (
	typeWords  = []string{"ghost", "exposes"}
	funcWords  = []string{"requires", "ensures", "modifies", "constructor", "warms"}
	proofWords = []string{"inv", "represent", "pure", "init", "decreases", "bits", "opaque", "trusted", "wraps"}
)

// keep stores a line for the prover.
func (r *reader) keep(owner string, l *line) {
	r.out.Raw = append(r.out.Raw, Raw{r.fset.Position(l.pos), owner, l.text()})
}

// loose keeps the lines of a comment that belongs to no declaration: a lemma or another definition of
// the prover, with the lines below it. A contract line there has lost its declaration.
func (r *reader) loose(lines []*line) {
	definition := false
	for _, l := range lines {
		w := l.word()
		if slices.Contains(typeWords, w) || slices.Contains(funcWords, w) {
			if !definition {
				r.fail(l.pos, "this "+w+" line belongs to no declaration",
					"put it into the doc comment, without an empty line before the declaration")
				continue
			}
		} else if w != "" {
			definition = true
		}
		r.keep("", l)
	}
}

// typeUnit reads the lines of a type declaration.
func (r *reader) typeUnit(u *unit) {
	if u.spec == nil {
		return
	}
	t := &Type{Name: u.spec.Name.Name, Operations: map[string]*Operation{},
		Constructors: map[string]*Operation{}, Pos: r.fset.Position(u.spec.Name.Pos())}
	if object := r.info.Defs[u.spec.Name]; object != nil {
		if n, ok := object.Type().(*types.Named); ok {
			for p := range n.TypeParams().TypeParams() {
				t.TypeParams = append(t.TypeParams, p.Obj().Name())
			}
		}
	}
	hidden := map[string]bool{}
	for _, l := range u.body {
		r.keep(u.owner, l)
		if w := l.word(); w == "ghost" {
			r.hide(l, hidden)
		} else if !slices.Contains(proofWords, w) {
			r.fail(l.pos, "a "+w+" line cannot stand inside a type", "move it to the type's doc comment")
		}
	}
	var exposes []*line
	for _, l := range u.doc {
		switch w := l.word(); {
		case w == "ghost":
			r.ghost(t, l)
		case w == "exposes":
			exposes = append(exposes, l)
		case slices.Contains(proofWords, w):
			r.keep(u.owner, l)
		default:
			r.fail(l.pos, "unknown line \""+w+"\" in the contract of a type",
				"a type's doc comment says ghost and exposes")
		}
	}
	for _, l := range exposes {
		r.exposes(t, l)
	}
	if len(t.Ghosts) > 0 {
		r.out.Types[t.Name] = t
		r.hidden[t.Name] = hidden
	}
}

// hide notes the names of ghosts that are declared for proofs only.
func (r *reader) hide(l *line, hidden map[string]bool) {
	p := r.parser(l)
	p.next()
	for p.tok.kind == word {
		hidden[p.tok.text] = true
		p.next()
		if !p.accept(",") {
			return
		}
	}
}

// funcUnit reads the contract of an exported function or method.
func (r *reader) funcUnit(u *unit) {
	if u.fun == nil {
		return
	}
	for _, l := range u.body {
		r.keep(u.owner, l)
	}
	if len(u.doc) == 0 {
		return
	}
	if !u.fun.Name.IsExported() {
		for _, l := range u.doc {
			r.keep(u.owner, l)
		}
		return
	}
	var contract []*line
	for _, l := range u.doc {
		switch w := l.word(); {
		case slices.Contains(funcWords, w):
			contract = append(contract, l)
		case slices.Contains(proofWords, w):
			r.keep(u.owner, l)
		default:
			r.fail(l.pos, "unknown line \""+w+"\" in the contract of a function",
				"a function's doc comment says requires, ensures, modifies, constructor and warms")
		}
	}
	if len(contract) > 0 {
		r.operation(u, contract)
	}
}
