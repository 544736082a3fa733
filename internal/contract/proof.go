package contract

import (
	"fmt"
	"go/token"
)

// Tree is an expression of a prover's line, before names are resolved. Op is an operator, or one of:
// name, number, call (Text: function), index, update, field (Text: name), "?:", forall, exists (Vars
// and Triggers are set, the body is the only kid).
type Tree struct {
	Op, Text string
	Kids     []*Tree
	Vars     []Binder
	Triggers [][]*Tree
}

// Binder is a variable with its type as written: int, bool, a type parameter, map[int]bool, []int.
type Binder struct{ Name, Type string }

// Step is one statement of a proof. Do says which:
//
//	assert   Cond
//	set      Left[0] = Right, for a ghost
//	define   Names := Right, an expression or the call of a lemma with results
//	call     Right, a lemma
//	unfold   Right, the call of a pure function
//	apply    for all Vars, with Triggers, Right, the call of a lemma
//	if       Cond, Then, Else
type Step struct {
	Do       string
	Cond     *Tree
	Left     *Tree
	Names    []string
	Right    *Tree
	Vars     []Binder
	Triggers [][]*Tree
	Then     []Step
	Else     []Step
}

// Definition is a function or lemma that proofs use.
type Definition struct {
	Word      string // pure, opaque, lemma or bits
	Name      string
	Params    []Binder
	Result    string   // type, of a function
	Results   []Binder // of a lemma
	Body      *Tree    // of a function
	Triggers  [][]*Tree
	Requires  []*Tree
	Ensures   []*Tree
	Decreases *Tree
	Steps     []Step
	Pos       token.Position
}

// ProofLine is a line of the prover, parsed. Word is its directive; a line without one is "steps".
type ProofLine struct {
	Raw
	Word  string
	Tree  *Tree    // of inv, invariant, decreases, requires, ensures
	Vars  []Binder // of ghost
	Names []string
	Steps []Step
	Def   *Definition
	// Sets are the equations of a represent line.
	Sets []Step
}

// proofDirectives are the words a prover's line may start with.
var proofDirectives = map[string]func(p *proofParser, l *ProofLine){
	"inv":         (*proofParser).formula,
	"exposes":     (*proofParser).formula,
	"invariant":   (*proofParser).formula,
	"decreases":   (*proofParser).formula,
	"requires":    (*proofParser).formula,
	"ensures":     (*proofParser).formula,
	"ghost":       (*proofParser).ghost,
	"represent":   (*proofParser).represent,
	"modifies":    (*proofParser).names,
	"pure":        (*proofParser).definition,
	"opaque":      (*proofParser).definition,
	"lemma":       (*proofParser).definition,
	"bits":        (*proofParser).definition,
	"trusted":     (*proofParser).names,
	"warms":       (*proofParser).names,
	"wraps":       (*proofParser).names,
	"init":        (*proofParser).names,
	"constructor": (*proofParser).names,
}

// ParseProof reads a line of the prover.
func ParseProof(raw Raw) (out *ProofLine, problem *Problem) {
	l := &line{pos: 1, parts: []part{{1, raw.Text}}}
	p := &proofParser{parser{tokens: lex(l), proof: true}}
	p.tok = p.tokens[0]
	out = &ProofLine{Raw: raw, Word: "steps"}
	defer func() {
		switch e := recover().(type) {
		case nil:
		case syntaxError:
			out, problem = nil, &Problem{raw.Pos, e.message, e.hint}
		default:
			panic(e)
		}
	}()
	first := p.tok.text
	read, ok := proofDirectives[first]
	local := first == "ghost" && (p.tokens[1].kind == word && (p.tokens[2].text == ":=" || p.tokens[2].text == "," && p.assigns()))
	if ok && !local {
		p.next()
		out.Word = first
		read(p, out)
	} else {
		out.Steps = p.steps(func() bool { return p.tok.kind == end })
	}
	p.finish()
	return out, nil
}

// proofParser reads what only proofs have.
type proofParser struct{ parser }

// assigns reports whether a line that starts with ghost assigns: it has := outside of brackets.
func (p *proofParser) assigns() bool {
	depth := 0
	for _, t := range p.tokens {
		switch t.text {
		case "[", "(":
			depth++
		case "]", ")":
			depth--
		case ":=":
			if depth == 0 {
				return true
			}
		}
	}
	return false
}

func (p *proofParser) formula(l *ProofLine) { l.Tree = p.tree() }

// ghost reads the ghosts of a type.
func (p *proofParser) ghost(l *ProofLine) {
	l.Vars = p.params(func() bool { return p.tok.kind == end })
}

func (p *proofParser) names(l *ProofLine) {
	for p.tok.kind == word {
		l.Names = append(l.Names, p.next().text)
		for p.accept(".") {
			l.Names[len(l.Names)-1] += "." + p.identifier("a name").text
		}
		if !p.accept(",") {
			return
		}
	}
}

func (p *proofParser) represent(l *ProofLine) {
	for {
		name := p.identifier("an observer")
		p.expect("=")
		l.Sets = append(l.Sets, Step{Do: "set", Left: &Tree{Op: "name", Text: name.text}, Right: p.tree()})
		if !p.accept(";") {
			return
		}
	}
}

// params reads "a map[int]bool, n, i int" until stop.
func (p *proofParser) params(stop func() bool) []Binder {
	var list []Binder
	untyped := 0
	for !stop() {
		list = append(list, Binder{Name: p.identifier("a name").text})
		untyped++
		if p.accept(",") {
			continue
		}
		t := p.typeName()
		for ; untyped > 0; untyped-- {
			list[len(list)-untyped].Type = t
		}
		if !p.accept(",") {
			break
		}
	}
	if untyped > 0 {
		failf(p.tok.pos, "", "expected a type, found %s", p.tok.text)
	}
	return list
}

func (p *proofParser) typeName() string {
	if p.accept("[") {
		p.expect("]")
		return "[]" + p.typeName()
	}
	name := p.identifier("a type").text
	if name == "map" {
		p.expect("[")
		index := p.identifier("an index type").text
		p.expect("]")
		return "map[" + index + "]" + p.typeName()
	}
	return name
}

// definition reads a function or lemma, or the word alone when it marks a Go function.
func (p *proofParser) definition(l *ProofLine) {
	d := &Definition{Word: l.Word, Pos: l.Pos}
	p.accept("func")
	if p.accept("lemma") {
		d.Word = l.Word + " lemma"
	}
	if p.tok.kind == end {
		return
	}
	l.Def = d
	d.Name = p.identifier("a name").text
	p.expect("(")
	d.Params = p.params(func() bool { return p.is(")") })
	p.expect(")")
	d.Triggers = p.triggers()
	switch {
	case p.is("("):
		p.next()
		d.Results = p.params(func() bool { return p.is(")") })
		p.expect(")")
	case d.Word == "pure" || d.Word == "opaque":
		d.Result = p.typeName()
	}
	for {
		switch {
		case p.accept("requires"):
			d.Requires = append(d.Requires, p.tree())
		case p.accept("ensures"):
			d.Ensures = append(d.Ensures, p.tree())
		case p.accept("decreases"):
			d.Decreases = p.tree()
		default:
			p.body(d)
			return
		}
		p.accept(";")
	}
}

// body reads the body of a definition: an expression of a function, the proof of a lemma.
func (p *proofParser) body(d *Definition) {
	if d.Word == "bits lemma" && p.tok.kind == end {
		return
	}
	p.expect("{")
	if d.Result != "" {
		d.Body = p.tree()
	} else {
		d.Steps = p.steps(func() bool { return p.is("}") })
	}
	p.expect("}")
}

// steps reads statements, separated by semicolons.
func (p *proofParser) steps(stop func() bool) []Step {
	var list []Step
	for !stop() {
		if p.accept(";") {
			continue
		}
		s := p.step()
		list = append(list, s)
		if !stop() && s.Do != "if" {
			p.expect(";")
		}
	}
	return list
}

func (p *proofParser) step() Step {
	switch {
	case p.accept("assert"):
		return Step{Do: "assert", Cond: p.tree()}
	case p.accept("unfold"):
		return Step{Do: "unfold", Right: p.call()}
	case p.accept("apply"):
		p.expect("forall")
		s := Step{Do: "apply", Vars: p.binders()}
		s.Triggers = p.triggers()
		p.expect("::")
		s.Right = p.call()
		return s
	case p.accept("if"):
		return p.branch()
	}
	p.accept("ghost")
	left := []*Tree{p.tree()}
	for p.accept(",") {
		left = append(left, p.tree())
	}
	switch {
	case p.accept(":="):
		s := Step{Do: "define", Right: p.tree()}
		for _, l := range left {
			if l.Op != "name" {
				failf(p.tok.pos, "", ":= needs names on its left")
			}
			s.Names = append(s.Names, l.Text)
		}
		return s
	case len(left) > 1:
		failf(p.tok.pos, "", "expected :=, found %s", p.tok.text)
	case p.accept("="):
		return Step{Do: "set", Left: left[0], Right: p.tree()}
	case left[0].Op == "call":
		return Step{Do: "call", Right: left[0]}
	}
	failf(p.tok.pos, "assert, unfold, apply, if, an assignment or the call of a lemma", "not a statement of a proof")
	return Step{}
}

func (p *proofParser) branch() Step {
	s := Step{Do: "if", Cond: p.tree()}
	closed := func() bool { return p.is("}") }
	p.expect("{")
	s.Then = p.steps(closed)
	p.expect("}")
	if p.accept("else") {
		if p.accept("if") {
			s.Else = []Step{p.branch()}
			return s
		}
		p.expect("{")
		s.Else = p.steps(closed)
		p.expect("}")
	}
	return s
}

func (p *proofParser) call() *Tree {
	t := p.tree()
	if t.Op != "call" {
		failf(p.tok.pos, "", "expected a call")
	}
	return t
}

// binders reads the variables of a quantifier: names with their types, where each type is one word.
func (p *proofParser) binders() []Binder {
	return p.params(func() bool { return p.is("{") || p.is("::") })
}

func (p *proofParser) triggers() [][]*Tree {
	var list [][]*Tree
	for _, nodes := range p.nodeTriggers() {
		var one []*Tree
		for _, n := range nodes {
			one = append(one, n.tree())
		}
		list = append(list, one)
	}
	return list
}

// tree reads an expression. Quantifiers may bind several variables and have several triggers.
func (p *proofParser) tree() *Tree { return p.expr().tree() }

// tree drops what resolution needs.
func (n *node) tree() *Tree {
	t := &Tree{Op: n.op, Text: n.text, Vars: n.vars}
	for _, k := range n.kids {
		t.Kids = append(t.Kids, k.tree())
	}
	for _, list := range n.triggers {
		var one []*Tree
		for _, k := range list {
			one = append(one, k.tree())
		}
		t.Triggers = append(t.Triggers, one)
	}
	return t
}

// String writes the expression in the contract language.
func (t *Tree) String() string {
	switch t.Op {
	case "name", "number":
		return t.Text
	case "call":
		s := t.Text + "("
		for i, k := range t.Kids {
			if i > 0 {
				s += ", "
			}
			s += k.String()
		}
		return s + ")"
	case "index":
		return t.Kids[0].String() + "[" + t.Kids[1].String() + "]"
	case "update":
		return fmt.Sprintf("%v[%v := %v]", t.Kids[0], t.Kids[1], t.Kids[2])
	case "field":
		return t.Kids[0].String() + "." + t.Text
	case "?:":
		return fmt.Sprintf("(%v ? %v : %v)", t.Kids[0], t.Kids[1], t.Kids[2])
	case "forall", "exists":
		s := t.Op
		for _, v := range t.Vars {
			s += " " + v.Name + " " + v.Type
		}
		return s + " :: " + t.Kids[0].String()
	}
	if len(t.Kids) == 1 {
		return t.Op + t.Kids[0].String()
	}
	return fmt.Sprintf("(%v %s %v)", t.Kids[0], t.Op, t.Kids[1])
}
