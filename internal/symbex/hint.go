package symbex

import (
	"context"

	"vigor/internal/contract"
	"vigor/internal/diag"
	"vigor/internal/source"
)

// ExecuteHint runs the NF's method Hint on every frame and state that Process may meet, and adds its
// paths to those that a result has the obligations of. A store to anything but Hint's own variables, or
// a call of an operation that may change a structure, ends the execution with a diagnostic.
//
// The run loop calls Hint for a packet before the packets ahead of it in the burst are processed. The
// state is then older than the one that Process meets, but it is one of those assumed here: it was left
// by an earlier packet, whose time is not later.
func ExecuteHint(ctx context.Context, program *Program, e *Explorer, result *Result) *diag.Diagnostic {
	_, d := e.Explore(ctx, nil, func(p *Path) {
		run := &Run{Path: p, Inputs: &Inputs{}, Hint: true}
		result.All = append(result.All, run)
		program.machine(p).hint(run, result.written)
	})
	return d
}

// hint runs Validate and New, and then Hint.
func (m *Machine) hint(run *Run, written *writes) {
	defer m.locate()
	arguments, ok := m.arrival(run, written)
	if !ok {
		return
	}
	m.freeze()
	m.run(m.enter(m.program.NF.Hint, arguments.values(), nil))
	run.Returns = m.returns
}

// freeze refuses stores to all that is there now.
func (m *Machine) freeze() {
	m.frozen = map[*Object]bool{}
	for o := range m.memory {
		m.frozen[o] = true
	}
}

// refuseFrozen refuses a store to what Hint must not write.
func (m *Machine) refuseFrozen(o *Object) {
	if m.frozen[o] && m.checking {
		panic(unsupported("a check of an element that writes to %s: others would depend on it", o.Name))
	}
	if m.frozen[o] {
		panic(&refusal{diag.New(diag.HintWrites, source.Span{}, "Hint writes to %s: it may only read", o.written())})
	}
}

// written names an object for the message about a store to it.
func (o *Object) written() string {
	if o.Name == frameName {
		return "the packet"
	}
	return "the network function"
}

// refuseChange refuses an operation that Hint must not call.
func (m *Machine) refuseChange(t *contract.Type, operation string) {
	if op := t.Operations[operation]; m.frozen != nil && op != nil && !op.Pure() {
		panic(&refusal{diag.New(diag.HintChanges, source.Span{},
			"Hint calls %s.%s, which changes the structure", t.Name, operation)})
	}
}
