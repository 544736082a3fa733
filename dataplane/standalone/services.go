package standalone

import (
	"context"
	"log/slog"
	"runtime"
	"strings"
	"sync"

	"vigor/dataplane/inspect"
	"vigor/dataplane/metrics"
	"vigor/dataplane/process"
)

// services answer those who watch the function from outside.
type services struct {
	log     *slog.Logger
	metrics *metrics.Server // nil if not asked for
	end     context.CancelFunc
	ended   sync.WaitGroup
}

// listen opens what the section asks for; nothing is answered yet.
func (p *program[Config]) listen(log *slog.Logger, workers []*worker[Config], id *process.Identity) (*services, error) {
	s := &services{log: log, end: func() {}}
	live := make([]*inspect.Live, len(workers))
	for k, w := range workers {
		live[k] = w.live
	}
	if p.section.Metrics == "" {
		return s, nil
	}
	cfg := metrics.Config{Live: live, Build: metrics.Build{
		NF: p.identity.NF, Identity: p.identity.Hash, Go: runtime.Version(),
		Proved: strings.HasPrefix(p.identity.Outcome, "proved"),
	}}
	if workers[0].devices.Neighbours != nil {
		cfg.Neighbours = func(k int) int { return workers[k].devices.Neighbours.Known() }
	}
	var err error
	if s.metrics, err = metrics.Listen(p.section.Metrics, cfg); err != nil {
		return nil, err
	}
	log.Info("serving metrics", "address", s.metrics.Addr())
	return s, nil
}

// serve answers until close.
func (s *services) serve() {
	var ctx context.Context
	ctx, s.end = context.WithCancel(context.Background())
	if s.metrics != nil {
		s.ended.Go(func() { s.report(s.metrics.Serve(ctx)) })
	}
}

// report logs why a service has ended: packets go on without it.
func (s *services) report(err error) {
	if err != nil {
		s.log.Error("service ended", "cause", err)
	}
}

// drain tells those who ask that no more packets should be sent here.
func (s *services) drain() {
	if s.metrics != nil {
		s.metrics.Drain()
	}
}

// close ends the answers.
func (s *services) close() {
	s.end()
	s.ended.Wait()
}
