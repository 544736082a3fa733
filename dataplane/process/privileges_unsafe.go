//go:build linux

package process

import (
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// clearCapabilities sets the three sets of each thread to nothing (capset(2)); the kernel then empties
// the ambient set, too. In programs with cgo Go cannot reach all threads, and the answer is ENOTSUP.
func clearCapabilities() error {
	header := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	var sets [2]unix.CapUserData
	_, _, errno := syscall.AllThreadsSyscall(unix.SYS_CAPSET,
		uintptr(unsafe.Pointer(&header)), uintptr(unsafe.Pointer(&sets)), 0)
	if errno != 0 {
		return errno
	}
	return nil
}
