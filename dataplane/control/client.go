package control

import (
	"bufio"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// answerTime is how long a client waits for the next line.
const answerTime = 15 * time.Second

// maxAnswer is the longest line that a client takes: 256 rows of 64-byte keys and values.
const maxAnswer = 1 << 20

// Ask puts a request to the program at a socket, and hands over its answers in order, the last one with
// the number of rows. An answer that is an error becomes an error.
func Ask(ctx context.Context, path string, r Request, use func(Answer) error) error {
	conn, err := (&net.Dialer{}).DialContext(ctx, "unix", path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("there is no socket %s: is the program running, and does its configuration name this socket?", path)
	case errors.Is(err, unix.ECONNREFUSED) && !isSocket(path):
		return fmt.Errorf("%s is no socket: give the path that the program's configuration names under control", path)
	case errors.Is(err, unix.ECONNREFUSED):
		return fmt.Errorf("nobody listens at %s: the program has ended", path)
	case errors.Is(err, fs.ErrPermission):
		return fmt.Errorf("not allowed to ask at %s: be the program's user, or in its group", path)
	case err != nil:
		return fmt.Errorf("asking at %s: %w", path, err)
	}
	defer conn.Close()
	stop := context.AfterFunc(ctx, func() { conn.Close() })
	defer stop()
	if err := exchange(conn, r, use); err != nil {
		if ctx.Err() != nil {
			err = ctx.Err()
		}
		return fmt.Errorf("asking at %s: %w", path, err)
	}
	return nil
}

// isSocket reports whether there is a socket at a path.
func isSocket(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().Type() == fs.ModeSocket
}

// exchange writes the request and reads to the end of its answer.
func exchange(conn net.Conn, r Request, use func(Answer) error) error {
	line, err := json.Marshal(r)
	if err != nil {
		return err
	}
	conn.SetDeadline(time.Now().Add(answerTime))
	_, unsent := conn.Write(append(line, '\n')) // whoever refuses to listen may have said why, and can be read
	lines := bufio.NewScanner(conn)
	lines.Buffer(nil, maxAnswer)
	for lines.Scan() {
		conn.SetDeadline(time.Now().Add(answerTime))
		a, err := decode(lines.Bytes())
		if err != nil {
			return err
		}
		if a.Error != "" {
			return errors.New(a.Error)
		}
		if err := use(a); err != nil {
			return err
		}
		if a.End != nil {
			return nil
		}
	}
	if err := cmp.Or(unsent, lines.Err()); err != nil {
		return err
	}
	return fmt.Errorf("the answer has no end: %w", io.ErrUnexpectedEOF)
}
