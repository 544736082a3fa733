//go:build !linux || !dpdk || !cgo

package dpdk

import (
	"errors"
	"testing"
)

// TestAbsent: a program without DPDK says how to get it, and refuses what would be refused with it.
func TestAbsent(t *testing.T) {
	if _, err := Open(Config{Devices: []string{"net_null0"}}); !errors.Is(err, ErrNotBuiltIn) {
		t.Errorf("got %v, want %v", err, ErrNotBuiltIn)
	}
	if _, err := Open(Config{}); err == nil || errors.Is(err, ErrNotBuiltIn) {
		t.Errorf("without devices got %v, want an error about that", err)
	}
}
