// Package stepping has the atomic types of sync/atomic that drivers share with devices, with a step of the
// device at every access: just after a store, and just before a load. Tests build drivers with it in place of
// sync/atomic; nothing else imports it.
package stepping

import "sync/atomic"

// Hook makes the step; it is set before the driver runs. A type without room for more cannot carry it.
var Hook = func() {}

// Uint32 is like [atomic.Uint32].
type Uint32 struct{ word atomic.Uint32 }

// Load lets the device step, and loads.
func (u *Uint32) Load() uint32 {
	Hook()
	return u.word.Load()
}

// Store stores, and lets the device step.
func (u *Uint32) Store(value uint32) {
	u.word.Store(value)
	Hook()
}

// Uint64 is like [atomic.Uint64].
type Uint64 struct{ word atomic.Uint64 }

// Load lets the device step, and loads.
func (u *Uint64) Load() uint64 {
	Hook()
	return u.word.Load()
}

// Store stores, and lets the device step.
func (u *Uint64) Store(value uint64) {
	u.word.Store(value)
	Hook()
}
