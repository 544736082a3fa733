package syntax

import "vigor/internal/diag"

// statementHints says what to write in place of a refused statement.
var statementHints = map[string]string{
	"while":    "loops have a fixed length, `for x in (…)`",
	"try":      "nothing is raised in a spec, guard with `if`",
	"except":   "nothing is raised in a spec, guard with `if`",
	"finally":  "nothing is raised in a spec, guard with `if`",
	"raise":    "write `assert`",
	"with":     "a spec opens nothing",
	"class":    "records are the NF's, `from state import Flow`",
	"global":   "what lasts is in state objects, `from state import …`",
	"nonlocal": "what lasts is in state objects, `from state import …`",
	"async":    "a spec runs at once",
	"break":    "put the rest of the loop under an `if`",
	"continue": "put the rest of the loop under an `if`",
	"match":    "write if, elif, else",
}

// wordHints says what to write in place of a refused word inside an expression.
var wordHints = map[string]string{
	"lambda": "write a top-level `def`",
	"yield":  "write `return`",
	"await":  "a spec runs at once",
	"None":   "there is no absent value, test with `in` or pkt.has(…)",
	"is":     "write ==",
}

func (p *parser) refuseStatement(t token) {
	if t.kind == name && t.text == "match" && p.next+1 < len(p.tokens) {
		switch p.tokens[p.next+1].kind {
		case name, number, text:
			p.refuse(t, statementHints["match"])
		}
	}
	if hint, ok := statementHints[t.text]; ok && t.kind == keyword {
		p.refuse(t, hint)
	}
}

// refuseWord refuses t if it is a keyword that Python has and the spec language has not.
func (p *parser) refuseWord(t token) {
	if t.kind != keyword {
		return
	}
	if hint, ok := wordHints[t.text]; ok {
		p.refuse(t, hint)
	}
	p.refuseStatement(t)
}

func (p *parser) refuse(t token, hint string) {
	p.fail(diag.SpecRefused, t.span, "'%s' is not in the spec language: %s", t.text, hint)
}

func (p *parser) refuseAtom(t token) {
	switch {
	case p.is("["):
		p.fail(diag.SpecRefused, t.span, "lists are not in the spec language: write a tuple, (a, b)")
	case p.is("{"):
		p.fail(diag.SpecRefused, t.span, "dicts and sets are not in the spec language: write a tuple, (a, b)")
	case p.is("*"), p.is("**"):
		p.fail(diag.SpecRefused, t.span, "'%s' before an expression is not in the spec language: write each element", t.text)
	}
}

func (p *parser) refuseWalrus() {
	p.fail(diag.SpecRefused, p.peek().span, "':=' is not in the spec language: assign on a line of its own")
}

func (p *parser) refuseSlice() {
	p.fail(diag.SpecRefused, p.peek().span, "slices are not in the spec language: name each element")
}

func (p *parser) refuseComprehension() {
	p.fail(diag.SpecRefused, p.peek().span,
		"comprehensions are not in the spec language: write a 'for' statement, or all(… for …)")
}
