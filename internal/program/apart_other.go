//go:build !unix

package program

import "syscall"

// apart changes nothing.
func apart() *syscall.SysProcAttr { return nil }
