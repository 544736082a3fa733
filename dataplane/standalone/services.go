package standalone

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"runtime"
	"sync"

	"vigor/dataplane/config"
	"vigor/dataplane/control"
	"vigor/dataplane/inspect"
	"vigor/dataplane/journal"
	"vigor/dataplane/link"
	"vigor/dataplane/metrics"
	"vigor/dataplane/neighbour"
	"vigor/dataplane/process"
)

// services answer those who watch the function from outside.
type services struct {
	log     *slog.Logger
	live    []*inspect.Live
	links   *link.Watcher   // of the devices; nil if nobody asks, or they are not the kernel's
	metrics *metrics.Server // nil if not asked for, like the next one
	control *control.Server
	*supervisor
	end   context.CancelFunc
	ended sync.WaitGroup
}

// listen opens what the section asks for; nothing is answered yet. The control socket becomes the
// property of whom the process is to become.
func (p *program[Config]) listen(log *slog.Logger, workers []*worker[Config], id *process.Identity,
	supervisor *supervisor) (*services, error) {
	s := &services{log: log, supervisor: supervisor, live: make([]*inspect.Live, len(workers)), end: func() {}}
	for k, w := range workers {
		s.live[k] = w.live
	}
	err := p.listenMetrics(s, workers)
	if err == nil && p.section.Control != "" {
		cfg := control.Config{Live: s.live, Build: control.Build(p.made())}
		if workers[0].devices.Neighbours != nil {
			cfg.Neighbours = func(k int) []neighbour.Neighbour { return workers[k].devices.Neighbours.Neighbours() }
		}
		s.control, err = control.Listen(p.section.Control, cfg)
		if err == nil && id != nil {
			err = os.Lchown(p.section.Control, id.UID, id.GID)
		}
	}
	if err != nil {
		return nil, errors.Join(err, s.discard())
	}
	return s, nil
}

func (p *program[Config]) listenMetrics(s *services, workers []*worker[Config]) (err error) {
	if p.section.Metrics == "" {
		return nil
	}
	cfg := metrics.Config{Live: s.live, Build: p.made(), Log: s.log}
	if workers[0].devices.Neighbours != nil {
		cfg.Neighbours = func(k int) int { return workers[k].devices.Neighbours.Known() }
	}
	if p.section.Driver != config.DPDK {
		if s.links, err = link.Watch(s.live[0].Devices); err != nil {
			return err
		}
		cfg.Ready = s.links.Check
	}
	if s.metrics, err = metrics.Listen(p.section.Metrics, cfg); err == nil {
		s.log.Info("serving metrics", "address", s.metrics.Addr())
	}
	return err
}

// made is what the program was made of.
func (p *program[Config]) made() metrics.Build {
	return metrics.Build{NF: p.identity.NF, Hash: p.identity.Hash, Outcome: p.identity.Outcome, Go: runtime.Version()}
}

// discard closes what is open, before anything has been served.
func (s *services) discard() error {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	var err error
	if s.metrics != nil {
		err = s.metrics.Serve(ctx)
	}
	if s.control != nil {
		err = errors.Join(err, s.control.Serve(ctx))
	}
	if s.links != nil {
		err = errors.Join(err, s.links.Close())
	}
	return err
}

// serve answers until close, and logs what an operator should know.
func (s *services) serve() {
	var ctx context.Context
	ctx, s.end = context.WithCancel(context.Background())
	s.ended.Go(func() { journal.Run(ctx, s.log, s.live) })
	if s.metrics != nil {
		s.ended.Go(func() { s.report(s.metrics.Serve(ctx)) })
	}
	if s.control != nil {
		s.ended.Go(func() { s.report(s.control.Serve(ctx)) })
	}
	s.tell(stateReady)
}

// report logs why a service has ended: packets go on without it.
func (s *services) report(err error) {
	if err != nil {
		s.log.Error("service ended", "cause", err)
	}
}

// drain tells those who ask that no more packets should be sent here.
func (s *services) drain() {
	s.tell(stateStopping)
	if s.metrics != nil {
		s.metrics.Drain()
	}
}

// close ends the answers.
func (s *services) close() {
	s.end()
	s.ended.Wait()
	if s.links != nil {
		s.report(s.links.Close())
	}
}
