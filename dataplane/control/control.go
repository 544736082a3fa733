// Package control answers questions about a running network function over a Unix socket, and asks
// them: it is both sides of `vigor show`.
//
// The protocol is JSON, one value a line. A client writes a [Request]; the server answers with lines
// of [Answer]: first the columns, then any number with rows, then one that says how many rows there
// were; or one with an error. After that the client may ask again. Rows of a table are read in
// steps between two bursts and sent as they are read, so neither side ever holds a whole table, and
// rows may be of slightly different moments.
//
// Whatever comes over the socket, the run loop is not disturbed: requests are short lines that are read
// strictly, there are limits on connections and times, and the loop is only asked for what a request that
// makes sense needs. Who may ask is a matter of the socket's mode, 0660.
//
// Start at [Listen] for the server and at [Ask] for the client.
package control

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"vigor/dataplane/inspect"
	"vigor/dataplane/neighbour"
)

// Limits of the server.
const (
	maxRequest     = 1 << 10 // bytes
	maxConnections = 8
	idleTime       = time.Minute           // between two requests
	writeTime      = 10 * time.Second      // for one line
	breath         = 50 * time.Millisecond // before accepting again when the system is short of something
)

// Request asks for one report.
type Request struct {
	// Report is tables, values, counters, devices, neighbours, build, or table, which is the entries of
	// the one named.
	Report string `json:"report"`
	Table  string `json:"table,omitempty"`
	// Limit is the largest number of rows; 0 means no limit.
	Limit int `json:"limit,omitempty"`
}

// Answer is one line of an answer.
type Answer struct {
	Columns []Column `json:"columns,omitempty"`
	Rows    [][]any  `json:"rows,omitempty"`
	Error   string   `json:"error,omitempty"`
	End     *End     `json:"end,omitempty"`
}

// Column describes the values of one column.
type Column struct {
	Name string `json:"name"`
	Kind Kind   `json:"kind"`
}

// Kind says how the values of a column are to be shown.
type Kind string

// The kinds of columns.
const (
	Text     Kind = "text"
	Number   Kind = "number"
	Duration Kind = "duration" // nanoseconds
)

// End is the last line of an answer without error.
type End struct {
	Rows int  `json:"rows"`
	More bool `json:"more,omitempty"` // the limit has left some out
}

// Build is what a program knows about what it was made of.
type Build struct{ NF, Hash, Outcome, Go string }

// Config says what is shown.
type Config struct {
	Live  []*inspect.Live // one per shard, in their order
	Build Build
	// Neighbours lists the neighbours of a shard; it is called between two of its bursts. Nil means that
	// there is no layer for them.
	Neighbours func(shard int) []neighbour.Neighbour
}

// Server listens on a socket.
type Server struct {
	cfg    Config
	socket *socket
	slots  chan struct{}
	ended  sync.WaitGroup
}

// Listen makes the socket. One that a program left behind is replaced; one that answers is another
// program's and is left alone, as is whatever else has the name.
func Listen(path string, cfg Config) (*Server, error) {
	s, err := bind(path)
	if err != nil {
		return nil, fmt.Errorf("listening on the control socket: %w", err)
	}
	return &Server{cfg: cfg, socket: s, slots: make(chan struct{}, maxConnections)}, nil
}

// Serve answers until the context ends. Then it closes all connections and removes the socket.
func (s *Server) Serve(ctx context.Context) error {
	stop := context.AfterFunc(ctx, func() { s.socket.listener.Close() })
	defer stop()
	err := s.accept(ctx)
	s.ended.Wait()
	if err = errors.Join(err, s.socket.remove()); err != nil {
		return fmt.Errorf("serving the control socket: %w", err)
	}
	return nil
}

// accept starts a goroutine for each connection.
func (s *Server) accept(ctx context.Context) error {
	for {
		conn, err := s.socket.listener.Accept()
		if ctx.Err() != nil {
			return nil
		}
		if shortage(err) {
			time.Sleep(breath)
			continue
		}
		if err != nil {
			return err
		}
		select {
		case s.slots <- struct{}{}:
			s.ended.Go(func() {
				s.converse(ctx, conn)
				<-s.slots
			})
		default: // too many at once: whoever asks may come again
			write(conn, Answer{Error: fmt.Sprintf("there are %d connections already: try again later", maxConnections)})
			conn.Close()
		}
	}
}

// shortage reports whether accepting failed for want of something that will come back, such as descriptors.
func shortage(err error) bool {
	return slices.ContainsFunc([]error{unix.EMFILE, unix.ENFILE, unix.ENOBUFS, unix.ENOMEM, unix.ECONNABORTED},
		func(cause error) bool { return errors.Is(err, cause) })
}

// converse answers the requests of one connection.
func (s *Server) converse(ctx context.Context, conn net.Conn) {
	stop := context.AfterFunc(ctx, func() { conn.Close() })
	defer stop()
	defer conn.Close()
	defer func() { // a fault in a report must not end the program, which has packets to process
		if fault := recover(); fault != nil {
			write(conn, Answer{Error: fmt.Sprintf("this is a fault of the program: %v", fault)})
		}
	}()
	lines := bufio.NewReaderSize(conn, maxRequest)
	for {
		conn.SetReadDeadline(time.Now().Add(idleTime))
		line, err := lines.ReadSlice('\n')
		if errors.Is(err, bufio.ErrBufferFull) {
			write(conn, Answer{Error: fmt.Sprintf("the request is longer than %d bytes", maxRequest)})
			return
		}
		if err != nil { // a line without its end is none
			return
		}
		r, err := parse(line)
		if err == nil {
			err = s.report(ctx, r, func(a Answer) error { return write(conn, a) })
		}
		var lost *writeError
		if errors.As(err, &lost) {
			return
		}
		if err != nil && write(conn, Answer{Error: err.Error()}) != nil {
			return
		}
	}
}

// parse reads a request strictly.
func parse(line []byte) (Request, error) {
	var r Request
	d := json.NewDecoder(bytes.NewReader(line))
	d.DisallowUnknownFields()
	if err := d.Decode(&r); err != nil {
		return r, fmt.Errorf("the request cannot be read: %w", err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return r, errors.New("the request cannot be read: there is more than one value on the line")
	}
	if r.Limit < 0 {
		return r, errors.New("the limit is negative: 0 stands for no limit")
	}
	return r, nil
}

// writeError is the failure to write to a client, which has gone.
type writeError struct{ error }

// write writes one line.
func write(conn net.Conn, a Answer) error {
	line, err := json.Marshal(a)
	if err != nil {
		return err
	}
	conn.SetWriteDeadline(time.Now().Add(writeTime))
	if _, err := conn.Write(append(line, '\n')); err != nil {
		return &writeError{err}
	}
	return nil
}
