package prove

import (
	"cmp"
	"fmt"
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"math/big"
	"strconv"
	"strings"

	"vigor/internal/contract"
)

// Functions marked bits, and bits lemmas, are proved with bit-vectors, and used with integers. Both
// sides are made from one text: the Go body, and the formula beside it.

// wide is the width in which formulas are evaluated: no sum or product of a few 64-bit numbers leaves it.
const wide = 160

// vector is a bit-vector term of a Go type, or of wide, which is signed.
type vector struct {
	text   string
	bits   int
	signed bool
	// reach is how many bits the number needs, sign aside; the width if it is 0.
	reach int
}

// bitsProof returns the question whether the postconditions of a bits function follow from its body.
func (w *world) bitsProof(f *function) (obligations []Obligation, problem *Problem) {
	defer caught(&obligations, &problem)
	pos := w.position(f.decl)
	sig := f.object.Signature()
	b := &bitScope{w: w, vars: map[string]vector{}, pos: pos}
	text := "(set-logic QF_BV)\n"
	for i := range sig.Params().Len() {
		p := sig.Params().At(i)
		v := goVector(p.Name()+"_", p.Type(), pos)
		text += fmt.Sprintf("(declare-fun %s () (_ BitVec %d))\n", v.text, v.bits)
		b.vars[p.Name()] = v
	}
	result := b.body(f, b.vars)
	name := "result"
	if n := sig.Results().At(0).Name(); n != "" {
		name = n
	}
	for _, l := range f.trees("requires") {
		text += "(assert " + b.formula(l.Tree) + ")\n"
	}
	b.vars[name] = result
	for _, l := range f.trees("ensures") {
		for _, part := range split(l.Tree) {
			obligations = append(obligations, Obligation{Owner: f.owner, What: "ensures " + part.String(), Pos: l.Pos,
				text: text + "(assert (not " + b.formula(part) + "))\n(check-sat)\n"})
			w.onNumbers(&obligations[len(obligations)-1], f, part)
		}
	}
	return obligations, nil
}

// onNumbers adds the question of a bits function on integers, for examples: there the function is evaluated.
func (w *world) onNumbers(o *Obligation, f *function, part *contract.Tree) {
	var params []*types.Var
	var args []string
	for p := range f.object.Signature().Params().Variables() {
		params = append(params, p)
		args = append(args, p.Name()+"!"+strconv.Itoa(len(args)+1))
	}
	var requires []*contract.Tree
	for _, l := range f.trees("requires") {
		requires = append(requires, l.Tree)
	}
	call := term{"f_" + f.owner, "Int"}
	if len(args) > 0 {
		call.text = "(" + call.text + " " + strings.Join(args, " ") + ")"
	}
	result := cmp.Or(f.object.Signature().Results().At(0).Name(), "result")
	w.numbers(o, f, params, requires, map[string]term{result: call}, part)
}

// numbers makes the question on integers whether a formula follows from others. What cannot be asked so has no
// example.
func (w *world) numbers(o *Obligation, f *function, params []*types.Var, requires []*contract.Tree, results map[string]term, part *contract.Tree) {
	defer func() {
		if e := recover(); e != nil {
			if _, ok := e.(refusal); !ok {
				panic(e)
			}
			o.in = nil
		}
	}()
	r := &run{w: w, f: f, owner: f.owner, args: map[string]term{}}
	s := &state{vars: map[string]variable{}, leaves: map[string]term{}}
	for _, p := range params {
		r.args[p.Name()] = r.fresh(s, p.Name(), "Int")
		s.assume(within(r.args[p.Name()], p.Type()))
	}
	r.entry = s
	e := env{r: r, st: s, pos: o.Pos, closed: true}.with(r.args)
	for _, t := range requires {
		s.assume(e.tree(t))
	}
	o.in, o.facts, o.goal, o.at = r, s.facts, e.with(results).tree(part), snapshot{results: results}
}

// bitsLemma returns the questions that a bits lemma asks.
func (w *world) bitsLemma(d *contract.Definition) (obligations []Obligation, problem *Problem) {
	defer caught(&obligations, &problem)
	b := &bitScope{w: w, vars: map[string]vector{}, pos: d.Pos}
	text := "(set-logic QF_BV)\n"
	var params []*types.Var
	for _, p := range d.Params {
		basic, ok := types.Universe.Lookup(p.Type).(*types.TypeName)
		if !ok {
			refuse(d.Pos, "use a Go integer type", "parameter %s of a bits lemma has type %s", p.Name, p.Type)
		}
		params = append(params, types.NewVar(token.NoPos, nil, p.Name, basic.Type()))
		v := goVector(p.Name+"_", basic.Type(), d.Pos)
		text += fmt.Sprintf("(declare-fun %s () (_ BitVec %d))\n", v.text, v.bits)
		b.vars[p.Name] = v
	}
	for _, q := range d.Requires {
		text += "(assert " + b.formula(q) + ")\n"
	}
	for _, q := range d.Ensures {
		for _, part := range split(q) {
			obligations = append(obligations, Obligation{Owner: d.Name, What: "ensures " + part.String(), Pos: d.Pos,
				text: text + "(assert (not " + b.formula(part) + "))\n(check-sat)\n"})
			w.numbers(&obligations[len(obligations)-1], &function{owner: d.Name}, params, d.Requires, nil, part)
		}
	}
	return obligations, nil
}

// caught turns a refusal into a problem.
func caught(obligations *[]Obligation, problem **Problem) {
	switch e := recover().(type) {
	case nil:
	case refusal:
		*obligations, *problem = nil, (*Problem)(&e)
	default:
		*obligations, *problem = nil, &Problem{Message: fmt.Sprintf("a fault of the prover: %v", e), Cure: "report it"}
	}
}

// goVector is a variable of a Go integer type.
func goVector(name string, t types.Type, pos token.Position) vector {
	low, high, ok := bounds(t)
	if !ok {
		refuse(pos, "", "type %s has no bits", t)
	}
	span := new(big.Int).Sub(high, low)
	return vector{text: name, bits: span.BitLen(), signed: low.Sign() < 0}
}

// bitScope evaluates with bit-vectors.
type bitScope struct {
	w    *world
	vars map[string]vector
	pos  token.Position
	deep int // how many definitions it stands in
}

// extend gives a vector another width, with its value modulo two to that width.
func (v vector) extend(bits int, signed bool) vector {
	switch {
	case bits == v.bits:
	case bits < v.bits:
		v.text = fmt.Sprintf("((_ extract %d 0) %s)", bits-1, v.text)
	case v.signed:
		v.text = fmt.Sprintf("((_ sign_extend %d) %s)", bits-v.bits, v.text)
	default:
		v.text = fmt.Sprintf("((_ zero_extend %d) %s)", bits-v.bits, v.text)
	}
	return vector{text: v.text, bits: bits, signed: signed}
}

func bvLiteral(n *big.Int, bits int) string {
	m := new(big.Int).And(n, new(big.Int).Sub(new(big.Int).Lsh(big.NewInt(1), uint(bits)), big.NewInt(1)))
	return fmt.Sprintf("(_ bv%s %d)", m, bits)
}

// body is the result of a bits function: a single return of an expression.
func (b *bitScope) body(f *function, vars map[string]vector) vector {
	if len(f.decl.Body.List) == 1 {
		if ret, ok := f.decl.Body.List[0].(*ast.ReturnStmt); ok && len(ret.Results) == 1 {
			inner := &bitScope{w: b.w, vars: vars, pos: b.pos}
			return inner.goExpr(ret.Results[0])
		}
	}
	refuse(b.w.position(f.decl), "return one expression", "the body of a bits function cannot be read")
	return vector{}
}

// goExpr evaluates a Go expression, with Go's wrapping arithmetic.
func (b *bitScope) goExpr(e ast.Expr) vector {
	e = ast.Unparen(e)
	tv := b.w.info.Types[e]
	if tv.Value != nil && tv.Value.Kind() == constant.Int {
		v := goVector("", tv.Type, b.pos)
		n, _ := new(big.Int).SetString(tv.Value.ExactString(), 10)
		return vector{text: bvLiteral(n, v.bits), bits: v.bits, signed: v.signed}
	}
	switch x := e.(type) {
	case *ast.Ident:
		if v, ok := b.vars[x.Name]; ok {
			return v
		}
	case *ast.CallExpr:
		if b.w.info.Types[x.Fun].IsType() {
			to := goVector("", b.w.info.TypeOf(x), b.pos)
			return b.goExpr(x.Args[0]).extend(to.bits, to.signed)
		}
	case *ast.BinaryExpr:
		return b.goBinary(x)
	}
	refuse(b.w.position(e), "conversions, shifts by constants and + - & | ^ are known", "this expression of a bits function cannot be read")
	return vector{}
}

func (b *bitScope) goBinary(x *ast.BinaryExpr) vector {
	left := b.goExpr(x.X)
	if x.Op == token.SHL || x.Op == token.SHR {
		tv := b.w.info.Types[ast.Unparen(x.Y)]
		if tv.Value == nil || left.signed {
			refuse(b.w.position(x), "shift an unsigned number by a constant", "this shift of a bits function cannot be read")
		}
		n, ok := new(big.Int).SetString(tv.Value.ExactString(), 10)
		if !ok || n.Cmp(big.NewInt(int64(left.bits))) >= 0 {
			refuse(b.w.position(x), "shift by less", "this shift of a bits function leaves nothing")
		}
		op := map[token.Token]string{token.SHL: "bvshl", token.SHR: "bvlshr"}[x.Op]
		return vector{text: fmt.Sprintf("(%s %s %s)", op, left.text, bvLiteral(n, left.bits)), bits: left.bits, signed: left.signed}
	}
	op := map[token.Token]string{token.ADD: "bvadd", token.SUB: "bvsub", token.AND: "bvand", token.OR: "bvor", token.XOR: "bvxor"}[x.Op]
	right := b.goExpr(x.Y)
	if op == "" || right.bits != left.bits {
		refuse(b.w.position(x), "", "operator %s of a bits function cannot be read", x.Op)
	}
	return vector{text: fmt.Sprintf("(%s %s %s)", op, left.text, right.text), bits: left.bits, signed: left.signed}
}

// formula evaluates a formula to an SMT-LIB Bool.
func (b *bitScope) formula(t *contract.Tree) string {
	sub := func(i int) string { return b.formula(t.Kids[i]) }
	switch t.Op {
	case "&&":
		return "(and " + sub(0) + " " + sub(1) + ")"
	case "||":
		return "(or " + sub(0) + " " + sub(1) + ")"
	case "==>":
		return "(=> " + sub(0) + " " + sub(1) + ")"
	case "<==>":
		return "(= " + sub(0) + " " + sub(1) + ")"
	case "!":
		return "(not " + sub(0) + ")"
	case "==", "!=", "<", "<=", ">", ">=":
		op := map[string]string{"==": "=", "!=": "distinct", "<": "bvslt", "<=": "bvsle", ">": "bvsgt", ">=": "bvsge"}[t.Op]
		return fmt.Sprintf("(%s %s %s)", op, b.number(t.Kids[0]), b.number(t.Kids[1]))
	case "call":
		if d := b.w.defs[t.Text]; d != nil && d.Body != nil && d.Result == "bool" && !calls(d.Body, d.Name) {
			return b.inlined(d, t).formula(d.Body)
		}
	}
	refuse(b.pos, "", "%v cannot be evaluated on bits", t)
	return ""
}

// number evaluates an integer expression, exactly, in the wide width.
func (b *bitScope) number(t *contract.Tree) string {
	v := b.exact(t)
	if v.reach >= wide {
		refuse(b.pos, "use smaller numbers", "%v may be too large to be evaluated on bits", t)
	}
	return v.text
}

// exact evaluates an integer expression and keeps count of how large it can be.
func (b *bitScope) exact(t *contract.Tree) vector {
	number := func(text string, reach int) vector { return vector{text: text, bits: wide, signed: true, reach: reach} }
	switch t.Op {
	case "number":
		n, ok := new(big.Int).SetString(t.Text, 0)
		if !ok || n.BitLen() > 66 {
			refuse(b.pos, "", "number %s is too large", t.Text)
		}
		return number(bvLiteral(n, wide), n.BitLen())
	case "name":
		if v, ok := b.vars[t.Text]; ok {
			return number(v.extend(wide, true).text, cmp.Or(v.reach, v.bits))
		}
	case "+", "-", "*", "&":
		if len(t.Kids) == 2 {
			op := map[string]string{"+": "bvadd", "-": "bvsub", "*": "bvmul", "&": "bvand"}[t.Op]
			x, y := b.exact(t.Kids[0]), b.exact(t.Kids[1])
			reach := map[string]int{"+": max(x.reach, y.reach) + 1, "-": max(x.reach, y.reach) + 1, "*": x.reach + y.reach,
				"&": max(x.reach, y.reach)}[t.Op]
			return number(fmt.Sprintf("(%s %s %s)", op, x.text, y.text), reach)
		}
	case "?:":
		x, y := b.exact(t.Kids[1]), b.exact(t.Kids[2])
		return number(fmt.Sprintf("(ite %s %s %s)", b.formula(t.Kids[0]), x.text, y.text), max(x.reach, y.reach))
	case "call":
		v := b.callVector(t)
		return number(v.extend(wide, true).text, v.bits)
	}
	refuse(b.pos, "", "%v cannot be evaluated on bits", t)
	return vector{}
}

// callVector evaluates the call of a bits function. Its arguments must be variables or calls, whose
// widths are known.
func (b *bitScope) callVector(t *contract.Tree) vector {
	f := b.w.functions[t.Text]
	if f == nil || !f.bits || f.object.Signature().Params().Len() != len(t.Kids) {
		refuse(b.pos, "", "%s is no bits function", t.Text)
	}
	vars := map[string]vector{}
	for i, k := range t.Kids {
		p := f.object.Signature().Params().At(i)
		want := goVector("", p.Type(), b.pos)
		var v vector
		switch k.Op {
		case "name":
			v = b.vars[k.Text]
		case "call":
			v = b.callVector(k)
		}
		if v.bits != want.bits || v.signed != want.signed {
			refuse(b.pos, "", "%s is called with %v, whose type is not that of its parameter", t.Text, k)
		}
		vars[p.Name()] = v
	}
	return b.body(f, vars)
}

// inlined binds the parameters of a pure function.
func (b *bitScope) inlined(d *contract.Definition, t *contract.Tree) *bitScope {
	if b.deep > 50 || len(t.Kids) != len(d.Params) {
		refuse(b.pos, "", "%v cannot be replaced by what defines it", t)
	}
	inner := &bitScope{w: b.w, vars: map[string]vector{}, pos: b.pos, deep: b.deep + 1}
	for i, p := range d.Params {
		v := b.exact(t.Kids[i])
		if v.reach >= wide {
			refuse(b.pos, "use smaller numbers", "%v may be too large to be evaluated on bits", t.Kids[i])
		}
		v.reach = max(v.reach, 1)
		inner.vars[p.Name] = v
	}
	return inner
}
