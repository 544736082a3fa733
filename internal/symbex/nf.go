package symbex

import (
	"cmp"
	"fmt"
	gconstant "go/constant"
	"go/types"
	"maps"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/tools/go/ssa"

	"vigor/internal/diag"
	"vigor/internal/load"
	"vigor/internal/smt"
	"vigor/internal/symbex/summary"
)

// Leaf is one scalar of a configuration or of the NF's own fields.
type Leaf struct {
	Name string // as in Go: FlowTimeout, Limits.Burst, Addresses[2]
	Type types.Type
	Term *smt.Term
}

// Field is the name of the outermost field that the leaf is part of.
func (l Leaf) Field() string {
	if i := strings.IndexAny(l.Name, ".["); i >= 0 {
		return l.Name[:i]
	}
	return l.Name
}

// Signed reports whether the leaf's Go type is a signed integer.
func (l Leaf) Signed() bool { return isSigned(l.Type) }

func isSigned(t types.Type) bool {
	_, signed, _ := width(t)
	return signed
}

// Inputs are the symbols that a run starts from.
type Inputs struct {
	Config  []Leaf
	Lists   []*List // of the configuration
	Env     []Leaf
	Frame   *smt.Func // byte of the received frame, by 16-bit index
	Length  *smt.Term // of the frame, 16 bits
	Device  *smt.Term // 16 bits, less than the device count
	Time    *smt.Term // 64 bits, not negative
	Devices *smt.Term // device count, 64 bits, 1 to 64
}

// Action is what Process returned, field by field as in nf.Action. Which of the four kinds it is,
// the run has decided.
type Action struct {
	Kind                    ActionKind
	Reason, Device, Devices *smt.Term
}

// ActionKind names a constant of nf.Kind.
type ActionKind string

// The kinds of action.
const (
	Dropped      ActionKind = "Dropped"
	Forwarded    ActionKind = "Forwarded"
	ForwardedAll ActionKind = "ForwardedAll"
	Flooded      ActionKind = "Flooded"
)

// StateObject is a libvig structure of the NF, before and after a packet.
type StateObject struct {
	Name          string // the Go field's path
	Type          *types.Named
	Before, After *summary.State
	Made          []Made // by the calls on the way, in their order
}

// Made is what one call of an operation returned.
type Made struct {
	Operation string
	Changed   bool // the call changed the structure
	Before    *summary.State
	Args      []summary.Value
	Results   map[string]summary.Value // by the contract's names
}

// Fork returns the states for a path that goes on from the run's, or from a moment of it; the state
// afterwards is nil if the run did not come so far.
func (o StateObject) Fork(p *Path) (before, after *summary.State) {
	forked := summary.Fork(p, o.Before, o.After)
	return forked[0], forked[1]
}

// Cell is an integer or bool field that Process may write.
type Cell struct {
	Name          string
	Type          types.Type
	Before, After *smt.Term
}

// Signed reports whether the field's Go type is a signed integer.
func (c Cell) Signed() bool { return isSigned(c.Type) }

// Run is one feasible run of Process, or of Hint, from any state that New or an earlier packet may have left.
type Run struct {
	Path   *Path
	Inputs *Inputs
	// Complete is false if the configuration was refused, or if an obligation on the way cannot hold;
	// then what follows is filled in as far as the run came.
	Complete bool
	Action   Action
	Sent     smt.Array
	Objects  []StateObject // by name
	Cells    []Cell        // by name
	Sums     []Sum         // that functions were asked for
	Returns  []*ssa.Return // the return statements that the run came through
	Hint     bool          // the run is one of Hint: it is never complete
}

// process runs Validate, New and Process, and fills in run as it goes.
func (m *Machine) process(run *Run, written *writes) {
	defer m.locate()
	a, ok := m.arrival(run, written)
	if !ok {
		return
	}
	process := m.enter(m.program.NF.Process, a.values(), nil)
	action := m.run(process).(Aggregate) // never folded: every return is a run of its own
	run.Returns, run.Sums = m.returns, m.sums
	run.Action = m.action(run.Inputs, action)
	run.Sent = m.memory[a.frame].(Bytes).Array
	m.compare(run, a.before, m.survey(a.root), written)
	run.Complete = true
	m.leftInTime(run)
}

// arrival is the moment at which a packet has been received.
type arrival struct {
	root, packet Value
	frame        *Object
	before       *survey
}

// values are the arguments of Process and Hint.
func (a *arrival) values() []Value { return []Value{a.root, a.packet} }

// arrival runs Validate and New, and puts the NF into any state that may come later, with any packet. It
// is false if the configuration is refused.
func (m *Machine) arrival(run *Run, written *writes) (*arrival, bool) {
	root, ok := m.start(run.Inputs)
	if !ok {
		return nil, false
	}
	before := m.survey(root)
	m.madeInTime(before)
	m.arbitrary(run, before, written)
	m.receive(run.Inputs, before)
	packet := m.packet(run.Inputs)
	m.returns, m.sums, m.made = nil, nil, map[*Object][]Made{}
	return &arrival{root: root, packet: packet.pointer, frame: packet.frame, before: before}, true
}

// start executes Validate and New on a symbolic configuration.
func (m *Machine) start(in *Inputs) (root Value, ok bool) {
	nf := m.program.NF
	config := m.configuration(in)
	m.env = m.inputs(m.envType(), smt.Environment, "", &in.Env)
	in.Devices = leafNamed(in.Env, "Devices")
	m.p.Axiom(m.b.And(m.b.BVULe(m.b.Word(1, 64), in.Devices), m.b.BVULe(in.Devices, m.b.Word(64, 64))))
	if err := m.call(nf.Validate, []Value{config}, nil).(Interface); err.Type != nil {
		return nil, false
	}
	result := m.call(nf.New, []Value{m.env, config}, nil).(Aggregate)
	if err := result[1].(Interface); err.Type != nil {
		return nil, false
	}
	return result[0], true
}

func (m *Machine) envType() types.Type {
	return m.program.NF.New.Signature.Params().At(0).Type()
}

// configuration makes a symbolic configuration, field by field.
func (m *Machine) configuration(in *Inputs) Value {
	config := m.program.NF.ConfigType.Underlying().(*types.Struct)
	fields := make(Aggregate, config.NumFields())
	for i := range fields {
		f := config.Field(i)
		if slice, ok := f.Type().Underlying().(*types.Slice); ok {
			var list *List
			list, fields[i] = m.newList(f.Name(), slice.Elem())
			in.Lists = append(in.Lists, list)
			continue
		}
		fields[i] = m.inputs(f.Type(), smt.Configuration, f.Name(), &in.Config)
	}
	return fields
}

// inputs makes a symbolic value of that name and lists its leaves.
func (m *Machine) inputs(t types.Type, origin smt.Origin, name string, list *[]Leaf) Value {
	v := symbolic(t, name, func(name string, _ types.Type, w int) *smt.Term {
		symbol := smt.Symbol(origin, trimDot(name))
		if origin == smt.Environment && trimDot(name) == "Devices" { // at most nf.MaxDevices, so the sign is known to be 0
			return m.b.ZeroExtend(m.b.Var(symbol, 7), w)
		}
		return m.b.Var(symbol, w)
	})
	walk(v, t, name, func(name string, t types.Type, part Value) {
		*list = append(*list, Leaf{name, t, part.(Scalar).Term})
	})
	return v
}

func leafNamed(list []Leaf, name string) *smt.Term {
	for _, l := range list {
		if l.Name == name {
			return l.Term
		}
	}
	panic("symbex: nf.Env has no field " + name)
}

// walk calls visit on every part of v that is neither struct nor array, with its name.
func walk(v Value, t types.Type, name string, visit func(name string, t types.Type, part Value)) {
	parts, ok := v.(Aggregate)
	if !ok {
		visit(trimDot(name), t, v)
		return
	}
	switch u := t.Underlying().(type) {
	case *types.Struct:
		for i, part := range parts {
			walk(part, u.Field(i).Type(), name+"."+u.Field(i).Name(), visit)
		}
	case *types.Array:
		for i, part := range parts {
			walk(part, u.Elem(), name+indexed(i), visit)
		}
	}
}

// trimDot is a name without the dot that it may begin with.
func trimDot(name string) string { return strings.TrimPrefix(name, ".") }

// survey is what the NF keeps between packets: its structures and its other fields, by name.
type survey struct {
	root    Pointer
	content Value
	objects map[string]*Object
}

func (m *Machine) survey(root Value) *survey {
	p, ok := root.(Pointer)
	if !ok || p.Object == nil || len(p.Path) > 0 {
		panic(unsupported("New returning something else than the address of a new struct"))
	}
	s := &survey{root: p, content: m.memory[p.Object], objects: map[string]*Object{}}
	seen := map[*Object]string{}
	walk(s.content, p.Object.Type, "", func(name string, t types.Type, part Value) {
		target, ok := part.(Pointer)
		if ok && target.Object == nil {
			return
		}
		if !ok {
			m.plain(name, part)
			return
		}
		if _, ok := m.memory[target.Object].(Structure); !ok || len(target.Path) > 0 {
			panic(unsupported("field %s, which points to something else than a libvig structure", name))
		}
		if first, ok := seen[target.Object]; ok {
			panic(unsupported("one structure in two fields, %s and %s", first, name))
		}
		seen[target.Object] = name
		s.objects[name] = target.Object
	})
	return s
}

// plain refuses a field that holds what cannot be replaced by an arbitrary value.
func (m *Machine) plain(name string, part Value) {
	switch v := part.(type) {
	case Scalar:
		return
	case Slice:
		if v.Nil.IsTrue() {
			return
		}
		if _, ok := m.wholeList(v); ok {
			return
		}
	case Interface:
		if v.Type == nil {
			return
		}
	case Func:
		if v.Fn == nil {
			return
		}
	case String:
		return
	}
	panic(unsupported("field %s, which keeps a %s between packets", name, describe(part)))
}

// arbitrary replaces the state that New left by any state that packets may lead to: whatever an operation
// can change of a structure, and the fields that Process writes.
func (m *Machine) arbitrary(run *Run, s *survey, written *writes) {
	for _, name := range sortedKeys(s.objects) {
		o := s.objects[name]
		state := m.memory[o].(Structure).State.Named(name).Havoc(m.p)
		m.memory[o] = Structure{state}
		run.Objects = append(run.Objects, StateObject{Name: name, Type: o.Type.(*types.Named), Before: state})
	}
	s.content = m.mapScalars(s.content, s.root.Object.Type, "", func(name string, t *smt.Term) *smt.Term {
		if !written.taken[name] {
			return t
		}
		return m.b.Var(smt.Symbol(smt.FieldOf, name), t.Width())
	})
	m.memory[s.root.Object] = s.content
	m.record(run, s, s, written)
}

// record lists the fields that Process may write, with their values before and after.
func (m *Machine) record(run *Run, before, after *survey, written *writes) {
	old := map[string]*smt.Term{}
	m.mapScalars(before.content, before.root.Object.Type, "", func(name string, t *smt.Term) *smt.Term {
		old[name] = t
		return t
	})
	run.Cells = nil
	walk(after.content, after.root.Object.Type, "", func(name string, t types.Type, part Value) {
		s, ok := part.(Scalar)
		if !ok {
			return
		}
		if s.Term != old[name] {
			written.found[name] = true
		}
		if written.taken[name] || m.program.exported(name) {
			run.Cells = append(run.Cells, Cell{name, t, old[name], s.Term})
		}
	})
	slices.SortFunc(run.Cells, func(a, b Cell) int { return cmp.Compare(a.Name, b.Name) })
}

// mapScalars rebuilds v with every scalar replaced.
func (m *Machine) mapScalars(v Value, t types.Type, name string,
	f func(name string, t *smt.Term) *smt.Term) Value {
	switch v := v.(type) {
	case Scalar:
		return Scalar{f(strings.TrimPrefix(name, "."), v.Term)}
	case Aggregate:
		out := make(Aggregate, len(v))
		for i, part := range v {
			switch u := t.Underlying().(type) {
			case *types.Struct:
				out[i] = m.mapScalars(part, u.Field(i).Type(), name+"."+u.Field(i).Name(), f)
			case *types.Array:
				out[i] = m.mapScalars(part, u.Elem(), name+indexed(i), f)
			}
		}
		return out
	}
	return v
}

// receive makes the symbols of one frame: any bytes, any length, any device there is, and a time that is
// not before the last time that any structure has seen. The run loop guarantees no less.
func (m *Machine) receive(in *Inputs, s *survey) {
	b := m.b
	in.Frame = b.Func(smt.Symbol(smt.Received, "frame"), []int{frameIndexWidth}, 8)
	in.Length = b.Var(smt.Symbol(smt.Received, "length"), frameIndexWidth)
	in.Device = b.Var(smt.Symbol(smt.Received, "device"), 16)
	in.Time = b.ZeroExtend(b.Var(smt.Symbol(smt.Received, "time"), 63), 64)
	m.p.Axiom(b.BVULt(b.ZeroExtend(in.Device, 64), in.Devices))
	for _, name := range sortedKeys(s.objects) {
		state := m.memory[s.objects[name]].(Structure).State
		if last, ok := state.Scalar("last"); ok {
			m.p.Axiom(b.IntLessEq(last, b.IntUnsigned(in.Time)))
		}
	}
}

// madeInTime states for the structures that New made what receive assumes of the first packet, whose
// time may be 0.
func (m *Machine) madeInTime(s *survey) {
	for _, name := range sortedKeys(s.objects) {
		m.seenBefore(name, m.memory[s.objects[name]].(Structure).State, m.b.Word(0, 64))
	}
}

// leftInTime states what receive assumes of the next packet, which may come at the time of this one.
func (m *Machine) leftInTime(run *Run) {
	for _, o := range run.Objects {
		m.seenBefore(o.Name, o.After, run.Inputs.Time)
	}
}

// seenBefore states that a structure has seen no time after the next packet's.
func (m *Machine) seenBefore(name string, state *summary.State, next *smt.Term) {
	last, ok := state.Scalar("last")
	if !ok {
		return
	}
	m.claim(m.b.IntLessEq(last, m.b.IntUnsigned(next)), diag.FutureTime, func(value diag.Valuer) string {
		return fmt.Sprintf("%s keeps the time %s, and the next packet may come at %s", name,
			value(last.Term), value(next))
	})
}

// frameName is the name of the frame's bytes.
const frameName = "frame"

// packet makes the nf.Packet of a received frame, through nf.NewPacket.
func (m *Machine) packet(in *Inputs) (p struct {
	pointer Pointer
	frame   *Object
}) {
	create := m.program.NF.Prog.ImportedPackage(load.RuntimePath).Func("NewPacket")
	length := m.b.ZeroExtend(in.Length, 64)
	p.frame = &Object{Name: frameName, Type: types.NewSlice(types.Typ[types.Uint8])}
	m.memory[p.frame] = Bytes{smt.NewArray(in.Frame)}
	maybeNil := m.b.And(m.b.Eq(length, m.b.Word(0, 64)), m.b.Var(smt.Symbol(smt.Received, "nil"), 0))
	bytes := Slice{Base: Pointer{Object: p.frame}, Offset: m.b.Word(0, 64), Len: length, Cap: length,
		Nil: maybeNil}
	value := m.call(create, []Value{bytes, Scalar{in.Device}, Scalar{in.Time}}, nil)
	o := &Object{Name: "packet", Type: create.Signature.Results().At(0).Type()}
	m.memory[o], m.received = value, o
	p.pointer = Pointer{Object: o}
	return p
}

// action names the fields of the nf.Action that Process returned.
func (m *Machine) action(in *Inputs, v Aggregate) Action {
	var a Action
	var kind *smt.Term
	fields := map[string]**smt.Term{"Kind": &kind, "Reason": &a.Reason, "Device": &a.Device,
		"Devices": &a.Devices}
	t := m.program.NF.Process.Signature.Results().At(0).Type().Underlying().(*types.Struct)
	for i, part := range v {
		if target := fields[t.Field(i).Name()]; target != nil {
			*target = part.(Scalar).Term
		}
	}
	a.Kind = m.kind(kind)
	m.existing(in, a)
	return a
}

// kind decides which constant of nf.Kind the action's kind is.
func (m *Machine) kind(t *smt.Term) ActionKind {
	scope := m.program.NF.Packages[load.RuntimePath].Types.Scope()
	for _, name := range []ActionKind{Dropped, Forwarded, ForwardedAll, Flooded} {
		value, _ := gconstant.Uint64Val(scope.Lookup(string(name)).(*types.Const).Val())
		if m.p.Branch(m.b.Eq(t, m.b.Word(value, t.Width()))) {
			return name
		}
	}
	m.claim(m.b.False(), diag.NoSuchDevice, diag.Text("Process returns an action of no known kind"))
	return Dropped
}

// existing states that a packet is sent to devices that there are.
func (m *Machine) existing(in *Inputs, a Action) {
	switch a.Kind {
	case Forwarded:
		exists := m.b.BVULt(m.b.ZeroExtend(a.Device, 64), in.Devices)
		m.claim(exists, diag.NoSuchDevice, func(value diag.Valuer) string {
			return fmt.Sprintf("the packet is sent to device %s; there are %s devices, numbered from 0",
				value(a.Device), value(in.Devices))
		})
	case ForwardedAll:
		beyond := m.b.BVLShr(a.Devices, in.Devices)
		m.claim(m.b.Eq(beyond, m.b.Word(0, 64)), diag.NoSuchDevice, func(value diag.Valuer) string {
			return fmt.Sprintf("the packet is sent to the set of devices %#x; there are %s devices, numbered from 0",
				value(a.Devices), value(in.Devices))
		})
	}
}

// claim records an obligation about the action, at the statement that returned it.
func (m *Machine) claim(c *smt.Term, code diag.Code, say func(diag.Valuer) string) {
	m.p.Prove(c, diag.Claim{Code: code, Span: m.spanAt(m.at), Say: say})
}

// compare fills in what the packet changed. A field that was taken to be constant and is not is added to
// what was found: the exploration then starts again with any value in it.
func (m *Machine) compare(run *Run, before, after *survey, written *writes) {
	for i, name := range sortedKeys(before.objects) {
		o := before.objects[name]
		if after.objects[name] != o {
			panic(unsupported("field %s, which Process makes point to another structure", name))
		}
		run.Objects[i].After = m.memory[o].(Structure).State
		run.Objects[i].Made = m.made[o]
	}
	m.keepsLists(before, after)
	m.record(run, before, after, written)
}

// locate gives a refusal that has no place the place the machine is at.
func (m *Machine) locate() {
	r := recover()
	if r == nil {
		return
	}
	if refused, ok := r.(*refusal); ok && !refused.diagnostic.Span.Start.IsValid() {
		refused.diagnostic.Span = m.spanAt(m.at)
	}
	panic(r)
}

func indexed(i int) string { return "[" + strconv.Itoa(i) + "]" }

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// On returns the run with its states on a path of their own, so that reading them leaves no trace.
func (r *Run) On(p *Path) *Run {
	on := *r
	on.Path = p
	on.Objects = slices.Clone(r.Objects)
	for i, o := range on.Objects {
		on.Objects[i].Before, on.Objects[i].After = o.Fork(p)
	}
	return &on
}
