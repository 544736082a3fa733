//go:build !linux

package process

import "errors"

var errNotLinux = errors.New("only Linux has this")

// Pin fails.
func Pin(int) error { return errNotLinux }

// Pages is nothing.
type Pages struct{ Asked, Huge int64 }

// UseHugePages fails.
func UseHugePages(any) (Pages, error) { return Pages{}, errNotLinux }

// Identity is nobody.
type Identity struct {
	UID, GID int
	Groups   []int
}

// Find fails.
func Find(string, string) (Identity, error) { return Identity{}, errNotLinux }

// Become fails.
func (Identity) Become() error { return errNotLinux }

// DropCapabilities fails.
func DropCapabilities() error { return errNotLinux }

// Confine fails.
func Confine() error { return errNotLinux }
