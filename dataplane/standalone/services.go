package standalone

import (
	"context"
	"log/slog"
	"os"
	"runtime"
	"sync"

	"vigor/dataplane/control"
	"vigor/dataplane/inspect"
	"vigor/dataplane/metrics"
	"vigor/dataplane/process"
)

// services answer those who watch the function from outside.
type services struct {
	log     *slog.Logger
	metrics *metrics.Server // nil if not asked for, like the next one
	control *control.Server
	end     context.CancelFunc
	ended   sync.WaitGroup
}

// listen opens what the section asks for; nothing is answered yet. The control socket becomes the
// property of whom the process is to become.
func (p *program[Config]) listen(log *slog.Logger, workers []*worker[Config], id *process.Identity) (*services, error) {
	s := &services{log: log, end: func() {}}
	live := make([]*inspect.Live, len(workers))
	for k, w := range workers {
		live[k] = w.live
	}
	err := p.listenMetrics(s, workers, live)
	if err == nil && p.section.Control != "" {
		s.control, err = control.Listen(p.section.Control, control.Config{Live: live, Build: control.Build(p.made())})
		if err == nil && id != nil {
			err = os.Lchown(p.section.Control, id.UID, id.GID)
		}
	}
	if err != nil {
		s.serve() // closes what is open
		s.close()
		return nil, err
	}
	return s, nil
}

func (p *program[Config]) listenMetrics(s *services, workers []*worker[Config], live []*inspect.Live) (err error) {
	if p.section.Metrics == "" {
		return nil
	}
	cfg := metrics.Config{Live: live, Build: p.made()}
	if workers[0].devices.Neighbours != nil {
		cfg.Neighbours = func(k int) int { return workers[k].devices.Neighbours.Known() }
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

// serve answers until close.
func (s *services) serve() {
	var ctx context.Context
	ctx, s.end = context.WithCancel(context.Background())
	if s.metrics != nil {
		s.ended.Go(func() { s.report(s.metrics.Serve(ctx)) })
	}
	if s.control != nil {
		s.ended.Go(func() { s.report(s.control.Serve(ctx)) })
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
