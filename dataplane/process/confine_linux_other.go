//go:build linux && !amd64 && !arm64

package process

// arch is 0: there is no list of system calls for this architecture.
const arch = 0

var archCalls []uint32
