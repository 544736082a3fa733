//go:build !linux

package bench

import (
	"errors"
	"time"
)

var begun = time.Now()

// threadTime is the time that has passed: what others do on the processor is counted, too.
func threadTime() int64 { return int64(time.Since(begun)) }

// processTime is the time that has passed.
func processTime() int64 { return threadTime() }

// clock is the time that has passed: no back end but memory is measured here.
func clock() int64 { return threadTime() }

// switches is not known.
func switches() int64 { return 0 }

// pin is not possible.
func pin(int) error { return errors.New("a thread cannot be kept on a processor on this system") }
