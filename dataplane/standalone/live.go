package standalone

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"runtime"
	"strings"

	"vigor/dataplane"
	"vigor/dataplane/backend"
	"vigor/dataplane/process"
	"vigor/dataplane/shard"
	"vigor/nf"
)

// worker is one shard: a copy of the function with its devices and its packet thread.
type worker struct {
	env      nf.Env
	function any
	burst    dataplane.Burst
	devices  *backend.Backend
	loop     *dataplane.Loop
	core     int // that the thread is pinned to; -1 if it is not
}

// live runs the function on devices until the context ends or something fails. What can fail does so
// before the first packet is received.
func (p *program[Config]) live(ctx context.Context) (err error) {
	log := slog.New(slog.NewTextHandler(p.stderr, &slog.HandlerOptions{Level: p.section.LogLevel}))
	leave, err := p.leave(log)
	if err != nil {
		return err
	}
	workers, err := p.buildAll()
	if err != nil {
		return err
	}
	if err := p.open(workers); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, closeAll(workers)) }()
	if err := p.settle(log, workers); err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	begin, ends, err := startAll(ctx, workers)
	if err == nil {
		err = leave()
	}
	if err != nil {
		cancel()
	} else {
		p.announce(log, workers)
	}
	close(begin)
	for range workers {
		// One that fails ends the others, which drain.
		if failure := without(<-ends, context.Canceled); failure != nil {
			err = errors.Join(err, failure)
			cancel()
		}
	}
	if err == nil {
		log.Info("drained")
	}
	return errors.Join(err, p.printTable(workers))
}

// buildAll builds the function of each shard, without devices.
func (p *program[Config]) buildAll() ([]*worker, error) {
	configs, err := shard.Configs(p.cfg, p.shards())
	if err != nil {
		return nil, fmt.Errorf("%s: %w", p.options.config, err)
	}
	workers := make([]*worker, len(configs))
	for k, cfg := range configs {
		w := &worker{core: -1}
		if w.env, w.function, w.burst, err = p.build(p.devices(), cfg); err != nil {
			return nil, err
		}
		workers[k] = w
	}
	return workers, nil
}

// open opens the devices, and makes the loops.
func (p *program[Config]) open(workers []*worker) error {
	env := workers[0].env
	backends, err := backend.Open(p.section, env, shard.Steerings(p.cfg, env.Devices))
	if err != nil {
		return err
	}
	for k, w := range workers {
		w.devices = backends[k]
		w.loop = dataplane.NewLoop(w.env, w.burst, w.devices)
		w.loop.SetBurst(p.section.Burst)
		if len(p.section.Cores) > 0 {
			w.core = p.section.Cores[k]
		}
	}
	return nil
}

func closeAll(workers []*worker) (err error) {
	for _, w := range workers {
		err = errors.Join(err, w.devices.Close())
	}
	return err
}

// settle fits memory and scheduler to functions that are built.
func (p *program[Config]) settle(log *slog.Logger, workers []*worker) error {
	// A packet thread may never pause: one processor more is for everything else.
	runtime.GOMAXPROCS(len(workers) + 1)
	if p.section.HugePages {
		for _, w := range workers {
			pages, err := process.UseHugePages(w.function)
			if err != nil {
				return err
			}
			log.Info("huge pages", "asked_bytes", pages.Asked, "got_bytes", pages.Huge)
		}
	}
	log.Debug("collector is quiet", "limit_bytes", process.QuietCollector())
	return nil
}

// startAll starts a goroutine for each worker, which is pinned when startAll returns, waits for begin to
// be closed, and then runs its loop, whose end it tells.
func startAll(ctx context.Context, workers []*worker) (begin chan struct{}, ends chan error, err error) {
	begin, ends = make(chan struct{}), make(chan error, len(workers))
	pinned := make(chan error)
	for _, w := range workers {
		go func() {
			pinned <- w.pin()
			<-begin
			ends <- w.loop.Run(ctx)
		}()
	}
	for range workers {
		err = errors.Join(err, <-pinned)
	}
	return begin, ends, err
}

func (w *worker) pin() error {
	if w.core < 0 {
		return nil
	}
	return process.Pin(w.core)
}

// leave returns what gives up privileges, after set-up; it looks the user up now, while that is
// possible.
func (p *program[Config]) leave(log *slog.Logger) (func() error, error) {
	become := func() error { return nil }
	if p.section.User != "" {
		id, err := process.Find(string(p.section.User), string(p.section.Group))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", p.options.config, err)
		}
		become = id.Become
	}
	return func() error {
		if err := become(); err != nil {
			return err
		}
		if os.Geteuid() == 0 {
			log.Warn("running as root: set user in the section dataplane")
		}
		if !p.section.Confine {
			log.Warn("not confined: what the process is allowed to do, it is still allowed")
			return nil
		}
		if err := process.DropCapabilities(); err != nil {
			return err
		}
		return process.Confine()
	}, nil
}

// announce logs what runs, and how.
func (p *program[Config]) announce(log *slog.Logger, workers []*worker) {
	var names, modes []string
	for _, d := range p.section.Devices {
		names = append(names, d.Interface)
	}
	for _, w := range workers {
		modes = append(modes, w.devices.Mode)
	}
	log.Info("running",
		"function", p.identity.NF, "outcome", p.identity.Outcome, "identity", p.identity.Hash,
		"driver", p.section.Driver, "mode", strings.Join(modes, " | "), "devices", strings.Join(names, ","),
		"cores", p.section.Cores, "shards", len(workers), "uid", os.Geteuid(), "confined", p.section.Confine)
}

// printTable prints what became of the packets of all shards.
func (p *program[Config]) printTable(workers []*worker) error {
	var counters []*dataplane.Counters
	for _, w := range workers {
		counters = append(counters, &w.loop.Counters)
	}
	return Table(p.stdout, workers[0].env, counters...)
}

// without takes an error out of those that are joined.
func without(err, target error) error {
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		var rest error
		for _, e := range joined.Unwrap() {
			rest = errors.Join(rest, without(e, target))
		}
		return rest
	}
	if errors.Is(err, target) {
		return nil
	}
	return err
}

// check says whether the configuration would be accepted: by its type, by Validate, by the constructor,
// and by those who look up what it names.
func (p *program[Config]) check() error {
	if p.section != nil {
		if _, err := p.leave(slog.New(slog.DiscardHandler)); err != nil {
			return err
		}
	}
	if _, err := p.buildAll(); err != nil {
		return err
	}
	_, err := fmt.Fprintf(p.stdout, "%s: accepted\n", p.options.config)
	return err
}
