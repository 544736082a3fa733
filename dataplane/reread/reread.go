// Package reread reads one file again and again for a process that gives up the right to open files.
//
// [Start] runs the program a second time, as a helper that can do nothing but read the file when it is
// asked; [Reader.Read] asks. The helper's main function is [Serve]. It keeps the rights that the
// program was started with, so a file that only root may read can be read later, too; whoever takes over
// the other process can make it read that file and no other. The helper ends with the process.
//
// Start at [Start].
package reread

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"syscall"
)

// Flag is what the program has to answer, as its first argument, by calling [Serve] with the second.
const Flag = "--read-again"

// answer is the file's content, or why there is none.
type answer struct {
	Text  []byte
	Error string
}

// Reader asks the helper. It is for one goroutine.
type Reader struct {
	requests io.WriteCloser
	answers  *json.Decoder
}

// Start starts the helper for a file, which need not exist yet. A relative name is relative to the
// current folder, now and later.
func Start(name string) (*Reader, error) {
	program, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("starting the reader of %s: %w", name, err)
	}
	cmd := exec.Command(program, Flag, name)
	cmd.Stderr = os.Stderr
	requests, err := cmd.StdinPipe()
	if err != nil {
		return nil, fmt.Errorf("starting the reader of %s: %w", name, err)
	}
	answers, err := cmd.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("starting the reader of %s: %w", name, err)
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("starting the reader of %s: %w", name, err)
	}
	return &Reader{requests, json.NewDecoder(answers)}, nil
}

// Read returns what the file has now.
func (r *Reader) Read() ([]byte, error) {
	var a answer
	if _, err := r.requests.Write([]byte{'\n'}); err != nil {
		return nil, fmt.Errorf("asking for the file: %w", err)
	}
	if err := r.answers.Decode(&a); err != nil {
		return nil, fmt.Errorf("asking for the file: %w", err)
	}
	if a.Error != "" {
		return nil, errors.New(a.Error)
	}
	return a.Text, nil
}

// Close ends the helper.
func (r *Reader) Close() error { return r.requests.Close() }

// maxSize is the largest file in bytes that is read: far more than any configuration has.
const maxSize = 64 << 20

// read reads the file, if it is one: a pipe in its place would keep the helper for ever, and alive when
// the process has ended.
func read(name string) ([]byte, error) {
	file, err := os.OpenFile(name, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	info, err := file.Stat()
	switch {
	case err != nil:
		return nil, err
	case !info.Mode().IsRegular():
		return nil, fmt.Errorf("%s is no regular file: put the configuration there again", name)
	case info.Size() > maxSize:
		return nil, fmt.Errorf("%s has %d bytes, more than any configuration: at most %d are read", name, info.Size(), maxSize)
	}
	return io.ReadAll(io.LimitReader(file, maxSize))
}

// Serve is the helper: it writes what the file has for each byte that it reads, and returns when there
// will be none. Signals are not for it: it ends with the process that asks.
func Serve(name string, requests io.Reader, answers io.Writer) error {
	signal.Ignore(syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP)
	out := json.NewEncoder(answers)
	for {
		var request [1]byte
		if _, err := io.ReadFull(requests, request[:]); err != nil {
			return nil // that process has ended
		}
		var a answer
		text, err := read(name)
		if a.Text = text; err != nil {
			a = answer{Error: err.Error()}
		}
		if err := out.Encode(a); err != nil {
			return fmt.Errorf("handing over %s: %w", name, err)
		}
	}
}
