//go:build !unix

package program

import (
	"fmt"
	"os"
)

// exclusive makes a folder. Two processes that build the same program at once may disturb each other here.
func exclusive(folder string) (release func(), err error) {
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return nil, fmt.Errorf("making a place for a program: %w", err)
	}
	return func() {}, nil
}
