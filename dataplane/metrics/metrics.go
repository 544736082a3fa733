// Package metrics serves what a running network function does over HTTP: /metrics for Prometheus,
// /healthz for whether packets can still be processed, /readyz for whether they are to be sent here.
//
// In go the functions that run, one [inspect.Live] per shard, and what the program knows about
// itself, a [Config]. Each scrape copies all counters of a shard between two bursts, a few
// microseconds; the values of one shard belong to one moment. A scrape fails as a whole when a loop
// does not answer.
//
// The server is for a trusted network: it has time-outs and limits, but neither passwords nor TLS.
// Every metric is described in docs/observing.md.
//
// Start at [Listen], then snapshot.go.
package metrics

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"vigor/dataplane/inspect"
)

// Limits of the server.
const (
	readTime    = 5 * time.Second
	writeTime   = 10 * time.Second
	idleTime    = time.Minute
	drainTime   = 2 * time.Second
	headerBytes = 16 << 10
	atOnce      = 4  // scrapes
	connections = 64 // those beyond are closed: descriptors are there for packets and the control socket, too
)

// Build is what a program knows about what it was made of.
type Build struct {
	NF      string // import path of the network function
	Hash    string // of the sources and specs that a proof is about
	Outcome string // of the proof
	Go      string // version of the Go toolchain
}

// Config says what is served.
type Config struct {
	Live  []*inspect.Live // one per shard, in their order
	Build Build
	// Neighbours counts the neighbours that a shard knows; it is called between two of its bursts. Nil
	// means that there is no layer for them.
	Neighbours func(shard int) int
	// Ready says why no packets should be sent here, such as a device that is down. Nil means that
	// there is no reason once the server runs.
	Ready func() error
	// Log takes what goes wrong with connections; nil stands for the default.
	Log *slog.Logger
}

// Server is a server that listens.
type Server struct {
	shown    collector
	listener net.Listener
	server   *http.Server
	draining atomic.Bool
	open     atomic.Int32 // connections
}

// Listen listens at an address of the form IP:PORT; port 0 lets the kernel choose. Nothing is answered
// before Serve is called.
func Listen(address string, cfg Config) (*Server, error) {
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return nil, fmt.Errorf("serving metrics: %w", err)
	}
	s := &Server{shown: collector{cfg: cfg}, listener: listener}
	s.server = &http.Server{
		Handler: s.Handler(), ReadHeaderTimeout: readTime, ReadTimeout: readTime, WriteTimeout: writeTime,
		IdleTimeout: idleTime, MaxHeaderBytes: headerBytes, ConnState: s.count,
		ErrorLog: slog.NewLogLogger(cmp.Or(cfg.Log, slog.Default()).Handler(), slog.LevelWarn),
	}
	return s, nil
}

// count counts connections, and closes one that is too many.
func (s *Server) count(conn net.Conn, now http.ConnState) {
	switch now {
	case http.StateNew:
		if s.open.Add(1) > connections {
			conn.Close()
		}
	case http.StateClosed, http.StateHijacked:
		s.open.Add(-1)
	}
}

// Addr is where the server listens.
func (s *Server) Addr() net.Addr { return s.listener.Addr() }

// Drain has /readyz say that no more packets should be sent here.
func (s *Server) Drain() { s.draining.Store(true) }

// Reloaded tells of a reload that was asked for: err is why it was refused, if it was.
func (s *Server) Reloaded(err error) {
	if err != nil {
		s.shown.refused.Add(1)
	} else {
		s.shown.applied.Add(1)
	}
}

// Serve answers until the context ends, and then finishes what it has begun, for a bounded time.
func (s *Server) Serve(ctx context.Context) error {
	stop := context.AfterFunc(ctx, func() {
		limit, cancel := context.WithTimeout(context.WithoutCancel(ctx), drainTime)
		defer cancel()
		if s.server.Shutdown(limit) != nil {
			s.server.Close()
		}
	})
	defer stop()
	if err := s.server.Serve(s.listener); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serving metrics: %w", err)
	}
	return nil
}

// Handler answers the requests.
func (s *Server) Handler() http.Handler {
	registry := prometheus.NewRegistry()
	registry.MustRegister(&s.shown)
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(registry, promhttp.HandlerOpts{
		MaxRequestsInFlight: atOnce, Timeout: writeTime / 2,
	}))
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, r *http.Request) { answer(w, s.healthy(r.Context())) })
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, r *http.Request) { answer(w, s.ready(r.Context())) })
	return mux
}

// answer says ok, or why not.
func answer(w http.ResponseWriter, err error) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	if err != nil {
		w.WriteHeader(http.StatusServiceUnavailable)
		fmt.Fprintln(w, err)
		return
	}
	fmt.Fprintln(w, "ok")
}

// healthy asks every loop for a step.
func (s *Server) healthy(ctx context.Context) error {
	for i, live := range s.shown.cfg.Live {
		if err := live.Do(ctx, func(inspect.Moment) {}); err != nil {
			return fmt.Errorf("shard %d: %w", i, err)
		}
	}
	return nil
}

// ready is healthy, and there is no other reason to stay away.
func (s *Server) ready(ctx context.Context) error {
	if s.draining.Load() {
		return errors.New("draining")
	}
	if err := s.healthy(ctx); err != nil {
		return err
	}
	if s.shown.cfg.Ready != nil {
		return s.shown.cfg.Ready()
	}
	return nil
}
