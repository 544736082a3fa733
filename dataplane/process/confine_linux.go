package process

import (
	"fmt"
	"slices"

	"golang.org/x/sys/unix"
)

// calls are the system calls that a confined program may make, whatever their arguments. They work on
// memory, on its own threads, on time, and on what is already open.
var calls = slices.Concat(archCalls, []uint32{
	// Open files and sockets; accept4 gives a new one, of a socket that listens already.
	unix.SYS_READ, unix.SYS_WRITE, unix.SYS_READV, unix.SYS_WRITEV, unix.SYS_PREAD64, unix.SYS_CLOSE,
	unix.SYS_FSTAT, unix.SYS_LSEEK, unix.SYS_FCNTL,
	unix.SYS_SENDTO, unix.SYS_RECVFROM, unix.SYS_SENDMSG, unix.SYS_RECVMSG, unix.SYS_SENDMMSG, unix.SYS_RECVMMSG,
	unix.SYS_ACCEPT4, unix.SYS_SHUTDOWN, unix.SYS_GETSOCKNAME, unix.SYS_GETPEERNAME,
	unix.SYS_SETSOCKOPT, unix.SYS_GETSOCKOPT,
	unix.SYS_PPOLL, unix.SYS_EPOLL_CREATE1, unix.SYS_EPOLL_CTL, unix.SYS_EPOLL_PWAIT, unix.SYS_EVENTFD2,
	// Memory; for mmap and mprotect see below.
	unix.SYS_MUNMAP, unix.SYS_MADVISE, unix.SYS_BRK, unix.SYS_MREMAP,
	// Threads and signals; for clone and tgkill see below.
	unix.SYS_FUTEX, unix.SYS_GETPID, unix.SYS_GETTID, unix.SYS_GETUID, unix.SYS_GETEUID, unix.SYS_GETGID, unix.SYS_GETEGID,
	unix.SYS_SCHED_YIELD, unix.SYS_SCHED_GETAFFINITY,
	unix.SYS_RT_SIGACTION, unix.SYS_RT_SIGPROCMASK, unix.SYS_RT_SIGRETURN, unix.SYS_SIGALTSTACK,
	unix.SYS_SET_ROBUST_LIST, unix.SYS_RSEQ, unix.SYS_RESTART_SYSCALL, unix.SYS_EXIT, unix.SYS_EXIT_GROUP,
	// Time and chance.
	unix.SYS_NANOSLEEP, unix.SYS_CLOCK_NANOSLEEP, unix.SYS_CLOCK_GETTIME, unix.SYS_GETTIMEOFDAY, unix.SYS_GETRANDOM,
})

// condition allows a system call for some values of an argument's lower half: if it has one of the bits of
// k, or with the test BPF_JEQ is k; or, with not, if that is not so.
type condition struct {
	call     uint32
	argument uint32
	test     uint16
	k        uint32
	not      bool
}

// conditions are the system calls that are allowed for some arguments only.
func conditions() []condition {
	return []condition{
		// Memory that can be executed is made by nobody but linkers and attackers.
		{unix.SYS_MMAP, 2, unix.BPF_JSET, unix.PROT_EXEC, true},
		{unix.SYS_MPROTECT, 2, unix.BPF_JSET, unix.PROT_EXEC, true},
		// A new thread, never a new process.
		{unix.SYS_CLONE, 0, unix.BPF_JSET, unix.CLONE_THREAD, false},
		// Signals to threads of this process, with which Go preempts them.
		{unix.SYS_TGKILL, 0, unix.BPF_JEQ, uint32(unix.Getpid()), false},
	}
}

const (
	// Offsets in struct seccomp_data of linux/seccomp.h, on a machine that stores the lower half first.
	offsetCall     = 0
	offsetArch     = 4
	offsetArgument = 16 // of the first of six, 8 bytes each

	x32 = 0x40000000 // set in calls of the x32 ABI on amd64, which have the architecture of amd64

	allow  = unix.SECCOMP_RET_ALLOW
	refuse = unix.SECCOMP_RET_ERRNO | uint32(unix.EPERM)
	absent = unix.SECCOMP_RET_ERRNO | uint32(unix.ENOSYS)
	kill   = unix.SECCOMP_RET_KILL_PROCESS
)

// Confine leaves all threads of this process, and those to come, the system calls of the list above: the
// kernel sets the filter for all of them, or for none.
func Confine() error {
	if arch == 0 {
		return fmt.Errorf("confining the process: the list of system calls is for amd64 and arm64 only: set confine to false")
	}
	if err := installFilter(filter()); err != nil {
		return fmt.Errorf("confining the process: %w: if this kernel has no seccomp, set confine to false", err)
	}
	return nil
}

// filter is the list as a program of classic BPF: each instruction reads a word of struct seccomp_data,
// compares, or returns what is to happen.
func filter() []unix.SockFilter {
	load := func(offset uint32) unix.SockFilter {
		return unix.SockFilter{Code: unix.BPF_LD | unix.BPF_W | unix.BPF_ABS, K: offset}
	}
	jump := func(test uint16, k uint32, yes, no uint8) unix.SockFilter {
		return unix.SockFilter{Code: unix.BPF_JMP | unix.BPF_K | test, Jt: yes, Jf: no, K: k}
	}
	answer := func(a uint32) unix.SockFilter { return unix.SockFilter{Code: unix.BPF_RET | unix.BPF_K, K: a} }

	program := []unix.SockFilter{
		load(offsetArch), jump(unix.BPF_JEQ, arch, 1, 0), answer(kill),
		load(offsetCall), jump(unix.BPF_JGE, x32, 0, 1), answer(kill),
	}
	for _, call := range calls {
		program = append(program, jump(unix.BPF_JEQ, call, 0, 1), answer(allow))
	}
	for _, c := range conditions() {
		yes, no := uint32(allow), refuse
		if c.not {
			yes, no = no, yes
		}
		program = append(program, jump(unix.BPF_JEQ, c.call, 0, 4), load(offsetArgument+8*c.argument),
			jump(c.test, c.k, 0, 1), answer(yes), answer(no))
	}
	// The C library takes this answer for an old kernel, and makes threads with clone: the arguments of
	// clone3 are in memory, where a filter cannot look.
	program = append(program, jump(unix.BPF_JEQ, unix.SYS_CLONE3, 0, 1), answer(absent))
	return append(program, answer(refuse))
}
