// Package reload gives a running network function a new configuration without losing what it knows,
// or refuses and says why.
//
// In goes a configuration; a new network function is built from it in the same surroundings, takes over the
// state of the one that runs, and takes its place between two bursts. No packet is lost, and each is
// decided about under one configuration. When something cannot be carried over, nothing changes and
// the error says what is wrong and what helps.
//
// # Why it is sound
//
// A proof takes one packet at a time. It starts from New under any valid configuration, and then lets
// the state be whatever packets may have left: of each libvig structure, every observer that some operation can
// change is arbitrary but for the structure's invariant, the Valid methods of what it stores, and that
// no time is after the packet's; every field that Process may write is arbitrary; everything else has the
// value that New gave it. Nothing connects two structures, or a structure with a field. So a proof
// covers Process in the state
//
//   - that has the fields of New under the new configuration, except that those which Process has
//     written may have any value; and
//   - whose structures may hold anything that meets their invariants, with the capacity that New under
//     the new configuration gives them: capacities, the first number of a PortRange, and numbers of classes, are the only
//     observers that no operation changes.
//
// That is what a [Plan] builds. A structure is carried over only with equal type, capacity, first number and number of classes, one
// that is made of a list in the configuration (a Classifier, a Dictionary, an LPM, a Maglev) never; its
// invariant and the times in it are unaffected by the move, and Valid asks for nothing but the
// surroundings, which stay. A scalar field is carried over only if its value is not the one that New gave
// it, so that Process must have written it. All else is as New made it.
//
// # What is lost
//
// Soundness would allow to forget everything; that is what a restart does. A reload carries over a
// structure or field whenever its first content is the same under both configurations. If it is not,
// the configuration speaks through it: then the new content is taken if packets have not changed the
// old one, and otherwise the reload is refused. A configuration may refuse more, by a method
//
//	Keeps(old Config) error
//
// for changes after which what is carried over would mean something else. It is not heeded when
// nothing has happened yet that a restart would forget.
//
// Start at [Reloader.Apply], then plan.go.
package reload

import (
	"context"
	"fmt"

	"vigor/dataplane"
	"vigor/dataplane/inspect"
	"vigor/nf"
)

// Start builds a network function and returns it with its loop over packets.
type Start[Config any] func(env nf.Env, cfg Config) (function any, process dataplane.Burst, err error)

// Keeper is a configuration that may refuse to take over what packets have left under an old one. The
// error says why, and what helps.
type Keeper[Config any] interface{ Keeps(old Config) error }

// Reloader gives one running network function new configurations. It is for one goroutine.
type Reloader[Config any] struct {
	loop  *dataplane.Loop
	live  *inspect.Live
	env   nf.Env
	start Start[Config]

	cfg   Config
	fresh *snapshot // of the function that runs, before its first packet
}

// New returns a reloader for a function that start has built from env and cfg, and that has not seen a
// packet yet. The loop runs it, and live shows it.
func New[Config any](loop *dataplane.Loop, live *inspect.Live, env nf.Env, start Start[Config],
	cfg Config, function any) (*Reloader[Config], error) {
	fresh, err := take(function)
	if err != nil {
		return nil, err
	}
	return &Reloader[Config]{loop, live, env, start, cfg, fresh}, nil
}

// Config is the configuration in force.
func (r *Reloader[Config]) Config() Config { return r.cfg }

// Plan is a function that is ready to take over.
type Plan[Config any] struct {
	r        *Reloader[Config]
	cfg      Config
	function any
	process  dataplane.Burst
	fresh    *snapshot
	objects  error // of Keeps
}

// Prepare builds the function for a new configuration, and refuses what can be refused before it is
// known what packets have left. The running one is not disturbed.
func (r *Reloader[Config]) Prepare(cfg Config) (*Plan[Config], error) {
	if v, ok := any(cfg).(interface{ Validate() error }); ok {
		if err := v.Validate(); err != nil {
			return nil, fmt.Errorf("reloading: the configuration is not valid: %w", err)
		}
	}
	function, process, err := r.start(r.env, cfg)
	if err != nil {
		return nil, fmt.Errorf("reloading: %w", err)
	}
	fresh, err := take(function)
	if err != nil {
		return nil, fmt.Errorf("reloading: %w", err)
	}
	plan := &Plan[Config]{r: r, cfg: cfg, function: function, process: process, fresh: fresh}
	if keeper, ok := any(cfg).(Keeper[Config]); ok {
		plan.objects = keeper.Keeps(r.cfg)
	}
	return plan, nil
}

// Check says what Commit would say now. State may change before it is called.
func (p *Plan[Config]) Check(ctx context.Context) error {
	var refused error
	err := p.r.live.Do(ctx, func(inspect.Moment) { _, refused = p.moves() })
	if err == nil {
		err = refused
	}
	if err != nil {
		return fmt.Errorf("reloading: %w", err)
	}
	return nil
}

// Commit carries the state over and has the new function decide from the next burst on, or refuses
// and leaves all as it is.
func (p *Plan[Config]) Commit(ctx context.Context) (Report, error) {
	var report Report
	var refused error
	err := p.r.live.Do(ctx, func(inspect.Moment) {
		var moves []move
		if moves, refused = p.moves(); refused != nil {
			return
		}
		report = carry(moves)
		if refused = p.r.live.Replace(p.function); refused == nil {
			p.r.loop.SetProcess(p.process)
		}
	})
	if err == nil {
		err = refused
	}
	if err != nil {
		return Report{}, fmt.Errorf("reloading: %w", err)
	}
	p.r.cfg, p.r.fresh = p.cfg, p.fresh
	return report, nil
}

// Apply prepares and commits.
func (r *Reloader[Config]) Apply(ctx context.Context, cfg Config) (Report, error) {
	plan, err := r.Prepare(cfg)
	if err != nil {
		return Report{}, err
	}
	return plan.Commit(ctx)
}
