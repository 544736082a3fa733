package netns

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// Lab is a network: device i of Own, named as [Lab.Devices] says, is connected with device [HostDevice]
// of host i. Nothing has an address yet, there is no IPv6, and no device leaves a checksum or the
// cutting into segments to another one.
type Lab struct {
	Own   *Namespace
	Hosts []*Namespace
}

// HostDevice is the name of each host's only device.
const HostDevice = "eth0"

// programs are what this package starts.
var programs = []string{"ip", "tc", "ethtool", "nsenter"}

// New makes a lab with a number of hosts, at most 99, for the time of a test.
func New(t testing.TB, hosts int) *Lab {
	t.Helper()
	Need(t, programs...)
	l := &Lab{Own: NewNamespace(t)}
	for i, device := range deviceNames(hosts) {
		host := NewNamespace(t)
		l.Hosts = append(l.Hosts, host)
		l.Own.Run(t, "ip", "link", "add", device, "address", fmt.Sprintf("02:00:00:00:01:%02d", i), "type", "veth",
			"peer", "name", HostDevice, "address", fmt.Sprintf("02:00:00:00:02:%02d", i), "netns", host.Path())
		l.Own.start(t, device)
		host.start(t, HostDevice)
	}
	for i, device := range l.Devices() {
		l.Own.Ready(t, device)
		l.Hosts[i].Ready(t, HostDevice)
	}
	return l
}

// Devices are the names of the devices in Own: dev0, dev1 and so on.
func (l *Lab) Devices() []string { return deviceNames(len(l.Hosts)) }

func deviceNames(n int) []string {
	names := make([]string, n)
	for i := range names {
		names[i] = fmt.Sprintf("dev%d", i)
	}
	return names
}

// Need skips a test unless it runs as root and the programs are installed; where CI is set it fails.
func Need(t testing.TB, programs ...string) {
	t.Helper()
	if os.Geteuid() != 0 {
		missing(t, "network namespaces need root")
	}
	for _, program := range programs {
		if _, err := exec.LookPath(program); err != nil {
			missing(t, fmt.Sprintf("%s is not installed; .ci/tools installs it", program))
		}
	}
}

// missing skips, or fails where CI is set.
func missing(t testing.TB, why string) {
	t.Helper()
	if os.Getenv("CI") != "" {
		t.Fatal(why)
	}
	t.Skip(why)
}

// Namespace is a network namespace.
type Namespace struct{ file *os.File }

// NewNamespace makes a namespace with a loopback device alone, for the time of a test.
func NewNamespace(t testing.TB) *Namespace {
	t.Helper()
	Need(t)
	n, err := create()
	if errors.Is(err, unix.EPERM) {
		missing(t, fmt.Sprintf("making a network namespace: %v", err))
	}
	if err != nil {
		t.Fatalf("making a network namespace: %v", err)
	}
	t.Cleanup(func() { n.file.Close() })
	n.Do(t, func() {
		for _, scope := range []string{"all", "default"} {
			err := os.WriteFile("/proc/sys/net/ipv6/conf/"+scope+"/disable_ipv6", []byte("1"), 0)
			if err != nil && !errors.Is(err, fs.ErrNotExist) {
				t.Fatalf("turning IPv6 off: %v", err)
			}
		}
	})
	n.Run(t, "ip", "link", "set", "lo", "up")
	return n
}

// create makes the namespace on a thread that ends afterwards.
func create() (*Namespace, error) {
	type result struct {
		file *os.File
		err  error
	}
	done := make(chan result)
	go func() {
		runtime.LockOSThread() // never unlocked: the thread, which has changed, ends with the goroutine
		if err := unix.Unshare(unix.CLONE_NEWNET); err != nil {
			done <- result{nil, err}
			return
		}
		file, err := os.Open("/proc/thread-self/ns/net")
		done <- result{file, err}
	}()
	r := <-done
	return &Namespace{r.file}, r.err
}

// Path is a file that stands for the namespace, as `nsenter --net` and `ip link set netns` take it,
// while the test process runs.
func (n *Namespace) Path() string {
	return filepath.Join("/proc", fmt.Sprint(os.Getpid()), "fd", fmt.Sprint(n.file.Fd()))
}

// Do calls f on a thread inside the namespace: sockets that f opens belong there for good. Goroutines
// that f starts do not run inside. It is f that may end the test.
func (n *Namespace) Do(t testing.TB, f func()) {
	t.Helper()
	runtime.LockOSThread()
	before, err := os.Open("/proc/thread-self/ns/net")
	if err == nil {
		err = unix.Setns(int(n.file.Fd()), unix.CLONE_NEWNET)
	}
	if err != nil {
		t.Fatalf("entering a network namespace: %v", err)
	}
	defer func() {
		defer before.Close()
		if err := unix.Setns(int(before.Fd()), unix.CLONE_NEWNET); err != nil {
			t.Errorf("leaving a network namespace: %v", err)
			return // the thread stays locked, and ends with the goroutine
		}
		runtime.UnlockOSThread()
	}()
	f()
}

// Command is a program inside the namespace, not yet started. It does not see /sys of the namespace.
func (n *Namespace) Command(ctx context.Context, program string, args ...string) *exec.Cmd {
	return exec.CommandContext(ctx, "nsenter", append([]string{"--net=" + n.Path(), "--", program}, args...)...)
}

// Run runs a program inside the namespace, and returns what it writes to standard output. It ends the
// test if the program fails.
func (n *Namespace) Run(t testing.TB, program string, args ...string) string {
	t.Helper()
	out, err := n.Command(context.Background(), program, args...).Output()
	if err != nil {
		var exit *exec.ExitError
		if errors.As(err, &exit) {
			err = fmt.Errorf("%w: %s", err, exit.Stderr)
		}
		t.Fatalf("%s %s: %v", program, strings.Join(args, " "), err)
	}
	return string(out)
}

// Start starts a program inside the namespace, to run until it ends by itself or the test ends. What it
// writes becomes part of the test's log when it fails.
func (n *Namespace) Start(t testing.TB, program string, args ...string) {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	cmd := n.Command(ctx, program, args...)
	var log strings.Builder
	cmd.Stdout, cmd.Stderr = &log, &log
	if err := cmd.Start(); err != nil {
		stop()
		t.Fatalf("starting %s: %v", program, err)
	}
	t.Cleanup(func() {
		stop()
		if err := cmd.Wait(); t.Failed() {
			t.Logf("%s %s: %v\n%s", program, strings.Join(args, " "), err, log.String())
		}
	})
}

// start brings a device up, with nothing left to do for others.
func (n *Namespace) start(t testing.TB, device string) {
	t.Helper()
	n.Offload(t, device, false)
	n.Run(t, "ip", "link", "set", device, "up")
}

// Ready waits until a device that is up can send. The kernel notices late that both ends of a pair are up,
// and drops what is sent before.
func (n *Namespace) Ready(t testing.TB, device string) {
	t.Helper()
	for limit := time.Now().Add(10 * time.Second); ; time.Sleep(time.Millisecond) {
		state := n.Run(t, "ip", "-o", "link", "show", "dev", device)
		if strings.Contains(state, "state UP") && !strings.Contains(state, "qdisc noop ") {
			return
		}
		if time.Now().After(limit) {
			t.Fatalf("%s does not come up: %s", device, state)
		}
	}
}

// Offload turns on or off that a device may leave checksums and the cutting into segments to the one
// that sends by a real wire, and may join segments that arrive.
func (n *Namespace) Offload(t testing.TB, device string, on bool) {
	t.Helper()
	state := map[bool]string{false: "off", true: "on"}[on]
	args := []string{"-K", device}
	for _, feature := range []string{"rx", "tx", "tso", "gso", "gro"} {
		args = append(args, feature, state)
	}
	n.Run(t, "ethtool", args...)
}

// Address gives a device an address, such as 10.0.0.1/24.
func (n *Namespace) Address(t testing.TB, device, address string) {
	t.Helper()
	n.Run(t, "ip", "address", "add", address, "dev", device)
}

// Route sends what goes to a destination, such as default or 10.0.0.0/8, to a gateway.
func (n *Namespace) Route(t testing.TB, destination, gateway string) {
	t.Helper()
	n.Run(t, "ip", "route", "add", destination, "via", gateway)
}
