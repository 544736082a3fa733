package standalone

import (
	"context"
	"errors"
	"fmt"

	"vigor/dataplane"
	"vigor/dataplane/backend"
	"vigor/dataplane/inspect"
	"vigor/dataplane/process"
	"vigor/dataplane/reload"
	"vigor/dataplane/shard"
	"vigor/nf"
)

// worker is one shard: a copy of the function with its devices and its packet thread.
type worker[Config any] struct {
	env      nf.Env
	cfg      Config
	function any
	burst    dataplane.Burst
	core     int // that the thread is pinned to; -1 if it is not

	devices  *backend.Backend
	loop     *dataplane.Loop
	live     *inspect.Live
	reloader *reload.Reloader[Config]
}

// buildAll builds the function of each shard, without devices.
func (p *program[Config]) buildAll() ([]*worker[Config], error) {
	configs, err := shard.Configs(p.cfg, p.shards())
	if err != nil {
		return nil, fmt.Errorf("%s: %w", p.options.config, err)
	}
	workers := make([]*worker[Config], len(configs))
	for k, cfg := range configs {
		w := &worker[Config]{cfg: cfg, core: -1}
		if w.env, w.function, w.burst, err = p.build(p.devices(), cfg); err != nil {
			return nil, err
		}
		workers[k] = w
	}
	return workers, nil
}

// open opens the devices, and makes the loops. If it fails, nothing is open.
func (p *program[Config]) open(workers []*worker[Config]) error {
	env := workers[0].env
	backends, err := backend.Open(p.section, env, shard.Steerings(p.cfg, env.Devices))
	if err != nil {
		return err
	}
	var names []string
	for _, d := range p.section.Devices {
		names = append(names, d.Interface)
	}
	for k, w := range workers {
		w.devices = backends[k]
		w.loop = dataplane.NewLoop(w.env, w.burst, w.devices)
		w.loop.SetBurst(p.section.Burst)
		if len(p.section.Cores) > 0 {
			w.core = p.section.Cores[k]
		}
		if w.live, err = inspect.NewLive(w.loop, w.function, names); err == nil {
			w.reloader, err = reload.New(w.loop, w.live, w.env, reload.Start[Config](p.start), w.cfg, w.function)
		}
		if err != nil {
			return errors.Join(fmt.Errorf("looking into %T: %w", w.function, err), backend.Close(backends))
		}
	}
	return nil
}

func closeAll[Config any](workers []*worker[Config]) (err error) {
	for _, w := range workers {
		err = errors.Join(err, w.devices.Close())
	}
	return err
}

// startAll starts a goroutine for each worker, which is pinned when startAll returns, waits for begin to
// be closed, and then runs its loop, whose end it tells.
func startAll[Config any](ctx context.Context, workers []*worker[Config]) (begin chan struct{}, ends chan error, err error) {
	begin, ends = make(chan struct{}), make(chan error, len(workers))
	pinned := make(chan error)
	for _, w := range workers {
		go func() {
			pinned <- w.pin()
			<-begin
			err := w.loop.Run(ctx)
			w.giveUp()
			ends <- err
		}()
	}
	for range workers {
		err = errors.Join(err, <-pinned)
	}
	return begin, ends, err
}

// giveUp counts the frames that still wait for a neighbour when the loop has ended.
func (w *worker[Config]) giveUp() {
	if layer := w.devices.Neighbours; layer != nil {
		layer.GiveUp(func(from nf.Device) { w.loop.Counters.Dropped[from][nf.NoNeighbour]++ })
	}
}

func (w *worker[Config]) pin() error {
	if w.core < 0 {
		return nil
	}
	return process.Pin(w.core)
}
