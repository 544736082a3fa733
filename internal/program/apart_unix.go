//go:build unix

package program

import "syscall"

// apart has a program run in a process group of its own: signals from the terminal reach it once, through
// this process, and not a second time by themselves.
func apart() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }
