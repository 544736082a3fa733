package control

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// socketMode lets the user and group of the program ask.
const socketMode = 0o660

// maxPath is the longest path of a socket on every system, with room for the name that it has at first.
const maxPath = 90

// socket is a socket of ours in the file system.
type socket struct {
	path     string
	made     os.FileInfo
	listener *net.UnixListener
}

// bind makes a socket at a path. Until it has its mode, it stands under another name. Programs that do
// this at the same time take turns: they lock the folder.
func bind(path string) (*socket, error) {
	if len(path) > maxPath {
		return nil, fmt.Errorf("%s is %d bytes long: a path of at most %d works everywhere", path, len(path), maxPath)
	}
	unlock, err := lock(filepath.Dir(path))
	if err != nil {
		return nil, err
	}
	defer unlock()
	if err := vacant(path); err != nil {
		return nil, err
	}
	first := fmt.Sprintf("%s.%d", path, os.Getpid())
	if err := os.Remove(first); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	listener, err := net.ListenUnix("unix", &net.UnixAddr{Name: first, Net: "unix"})
	if err != nil {
		return nil, err
	}
	listener.SetUnlinkOnClose(false)
	s := &socket{path: path, listener: listener}
	if err = os.Chmod(first, socketMode); err == nil {
		if s.made, err = os.Lstat(first); err == nil {
			err = os.Rename(first, path)
		}
	}
	if err != nil {
		return nil, errors.Join(err, listener.Close(), os.Remove(first))
	}
	return s, nil
}

// lock waits until nobody else makes or removes a socket in a folder.
func lock(folder string) (unlock func(), err error) {
	dir, err := os.Open(folder)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("there is no folder %s: make it first (%w)", folder, fs.ErrNotExist)
	}
	if err != nil {
		return nil, err
	}
	if err := unix.Flock(int(dir.Fd()), unix.LOCK_EX); err != nil {
		dir.Close()
		return nil, fmt.Errorf("locking %s: %w", folder, err)
	}
	return func() { dir.Close() }, nil
}

// vacant reports whether a path can be used: there is nothing, or a socket at which nobody listens.
func vacant(path string) error {
	info, err := os.Lstat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if info.Mode().Type() != fs.ModeSocket {
		return fmt.Errorf("%s is no socket: give another path, or remove it", path)
	}
	conn, err := net.Dial("unix", path)
	if err == nil {
		conn.Close()
		return fmt.Errorf("another program listens at %s: stop it, or give another path", path)
	}
	if errors.Is(err, unix.ECONNREFUSED) {
		return nil // left behind
	}
	return fmt.Errorf("whether somebody listens at %s cannot be found out: %w", path, err)
}

// remove closes the socket and removes it, unless another has its name by now. A program that has given
// up the right to change the folder leaves it; whoever binds next replaces it.
func (s *socket) remove() error {
	err := s.listener.Close()
	if errors.Is(err, net.ErrClosed) {
		err = nil
	}
	unlock, failure := lock(filepath.Dir(s.path))
	if errors.Is(failure, fs.ErrPermission) || errors.Is(failure, fs.ErrNotExist) {
		return err
	}
	if failure != nil {
		return errors.Join(err, failure)
	}
	defer unlock()
	if now, failure := os.Lstat(s.path); failure != nil || !os.SameFile(now, s.made) {
		return err
	}
	if failure := os.Remove(s.path); !errors.Is(failure, fs.ErrPermission) {
		err = errors.Join(err, failure)
	}
	return err
}
