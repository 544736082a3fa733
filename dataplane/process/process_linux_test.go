package process_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"vigor/dataplane/process"
)

// role is the variable that tells the test's own binary, started as another process, what to be.
const role = "VIGOR_PROCESS_TEST"

func TestMain(m *testing.M) {
	roles := map[string]func() map[string]string{
		"confined": confined, "root without capabilities": withoutCapabilities, "two ways": becomeTwice,
		"executable memory": executable, "another process": anotherProcess, "x32": otherABI,
	}
	name := os.Getenv(role)
	if name == "" {
		os.Exit(m.Run())
	}
	if err := json.NewEncoder(os.Stdout).Encode(roles[name]()); err != nil {
		os.Exit(9)
	}
}

// be runs this binary in a role, and returns what it says, and how it ended.
func be(t *testing.T, name string) (map[string]string, error) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), role+"="+name)
	var complaints strings.Builder
	cmd.Stderr = &complaints
	text, err := cmd.Output()
	said := map[string]string{}
	if err == nil {
		if problem := json.Unmarshal(text, &said); problem != nil {
			t.Fatalf("%v: %s%s", problem, text, complaints.String())
		}
	}
	return said, err
}

func needRoot(t *testing.T) {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("only root can become another user")
	}
}

// confined does what a program does when it is set up, with a listening socket, many threads and a
// packet socket, and then tries what it may not do, and what it must be able to do.
func confined() map[string]string {
	said := map[string]string{}
	try := func(what string, err error) { said[what] = fmt.Sprint(err) }
	server, err := net.Listen("tcp", "127.0.0.1:0")
	try("listen", err)
	client, err := net.Dial("tcp", server.Addr().String())
	try("dial", err)
	raw, err := unix.Socket(unix.AF_PACKET, unix.SOCK_RAW, 0)
	try("packet socket", err)
	threads(8)

	id, err := process.Find("nobody", "")
	try("find", err)
	try("become", id.Become())
	try("drop", process.DropCapabilities())
	try("confine", process.Confine())

	said["uid"] = fmt.Sprint(os.Getuid(), os.Geteuid())
	try("root again", unix.Setuid(0))
	_, err = os.Open("/etc/passwd")
	try("open", err)
	try("create", os.WriteFile("/tmp/vigor-process-test", nil, 0o600))
	_, err = os.Stat("/")
	try("stat", err)
	try("exec", unix.Exec("/bin/true", []string{"true"}, nil))
	try("fork", exec.Command("/bin/true").Start())
	for name, family := range map[string]int{
		"inet": unix.AF_INET, "inet6": unix.AF_INET6, "unix": unix.AF_UNIX, "packet": unix.AF_PACKET, "netlink": unix.AF_NETLINK, "xdp": unix.AF_XDP,
	} {
		_, err := unix.Socket(family, unix.SOCK_DGRAM, 0)
		try("socket "+name, err)
	}
	try("kill", unix.Kill(1, 0))
	try("signal to init", unix.Tgkill(1, 1, 0))
	try("ptrace", unix.PtraceAttach(os.Getppid()))
	try("mount", unix.Mount("none", "/tmp", "tmpfs", 0, ""))
	try("unshare", unix.Unshare(unix.CLONE_NEWNET))
	flags, _ := unix.NewIfreq("lo")
	try("device flags", unix.IoctlIfreq(raw, unix.SIOCGIFFLAGS, flags))
	try("affinity", unix.SchedSetaffinity(0, &unix.CPUSet{1}))

	threads(8)
	runtime.GC()
	time.Sleep(time.Millisecond)
	peer, err := server.Accept()
	try("accept", err)
	_, err = client.Write([]byte("hello"))
	try("write", err)
	var buffer [5]byte
	_, err = io.ReadFull(peer, buffer[:])
	try("read", err)
	said["heard"] = string(buffer[:])
	try("option", unix.SetsockoptInt(raw, unix.SOL_SOCKET, unix.SO_RCVBUF, 4096))
	try("close", errors.Join(peer.Close(), client.Close(), server.Close(), unix.Close(raw)))
	return said
}

// threads has some threads at the same time, and touches memory that is new.
func threads(n int) {
	var ready atomic.Int32
	done := make(chan bool)
	for range n {
		go func() {
			runtime.LockOSThread()
			_ = make([]byte, 1<<20)
			for ready.Add(1); int(ready.Load()) < n; {
				time.Sleep(time.Millisecond)
			}
			done <- true
		}()
	}
	for range n {
		<-done
	}
}

func TestConfined(t *testing.T) {
	needRoot(t)
	said, err := be(t, "confined")
	if err != nil {
		t.Fatal(err)
	}
	for _, refused := range []string{
		"root again", "open", "create", "stat", "exec", "fork", "socket inet", "socket inet6", "socket unix", "socket packet",
		"socket netlink", "socket xdp", "kill", "signal to init", "ptrace", "mount", "unshare", "affinity", "device flags",
	} {
		if !strings.HasSuffix(said[refused], "operation not permitted") {
			t.Errorf("%s: %s, want that it is not permitted", refused, said[refused])
		}
		delete(said, refused)
	}
	if said["uid"] != "65534 65534" || said["heard"] != "hello" {
		t.Errorf("uid %s, heard %q", said["uid"], said["heard"])
	}
	delete(said, "uid")
	delete(said, "heard")
	for what, outcome := range said {
		if outcome != "<nil>" {
			t.Errorf("%s: %s", what, outcome)
		}
	}
}

// withoutCapabilities stays root, but without what root can do.
func withoutCapabilities() map[string]string {
	threads(4)
	err := process.DropCapabilities()
	_, socket := unix.Socket(unix.AF_PACKET, unix.SOCK_RAW, 0)
	return map[string]string{"drop": fmt.Sprint(err), "socket": fmt.Sprint(socket), "uid": fmt.Sprint(os.Getuid())}
}

func TestDropCapabilities(t *testing.T) {
	needRoot(t)
	said, err := be(t, "root without capabilities")
	if err != nil || said["uid"] != "0" {
		t.Fatalf("%v, %v", said, err)
	}
	if withCgo {
		if !strings.HasSuffix(said["drop"], "a program with cgo loses them only if it becomes another user: set user") {
			t.Errorf("%v, but not all threads can be reached", said)
		}
		return
	}
	if said["drop"] != "<nil>" || said["socket"] != "operation not permitted" {
		t.Errorf("%v", said)
	}
}

// becomeTwice tries to become somebody else when it is nobody already.
func becomeTwice() map[string]string {
	nobody, _ := process.Find("nobody", "daemon")
	first := nobody.Become()
	elsewhere := process.Identity{UID: nobody.UID, GID: 7}.Become()
	second := process.Identity{UID: 1, GID: 1}.Become()
	groups, _ := os.Getgroups()
	return map[string]string{
		"first": fmt.Sprint(first), "again": fmt.Sprint(nobody.Become()), "second": fmt.Sprint(second), "elsewhere": fmt.Sprint(elsewhere),
		"groups": fmt.Sprint(os.Getgid(), groups),
	}
}

func TestBecome(t *testing.T) {
	needRoot(t)
	said, err := be(t, "two ways")
	if err != nil || said["first"] != "<nil>" || said["again"] != "<nil>" || said["groups"] != "1 [1]" {
		t.Errorf("%v, %v", said, err)
	}
	const want = "becoming user 1: only root can, and this process was started by user 65534: start it as root, or leave out user"
	const group = "becoming user 65534 with group 7: this process was started by that user, with group 1: start it as root, or leave out user and group"
	if said["elsewhere"] != group {
		t.Errorf("got  %s\nwant %s", said["elsewhere"], group)
	}
	if said["second"] != want {
		t.Errorf("got  %s\nwant %s", said["second"], want)
	}
}

func TestFind(t *testing.T) {
	for _, test := range []struct{ user, group, want string }{
		{"vigor-no-such-user", "", "user vigor-no-such-user: /etc/passwd has no such user"},
		{"vigor-no-such-user", "0", "user vigor-no-such-user: /etc/passwd has no such user"},
		{"4294967290", "", "user 4294967290: /etc/passwd has no such number, and so no group: set group, too"},
		{"4294967295", "0", "user 4294967295: /etc/passwd has no such user"}, // -1 to the kernel
		{"-1", "0", "user -1: /etc/passwd has no such user"},
		{"root", "vigor-no-such-group", "group vigor-no-such-group: /etc/group has no such group"},
		{"root", "4294967295", "group 4294967295: /etc/group has no such group"},
	} {
		if _, err := process.Find(test.user, test.group); err == nil || err.Error() != test.want {
			t.Errorf("%s %s: %v, want %s", test.user, test.group, err, test.want)
		}
	}
	for _, test := range []struct {
		user, group string
		uid, gid    int
	}{{"0", "0", 0, 0}, {"root", "12345678", 0, 12345678}, {"4294967290", "4294967294", 4294967290, 4294967294}} {
		id, err := process.Find(test.user, test.group)
		if err != nil || id.UID != test.uid || id.GID != test.gid || len(id.Groups) != 1 || id.Groups[0] != test.gid {
			t.Errorf("%s %s: %+v, %v", test.user, test.group, id, err)
		}
	}
}

// executable asks for memory that can be executed.
func executable() map[string]string {
	before, err := unix.Mmap(-1, 0, 4096, unix.PROT_READ|unix.PROT_EXEC, unix.MAP_PRIVATE|unix.MAP_ANON)
	first := err
	confine := process.Confine()
	_, err = unix.Mmap(-1, 0, 4096, unix.PROT_READ|unix.PROT_EXEC, unix.MAP_PRIVATE|unix.MAP_ANON)
	return map[string]string{
		"before": fmt.Sprint(first), "confine": fmt.Sprint(confine), "mmap": fmt.Sprint(err),
		"mprotect": fmt.Sprint(unix.Mprotect(before, unix.PROT_EXEC)), "plain": fmt.Sprint(unix.Mprotect(before, unix.PROT_READ)),
	}
}

func TestExecutableMemory(t *testing.T) {
	said, err := be(t, "executable memory")
	const no = "operation not permitted"
	if err != nil || said["before"] != "<nil>" || said["confine"] != "<nil>" || said["mmap"] != no || said["mprotect"] != no || said["plain"] != "<nil>" {
		t.Errorf("%v, %v", said, err)
	}
}

// anotherProcess forks with each call that can.
func anotherProcess() map[string]string {
	confine := process.Confine()
	_, _, clone := unix.RawSyscall(unix.SYS_CLONE, uintptr(unix.SIGCHLD), 0, 0)
	_, _, clone3 := unix.RawSyscall(unix.SYS_CLONE3, 0, 0, 0)
	_, _, vfork := unix.RawSyscall(unix.SYS_CLONE, unix.CLONE_VM|unix.CLONE_VFORK|uintptr(unix.SIGCHLD), 0, 0)
	return map[string]string{"confine": fmt.Sprint(confine), "clone": clone.Error(), "clone3": clone3.Error(), "vfork": vfork.Error()}
}

func TestNoOtherProcess(t *testing.T) {
	said, err := be(t, "another process")
	if err != nil || said["confine"] != "<nil>" || said["clone"] != "operation not permitted" ||
		said["vfork"] != "operation not permitted" || said["clone3"] != "function not implemented" {
		t.Errorf("%v, %v", said, err)
	}
}

// otherABI makes a harmless system call by its number in the x32 ABI.
func otherABI() map[string]string {
	confine := process.Confine()
	unix.RawSyscall(1<<30|unix.SYS_GETPID, 0, 0, 0)
	return map[string]string{"confine": fmt.Sprint(confine)}
}

func TestOtherABI(t *testing.T) {
	_, err := be(t, "x32")
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.Sys().(interface{ Signaled() bool }).Signaled() == false {
		t.Errorf("the process ends with %v, want by a signal", err)
	}
}

func TestPin(t *testing.T) {
	var now unix.CPUSet
	if err := unix.SchedGetaffinity(0, &now); err != nil {
		t.Fatal(err)
	}
	last := 0
	for core := range 1024 {
		if now.IsSet(core) {
			last = core
		}
	}
	result := make(chan error)
	go func() { // its thread ends with it: it stays locked
		err := process.Pin(last)
		var set unix.CPUSet
		if e := unix.SchedGetaffinity(0, &set); e != nil || set.Count() != 1 || !set.IsSet(last) {
			err = errors.Join(err, e, fmt.Errorf("runs on %d processors", set.Count()))
		}
		result <- err
	}()
	if err := <-result; err != nil {
		t.Error(err)
	}
	go func() { result <- process.Pin(1023) }()
	err := <-result
	if err == nil || !strings.HasPrefix(err.Error(), "pinning the packet thread to processor 1023: invalid argument (this process may use [") {
		t.Errorf("pinning to a processor that does not exist: %v", err)
	}
}
