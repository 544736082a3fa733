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
	"vigor/dataplane/process"
)

// live runs the function on devices until the context ends or something fails. Whatever can fail does
// so before the first packet is received: everything is opened first, then privileges are given up.
func (p *program[Config]) live(ctx context.Context) (err error) {
	log := slog.New(slog.NewTextHandler(p.stderr, &slog.HandlerOptions{Level: p.section.LogLevel}))
	id, err := p.account()
	if err != nil {
		return err
	}
	reloader, err := p.reloading() // first: building can take seconds, and the signal must not end the program
	if err != nil {
		return err
	}
	defer reloader.close()
	workers, err := p.buildAll()
	if err != nil {
		return err
	}
	supervisor, err := callSupervisor()
	if err != nil {
		return err
	}
	if err := p.open(workers); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, closeAll(workers)) }()
	services, err := p.listen(log, workers, id, supervisor)
	if err != nil {
		return err
	}
	if err := p.settle(log, workers); err != nil {
		return errors.Join(err, services.discard())
	}
	return p.run(ctx, log, workers, services, func() error { return p.leave(log, id) }, reloader)
}

// run starts the packet threads, has privileges given up, and lets packets flow. When it returns they have
// drained.
func (p *program[Config]) run(ctx context.Context, log *slog.Logger, workers []*worker[Config],
	services *services, leave func() error, reloader *reloader) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	begin, ends, err := startAll(ctx, workers)
	if err == nil {
		err = leave()
	}
	if err != nil {
		cancel() // the threads end before their first packet
		close(begin)
		return errors.Join(err, p.wait(ends, workers, cancel), services.discard())
	}
	p.announce(log, workers)
	context.AfterFunc(ctx, services.drain)
	services.serve()
	go p.reloads(ctx, log, reloader, workers, services)
	close(begin)
	err = p.wait(ends, workers, cancel)
	services.close()
	if err == nil {
		log.Info("drained")
	}
	return errors.Join(err, p.printTable(workers))
}

// wait waits for all packet threads to end. One that fails ends the others, which drain.
func (p *program[Config]) wait(ends <-chan error, workers []*worker[Config], cancel context.CancelFunc) (err error) {
	for range workers {
		if failure := without(<-ends, context.Canceled); failure != nil {
			err = errors.Join(err, failure)
			cancel()
		}
	}
	return err
}

// settle fits memory and scheduler to functions that are built.
func (p *program[Config]) settle(log *slog.Logger, workers []*worker[Config]) error {
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
	limit := process.QuietCollector()
	log.Debug("collector is quiet", "limit_bytes", limit)
	return nil
}

// announce logs what runs, and how.
func (p *program[Config]) announce(log *slog.Logger, workers []*worker[Config]) {
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
func (p *program[Config]) printTable(workers []*worker[Config]) error {
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
		if _, err := p.account(); err != nil {
			return err
		}
	}
	if _, err := p.buildAll(); err != nil {
		return err
	}
	_, err := fmt.Fprintf(p.stdout, "%s: accepted\n", p.options.config)
	return err
}
