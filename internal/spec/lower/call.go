package lower

import (
	"math/big"

	"vigor/internal/diag"
	"vigor/internal/smt"
	"vigor/internal/spec/resolve"
	"vigor/internal/spec/syntax"
)

func (r *run) attribute(x *syntax.Attribute) value {
	switch on := r.eval(x.X).(type) {
	case packet:
		return r.packetAttribute(on, x)
	case header:
		return r.headerAttribute(on, x)
	case record:
		for i, f := range on.of.Fields {
			if f.Name == x.Name {
				return on.fields[i]
			}
		}
	case address:
		return boolean{r.addressKind(on, x.Name)}
	case output:
		return r.outAttribute(x)
	case object:
		return r.stateAttribute(on, x)
	}
	panic("lower: no attribute " + x.Name)
}

// addressKind is a.is_group and the like (IEEE 802, RFC 1112, RFC 919).
func (r *run) addressKind(a address, name string) *smt.Term {
	w := a.term.Width()
	all := new(big.Int).Sub(new(big.Int).Lsh(one, uint(w)), one)
	broadcast := r.b.Eq(a.term, r.b.Const(all, w))
	group := r.b.Eq(r.b.Extract(a.term, w-8, w-8), r.b.Word(1, 1))
	switch {
	case name == "is_zero":
		return r.b.Eq(a.term, r.b.Word(0, w))
	case name == "is_broadcast":
		return broadcast
	case name == "is_group":
		return group
	case w == 48:
		return r.b.And(group, r.b.Not(broadcast))
	}
	return r.b.Eq(r.b.Extract(a.term, 31, 28), r.b.Word(14, 4))
}

func (r *run) outAttribute(x *syntax.Attribute) value {
	set := r.w.Out.Devices
	switch x.Name {
	case "sent":
		return boolean{r.b.Not(r.empty(set))}
	case "devices":
		return devices{set}
	case "device":
		return r.outDevice(x)
	}
	r.prove(r.b.Not(r.empty(set)), r.claim(diag.HeaderAbsent, x.Span(),
		diag.Text("out.pkt is read, but the NF may have sent nothing"), "guard with `if out.sent`"))
	return packet(resolve.Left)
}

// outDevice is out.device: the one device that the packet left by.
func (r *run) outDevice(x *syntax.Attribute) value {
	set := r.w.Out.Devices
	if set.One != nil {
		return r.b.IntUnsigned(set.One)
	}
	mask := r.mask(set)
	below := r.b.BVAnd(mask, r.b.BVSub(mask, r.b.Word(1, 64)))
	single := r.b.And(r.b.Not(r.empty(set)), r.b.Eq(below, r.b.Word(0, 64)))
	r.prove(single, r.claim(diag.ManyDevices, x.Span(), func(val diag.Valuer) string {
		n := 0
		for _, word := range val(mask).Bits() {
			for ; word != 0; word &= word - 1 {
				n++
			}
		}
		return "out.device: the packet left by " + big.NewInt(int64(n)).String() + " devices"
	}, "test `d in out.devices`"))
	result := r.b.Word(0, 6)
	for i := range 64 {
		bit := r.b.Eq(r.b.Extract(mask, i, i), r.b.Word(1, 1))
		result = r.b.Ite(bit, r.b.Word(uint64(i), 6), result)
	}
	return r.b.IntUnsigned(result)
}

func (r *run) subscript(x *syntax.Subscript) value {
	switch on := r.eval(x.X).(type) {
	case tuple:
		i := r.constants([]syntax.Expr{x.Index})[0].Int64()
		return on[(int(i)+len(on))%len(on)]
	case object:
		return r.entry(on, x)
	case list:
		return r.listElement(on, x)
	}
	panic("lower: no entries in " + r.text(x.X))
}

// constants evaluates expressions that resolve knows to be constant.
func (r *run) constants(list []syntax.Expr) []*big.Int {
	var out []*big.Int
	for _, x := range list {
		v, _ := r.integer(x).Const()
		out = append(out, v)
	}
	return out
}

func (r *run) call(x *syntax.Call) value {
	if fun, ok := x.Fun.(*syntax.Attribute); ok {
		switch on := r.eval(fun.X).(type) {
		case packet:
			name := x.Args[0].(*syntax.Name).Name
			return boolean{r.hasHeader(r.packet(resolve.View(on)), name)}
		case object:
			return r.method(on, r.frame.scope.MethodName(fun.Name), x)
		}
		panic("lower: no method " + fun.Name)
	}
	fun := x.Fun.(*syntax.Name)
	sym, _ := r.frame.scope.Lookup(fun.Name)
	switch sym := sym.(type) {
	case *resolve.Function:
		return r.inline(sym, x)
	case *resolve.RecordOf:
		var names []string
		for _, f := range sym.Fields {
			names = append(names, f.Name)
		}
		return record{sym, r.arguments(x, names)}
	}
	return r.builtin(fun.Name, x)
}

// arguments evaluates a call's arguments in the order of the text, and gives them in that of
// params.
func (r *run) arguments(x *syntax.Call, params []string) []value {
	for _, a := range x.Args {
		r.eval(a)
	}
	for _, k := range x.Keywords {
		r.eval(k.Value)
	}
	var list []value
	for i := range params {
		list = append(list, r.seen[resolve.Argument(x, params, i)])
	}
	return list
}

func (r *run) inline(fn *resolve.Function, x *syntax.Call) value {
	var names []string
	for _, p := range fn.Def.Params {
		names = append(names, p.Name)
	}
	args := r.arguments(x, names)
	outer := r.frame
	r.frame = &frame{scope: fn.Scope, text: outer.text, locals: map[string]value{}, result: nothing{}}
	for i, name := range names {
		r.frame.locals[name] = args[i]
	}
	if r.folds(fn) {
		r.frame.result = r.fold(fn.Def.Body)
	} else {
		r.block(fn.Def.Body)
	}
	result := r.frame.result
	r.frame = outer
	return result
}

func (r *run) builtin(name string, x *syntax.Call) value {
	switch name {
	case "ip4", "mac":
		v, _ := resolve.ParseAddress(name, x.Args[0].(*syntax.String).Value)
		return address{r.b.Const(v, map[string]int{"ip4": 32, "mac": 48}[name])}
	case "net4":
		base, bits, _ := resolve.ParseNet(x.Args[0].(*syntax.String).Value)
		return network{base, bits}
	case "min", "max":
		return r.extreme(name, x)
	case "abs":
		i := r.integer(x.Args[0])
		return r.b.IntIte(r.b.IntLess(i, r.b.IntConst(zero)), r.b.IntNeg(i), i)
	case "int":
		return r.toInt(r.eval(x.Args[0]))
	case "len":
		switch on := r.eval(x.Args[0]).(type) {
		case object:
			return r.length(on, x.Span())
		case list:
			return r.b.IntUnsigned(r.w.Lists[on.of.Name].Len)
		}
		return r.b.IntConst(big.NewInt(int64(len(elements(r.seen[x.Args[0]])))))
	case "all", "any":
		return boolean{r.quantified(name, x.Args[0])}
	case "old":
		switch on := r.eval(x.Args[0]).(type) {
		case packet:
			return packet(resolve.Arrival)
		case object:
			return object{on.of, resolve.Arrival}
		}
	}
	panic("lower: cannot call " + name)
}

func (r *run) extreme(name string, x *syntax.Call) value {
	var list []value
	if len(x.Args) == 1 {
		list = elements(r.eval(x.Args[0]))
	} else {
		for _, a := range x.Args {
			list = append(list, r.eval(a))
		}
	}
	result := list[0].(smt.Int)
	for _, v := range list[1:] {
		if name == "min" {
			result = r.b.IntMin(result, v.(smt.Int))
		} else {
			result = r.b.IntMax(result, v.(smt.Int))
		}
	}
	return result
}

func (r *run) toInt(v value) value {
	switch v := v.(type) {
	case boolean:
		return r.b.IntUnsigned(v.term)
	case address:
		return r.b.IntUnsigned(v.term)
	}
	return v
}

// quantified is all(…) or any(…): elements after the one that decides are not evaluated.
func (r *run) quantified(name string, x syntax.Expr) *smt.Term {
	op := map[string]string{"all": "and", "any": "or"}[name]
	g, ok := x.(*syntax.Generator)
	if !ok {
		list := elements(r.eval(x))
		return r.logic(op, len(list), func(i int) *smt.Term { return list[i].(boolean).term },
			func(int) bool { return false })
	}
	list := r.rounds(g.Over)
	outer := r.frame.locals
	r.frame.locals = map[string]value{}
	for name, v := range outer {
		r.frame.locals[name] = v
	}
	result := r.logic(op, len(list), func(i int) *smt.Term {
		r.needed(g.Elem.Span())
		r.bind(g.Target, list[i], g.Target, g.Target.Span())
		return r.condition(g.Elem)
	}, func(i int) bool { return i > 0 && r.forks(g.Elem) })
	r.frame.locals = outer
	return result
}

// flowRecord makes the key that a script's pkt.flow meets: its parts are the key's fields by name.
func (r *run) flowRecord(v flow, t *resolve.Type) value {
	l4, _ := resolve.HeaderNamed("l4")
	ipv4, _ := resolve.HeaderNamed("ipv4")
	rec := record{of: t.Record}
	for _, f := range t.Record.Fields {
		on := header{ipv4, v.view}
		switch f.Name {
		case "src_port", "dst_port":
			on.of = l4
		case "device":
			rec.fields = append(rec.fields, r.frame.locals["device"])
			continue
		}
		rec.fields = append(rec.fields, r.readNamed(on, f.Name, &syntax.Name{Name: "flow"}))
	}
	return rec
}
