//go:build !linux

package afpacket

import (
	"errors"

	"vigor/dataplane"
)

// Fanout divides frames between shards; on this system nothing does.
type Fanout struct{}

// IO is a back end on packet sockets; on this system there is none.
type IO struct{}

var errLinux = errors.New("packet sockets are an interface of Linux, and this is another system")

// Open fails.
func Open([]string, Config) (*IO, error) { return nil, errLinux }

// Exchange fails.
func (x *IO) Exchange(_, _ *dataplane.Batch) error { return errLinux }

// Mode is empty.
func (x *IO) Mode() string { return "" }

// Close does nothing.
func (x *IO) Close() error { return nil }
