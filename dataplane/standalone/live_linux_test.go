package standalone_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"vigor/dataplane/control"
	"vigor/dataplane/netns"
	"vigor/dataplane/standalone"
)

// asProgram is the variable with which the test's own binary is the program under test.
const asProgram = "VIGOR_STANDALONE_TEST"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		standalone.Main(hungUp, identity)
		return
	}
	os.Exit(m.Run())
}

// running is a program in a network of its own.
type running struct {
	cmd    *exec.Cmd
	config string // its name
	log    *bufio.Reader
	seen   strings.Builder
	stdout bytes.Buffer
}

// launch starts the program on a configuration, and returns when it says that it runs.
func launch(t *testing.T, inside *netns.Namespace, text string) *running {
	t.Helper()
	name := filepath.Join(t.TempDir(), "nf.yaml")
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	r := &running{config: name, cmd: inside.Command(ctx, os.Args[0], "--config", name)}
	r.cmd.Env = append(os.Environ(), asProgram+"=1")
	r.cmd.Stdout = &r.stdout
	stderr, err := r.cmd.StderrPipe()
	if err == nil {
		err = r.cmd.Start()
	}
	if err != nil {
		cancel()
		t.Fatal(err)
	}
	r.log = bufio.NewReader(stderr)
	t.Cleanup(func() {
		cancel()
		_ = r.cmd.Wait() // has been waited for, if all went well
		if t.Failed() {
			t.Logf("the program's log:\n%s", r.seen.String())
		}
	})
	r.wait(t, "msg=running")
	return r
}

// wait reads the log up to a line with some text, and returns the line.
func (r *running) wait(t *testing.T, text string) string {
	t.Helper()
	for {
		line, err := r.log.ReadString('\n')
		r.seen.WriteString(line)
		if strings.Contains(line, text) {
			return line
		}
		if err != nil {
			t.Fatalf("the log ends before %q:\n%s", text, r.seen.String())
		}
	}
}

// end sends a signal and returns how the program ends.
func (r *running) end(t *testing.T, s os.Signal) error {
	t.Helper()
	if err := r.cmd.Process.Signal(s); err != nil {
		t.Fatal(err)
	}
	rest, _ := io.ReadAll(r.log)
	r.seen.Write(rest)
	return r.cmd.Wait()
}

// frame is one that no protocol knows.
func frame(n byte) []byte {
	f := make([]byte, 60)
	copy(f, []byte{2, 0, 0, 0, 0, 9, 2, 0, 0, 0, 0, 8, 0x88, 0xB5, n})
	return f
}

// section is a configuration for two devices.
func section(driver string, devices []string, more string) string {
	text := fmt.Sprintf("left: 0\nright: 1\ndataplane:\n  driver: %s\n  devices:\n", driver)
	for _, d := range devices {
		text += "    - interface: " + d + "\n"
	}
	return text + more
}

// TestLive runs on devices as a service does: as nobody, confined, until it is told to end.
func TestLive(t *testing.T) {
	core := firstCore(t)
	for _, driver := range []string{"afpacket", "afxdp"} {
		t.Run(driver, func(t *testing.T) {
			lab := netns.New(t, 2)
			left, right := lab.Hosts[0].Wire(t, netns.HostDevice), lab.Hosts[1].Wire(t, netns.HostDevice)
			r := launch(t, lab.Own, section(driver, lab.Devices(), "  user: nobody\n  cores: ["+core+"]\n  huge_pages: true\n"))
			for n := range byte(50) {
				if err := left.Send(frame(n)); err != nil {
					t.Fatal(err)
				}
				got, err := right.Next(5 * time.Second)
				if err != nil || !bytes.Equal(got, frame(n)) {
					t.Fatalf("frame %d: got %x, %v", n, got, err)
				}
			}
			outside(t, r.cmd.Process.Pid, "65534", "2")
			if !pinned(t, r.cmd.Process.Pid, core) {
				t.Errorf("no thread is pinned to processor %s alone", core)
			}
			if err := right.Send(frame(99)); err != nil { // which the function drops
				t.Fatal(err)
			}
			time.Sleep(50 * time.Millisecond)
			if err := r.end(t, syscall.SIGTERM); err != nil {
				t.Errorf("the program ends with %v", err)
			}
			const want = "device  received  sent  dropped\n0       50        0     0\n1       1         50    1\n"
			if !strings.HasPrefix(r.stdout.String(), want) || !strings.Contains(r.seen.String(), "msg=drained") {
				t.Errorf("got\n%s\nwant\n%s", r.stdout.String(), want)
			}
		})
	}
}

// reload changes the configuration, tells the program, and returns what it logs.
func (r *running) reload(t *testing.T, text string) string {
	t.Helper()
	if err := os.WriteFile(r.config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := r.cmd.Process.Signal(syscall.SIGHUP); err != nil {
		t.Fatal(err)
	}
	return r.wait(t, "reloaded")
}

// passes sends a frame by one wire, and reports whether it arrives at the other.
func passes(t *testing.T, from, to *netns.Wire, wait time.Duration) bool {
	t.Helper()
	if err := from.Send(frame(7)); err != nil {
		t.Fatal(err)
	}
	got, err := to.Next(wait)
	if err != nil {
		t.Fatal(err)
	}
	return bytes.Equal(got, frame(7))
}

// TestReload: a program that may open no file applies a file that only root may read; what it refuses
// changes nothing.
func TestReload(t *testing.T) {
	lab := netns.New(t, 2)
	left, right := lab.Hosts[0].Wire(t, netns.HostDevice), lab.Hosts[1].Wire(t, netns.HostDevice)
	text := section("afpacket", lab.Devices(), "  user: nobody\n")
	heard, name := serviceManager(t)
	t.Setenv("NOTIFY_SOCKET", name)
	r := launch(t, lab.Own, text)
	const short = 100 * time.Millisecond
	if !passes(t, left, right, 5*time.Second) || passes(t, right, left, short) {
		t.Fatal("frames should pass from left to right only")
	}
	turned := strings.Replace(text, "left: 0\nright: 1", "left: 1\nright: 0", 1)
	for _, test := range []struct{ text, want string }{
		{turned + "  burst: 7\n", "burst in the section dataplane would change: restart to change how the function is run"},
		{strings.Replace(turned, "dev1", "dev2", 1), "devices in the section dataplane would change"},
		{"left: 1\nright: 0\n", "the section dataplane is gone"},
		{strings.Replace(turned, "right: 0", "right: 1", 1), "left is right"},
		{strings.Replace(turned, "right: 0", "right: 2", 1), "right is 2 of 2"},
		{strings.Replace(turned, "right", "wrong", 1), "unknown field wrong"},
		{"", "the file is empty"},
	} {
		if line := r.reload(t, test.text); !strings.Contains(line, "level=ERROR") || !strings.Contains(line, test.want) {
			t.Errorf("got %swant %s", line, test.want)
		}
	}
	if !passes(t, left, right, 5*time.Second) || passes(t, right, left, short) {
		t.Error("what was refused has changed something")
	}
	if line := r.reload(t, turned); !strings.Contains(line, "level=INFO msg=reloaded") {
		t.Error(line)
	}
	if !passes(t, right, left, 5*time.Second) || passes(t, left, right, short) {
		t.Error("frames should pass from right to left only")
	}
	if err := r.end(t, syscall.SIGINT); err != nil {
		t.Error(err)
	}
	want := "READY=1 " + strings.Repeat("RELOADING=1 READY=1 ", 8) + "STOPPING=1"
	if got := <-heard; got != want {
		t.Errorf("the service manager hears %s, want %s", got, want)
	}
}

// serviceManager listens as one does, at a socket with a name, and tells all that it has heard at the end.
func serviceManager(t *testing.T) (heard chan string, name string) {
	t.Helper()
	name, heard = filepath.Join(t.TempDir(), "notify"), make(chan string, 1)
	conn, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: name, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	go func() {
		var all []string
		for len(all) == 0 || all[len(all)-1] != "STOPPING=1" {
			var state [64]byte
			n, err := conn.Read(state[:])
			if err != nil {
				break
			}
			all = append(all, string(state[:n]))
		}
		heard <- strings.Join(all, " ")
	}()
	return heard, name
}

// TestDeviceGone: a program whose device vanishes ends with what it has counted, and says which.
func TestDeviceGone(t *testing.T) {
	for _, driver := range []string{"afpacket", "afxdp"} {
		t.Run(driver, func(t *testing.T) {
			lab := netns.New(t, 2)
			r := launch(t, lab.Own, section(driver, lab.Devices(), "  user: nobody\n"))
			lab.Own.Run(t, "ip", "link", "delete", "dev1")
			rest, _ := io.ReadAll(r.log)
			err := r.cmd.Wait()
			var exit *exec.ExitError
			if !errors.As(err, &exit) || exit.ExitCode() != 2 || !strings.Contains(string(rest), "dev1") {
				t.Errorf("%v: %s", err, rest)
			}
			if !strings.HasPrefix(r.stdout.String(), "device  received  sent  dropped\n0 ") {
				t.Errorf("the table is %q", r.stdout.String())
			}
		})
	}
}

// TestMetrics: a confined program answers, and says when it drains.
func TestMetrics(t *testing.T) {
	netns.Need(t, "curl")
	lab := netns.New(t, 2)
	left, right := lab.Hosts[0].Wire(t, netns.HostDevice), lab.Hosts[1].Wire(t, netns.HostDevice)
	r := launch(t, lab.Own, section("afpacket", lab.Devices(), "  user: nobody\n  metrics: 127.0.0.1:0\n"))
	_, address, ok := strings.Cut(r.seen.String(), "address=")
	if !ok {
		t.Fatalf("no address in the log: %s", r.seen.String())
	}
	address, _, _ = strings.Cut(address, "\n")
	if !passes(t, left, right, 5*time.Second) {
		t.Fatal("no frame passes")
	}
	for path, want := range map[string]string{
		"/healthz": "ok\n", "/readyz": "ok\n",
		"/metrics": `identity="sha256:00",nf="vigor/nfs/wire",outcome="proved"} 1`,
	} {
		if got := lab.Own.Run(t, "curl", "-sS", "http://"+address+path); !strings.Contains(got, want) {
			t.Errorf("%s: got %q, want %q", path, got, want)
		}
	}
	text := section("afpacket", lab.Devices(), "  user: nobody\n  metrics: 127.0.0.1:0\n")
	r.reload(t, text)
	r.reload(t, strings.Replace(text, "right: 1", "right: 0", 1)) // refused
	got := lab.Own.Run(t, "curl", "-sS", "http://"+address+"/metrics")
	for _, want := range []string{`vigor_reloads_total{outcome="applied"} 1`, `vigor_reloads_total{outcome="refused"} 1`} {
		if !strings.Contains(got, want) {
			t.Errorf("after two reloads there is no %s", want)
		}
	}
	lab.Hosts[1].Run(t, "ip", "link", "set", netns.HostDevice, "down")
	for limit := time.Now().Add(10 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		got := lab.Own.Run(t, "curl", "-sS", "http://"+address+"/readyz")
		if strings.Contains(got, "interface dev1 has no carrier") {
			break
		}
		if time.Now().After(limit) {
			t.Fatalf("without a carrier: /readyz is %q", got)
		}
	}
	if got := lab.Own.Run(t, "curl", "-sS", "http://"+address+"/healthz"); got != "ok\n" {
		t.Errorf("without a carrier: /healthz is %q", got)
	}
	if err := r.end(t, syscall.SIGTERM); err != nil {
		t.Error(err)
	}
}

// TestControl: a confined program answers at its socket, which is its user's, and replaces one that was
// left behind.
func TestControl(t *testing.T) {
	lab := netns.New(t, 2)
	socket := filepath.Join(t.TempDir(), "nf.sock")
	for range 2 {
		r := launch(t, lab.Own, section("afpacket", lab.Devices(), "  user: nobody\n  control: "+socket+"\n"))
		rows := map[string]int{}
		for _, report := range []string{"tables", "counters", "devices", "build"} {
			err := control.Ask(t.Context(), socket, control.Request{Report: report}, func(a control.Answer) error {
				rows[report] += len(a.Rows)
				return nil
			})
			if err != nil {
				t.Errorf("%s: %v", report, err)
			}
		}
		info, err := os.Stat(socket)
		if err != nil || info.Sys().(*syscall.Stat_t).Uid != 65534 || rows["devices"] != 2 || rows["build"] == 0 {
			t.Errorf("%v, %v, rows %v", info, err, rows)
		}
		if err := r.end(t, syscall.SIGTERM); err != nil || strings.Contains(r.seen.String(), "ERROR") {
			t.Error(err, r.seen.String())
		}
	}
	if err := os.Remove(socket); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(socket, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := refused(t, lab.Own, section("afpacket", lab.Devices(), "  control: "+socket+"\n")); err != nil || !strings.Contains(out, "nf.sock is no socket: give another path") {
		t.Errorf("a file in the socket's place: %s%v", out, err)
	}
}

// firstCore is the number of a processor that may be used.
func firstCore(t *testing.T) string {
	t.Helper()
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		t.Fatal(err)
	}
	_, list, _ := strings.Cut(string(status), "\nCpus_allowed_list:\t")
	return list[:strings.IndexAny(list, "-,\n")]
}

// pinned reports whether a thread of a process may run on a list of processors only.
func pinned(t *testing.T, pid int, list string) bool {
	t.Helper()
	threads, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/status", pid))
	if err != nil {
		t.Fatal(err)
	}
	for _, thread := range threads {
		if status, _ := os.ReadFile(thread); strings.Contains(string(status), "\nCpus_allowed_list:\t"+list+"\n") {
			return true
		}
	}
	return false
}

// outside looks at the threads of a process: whose they are, and whether they are confined.
func outside(t *testing.T, pid int, uid, seccomp string) {
	t.Helper()
	threads, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/status", pid))
	if err != nil || len(threads) < 2 {
		t.Fatalf("threads %v, %v", threads, err)
	}
	ids := strings.Repeat("\t"+uid, 4)
	for _, thread := range threads {
		status, err := os.ReadFile(thread)
		for _, want := range []string{
			"\nUid:" + ids + "\n", "\nGid:" + ids + "\n", "\nSeccomp:\t" + seccomp + "\n", "\nNoNewPrivs:\t1\n",
			"\nCapPrm:\t0000000000000000\n", "\nCapEff:\t0000000000000000\n",
		} {
			if !errors.Is(err, os.ErrNotExist) && !strings.Contains(string(status), want) {
				t.Errorf("%s does not say %q:\n%s", thread, want, status)
			}
		}
	}
}

// TestLiveRefuses: what cannot run does not start, and says why.
func TestLiveRefuses(t *testing.T) {
	lab := netns.New(t, 2)
	for _, test := range []struct{ name, text, want string }{
		{"no such device", section("afxdp", []string{"none0", "none1"}, ""), "device none0: "},
		{"no such user", section("afxdp", []string{"none0", "none1"}, "  user: vigor-nobody\n"),
			"nf.yaml: user vigor-nobody: /etc/passwd has no such user"},
		{"no tap", section("tap", []string{"vtap0", "lo"}, ""), "lo"},
		{"dpdk is not built in", section("dpdk", []string{"net_ring0", "net_ring1"}, ""), "dpdk is not built in: on Linux, install gcc"},
		{"metrics elsewhere", section("afpacket", lab.Devices(), "  metrics: 192.0.2.1:0\n"), "serving metrics: listen tcp 192.0.2.1:0"},
		{"no such processor", section("afpacket", lab.Devices(), "  cores: [1023]\n"), "pinning the packet thread to processor 1023"},
		{"no such group", section("afxdp", []string{"none0", "none1"}, "  user: nobody\n  group: vigor-nobody\n"),
			"nf.yaml: group vigor-nobody: /etc/group has no such group"},
		{"two shards of what cannot be split", section("afxdp", []string{"none0", "none1"}, "  shards: 2\n"),
			"nf.yaml: 2 shards: this network function cannot be split"},
	} {
		t.Run(test.name, func(t *testing.T) {
			out, err := refused(t, lab.Own, test.text)
			if err != nil || !strings.Contains(out, test.want) || strings.Contains(out, "msg=running") {
				t.Errorf("%v, %s; want %q", err, out, test.want)
			}
		})
	}
}

// refused runs the program to its end, and returns what it says. The error is about another exit status
// than 2.
func refused(t *testing.T, inside *netns.Namespace, text string) (string, error) {
	t.Helper()
	name := filepath.Join(t.TempDir(), "nf.yaml")
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := inside.Command(t.Context(), os.Args[0], "--config", name)
	cmd.Env = append(os.Environ(), asProgram+"=1")
	out, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	if errors.As(err, &exit) && exit.ExitCode() == 2 {
		return string(out), nil
	}
	return string(out), fmt.Errorf("ends with %v", err)
}
