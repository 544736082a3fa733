//go:build unix

package program

import (
	"fmt"
	"os"
	"path/filepath"
	"syscall"
)

// exclusive waits until no other process writes or builds in a folder, and keeps others out until release
// is called or the process ends.
func exclusive(folder string) (release func(), err error) {
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return nil, fmt.Errorf("making a place for a program: %w", err)
	}
	lock, err := os.OpenFile(filepath.Join(folder, "lock"), os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return nil, fmt.Errorf("reserving a place for a program: %w", err)
	}
	for {
		if err = syscall.Flock(int(lock.Fd()), syscall.LOCK_EX); err != syscall.EINTR {
			break
		}
	}
	if err != nil {
		lock.Close()
		return nil, fmt.Errorf("reserving a place for a program: %w", err)
	}
	return func() { lock.Close() }, nil
}
