package process

import "golang.org/x/sys/unix"

// arch is the architecture that a system call must be of (linux/audit.h).
const arch = unix.AUDIT_ARCH_AARCH64

// archCalls are the system calls that only this architecture has.
var archCalls []uint32
