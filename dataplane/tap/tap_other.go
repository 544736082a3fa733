//go:build !linux

package tap

import (
	"errors"

	"vigor/dataplane"
)

// IO is a back end on TAP devices; on this system there is none.
type IO struct{}

var errLinux = errors.New("TAP devices are an interface of Linux, and this is another system")

// Open fails.
func Open([]string, Config) (*IO, error) { return nil, errLinux }

// Exchange fails.
func (x *IO) Exchange(_, _ *dataplane.Batch) error { return errLinux }

// Mode is empty.
func (x *IO) Mode() string { return "" }

// Close does nothing.
func (x *IO) Close() error { return nil }
