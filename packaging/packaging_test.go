// Package packaging holds what systems need to run a network function as a service or in a container, and
// tests that it names only what exists, and suffices.
package packaging_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"vigor/dataplane/netns"
	"vigor/internal/program"
)

const (
	unitFile      = "vigor-nf@.service"
	containerFile = "Containerfile"
	guide         = "../docs/operating.md"
)

func read(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// settings are the values of a key of the unit.
func settings(t *testing.T, key string) []string {
	t.Helper()
	var values []string
	for _, m := range regexp.MustCompile(`(?m)^`+key+`=(.*)$`).FindAllStringSubmatch(read(t, unitFile), -1) {
		values = append(values, m[1])
	}
	if len(values) == 0 {
		t.Fatalf("%s has no %s", unitFile, key)
	}
	return values
}

// tool skips a test without a program; where CI is set it fails.
func tool(t *testing.T, program string) {
	t.Helper()
	if _, err := exec.LookPath(program); err == nil {
		return
	}
	if os.Getenv("CI") != "" {
		t.Fatalf("%s is not installed; .ci/tools installs it", program)
	}
	t.Skipf("%s is not installed", program)
}

// TestUnitIsUnderstood asks systemd itself, with a program in the place of ours. It accepts keys that it
// does not know, so what it says counts.
func TestUnitIsUnderstood(t *testing.T) {
	tool(t, "systemd-analyze")
	verify := func(text string) string {
		name := filepath.Join(t.TempDir(), "vigor-nf@x.service")
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		out, err := exec.Command("systemd-analyze", "verify", name).CombinedOutput()
		return strings.TrimSpace(fmt.Sprintf("%s%v", out, map[bool]string{true: "", false: " fails"}[err == nil]))
	}
	unit := strings.ReplaceAll(read(t, unitFile), "/usr/local/lib/vigor/%i", "/bin/true")
	if got := verify(unit); got != "" {
		t.Errorf("%s: %s", unitFile, got)
	}
	for old, wrong := range map[string]string{
		"KillMode=mixed":     "KillMood=mixed",
		"Type=notify":        "Type=notified",
		"/bin/true --config": "/bin/no-such-program --config",
		"TimeoutStopSec=10":  "TimeoutStopSec=ten",
		"[Install]":          "[Instal]",
	} {
		if !strings.Contains(unit, old) || verify(strings.Replace(unit, old, wrong, 1)) == "" {
			t.Errorf("%s goes unnoticed", wrong)
		}
	}
}

var (
	flagName = regexp.MustCompile(`(?:^|[\s"'` + "`" + `])--([a-z][a-z-]*)`)
	fence    = regexp.MustCompile("(?ms)^```.*?^```$")
)

// programFlags are the flags of a network function's program.
func programFlags(t *testing.T) []string {
	t.Helper()
	out, err := exec.Command(build(t), "--help").Output()
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, m := range regexp.MustCompile(`(?m)^  -([a-z]+)`).FindAllStringSubmatch(string(out), -1) {
		names = append(names, m[1])
	}
	if !slices.Contains(names, "config") {
		t.Fatalf("no flags in %s", out)
	}
	return names
}

// commandFlags are the flags of a vigor command.
func commandFlags(t *testing.T, command string) []string {
	t.Helper()
	out, err := exec.Command("go", "run", "vigor/cmd/vigor", command, "--help").Output()
	if err != nil {
		t.Fatalf("vigor %s --help: %v", command, err)
	}
	var names []string
	for _, m := range flagName.FindAllStringSubmatch(string(out), -1) {
		names = append(names, m[1])
	}
	return names
}

// unknown lists flags in a text that are not among names.
func unknown(text string, names []string) []string {
	var found []string
	for _, m := range flagName.FindAllStringSubmatch(text, -1) {
		if !slices.Contains(names, m[1]) {
			found = append(found, m[1])
		}
	}
	return found
}

// TestFlagsExist: those that the unit, the container and the guide give to the program.
func TestFlagsExist(t *testing.T) {
	flags := programFlags(t)
	if got := unknown("nat --config x --no-such y", flags); len(got) != 1 || got[0] != "no-such" {
		t.Errorf("of one unknown flag %q are found", got)
	}
	for _, key := range []string{"ExecStart", "ExecStartPre"} {
		if got := unknown(settings(t, key)[0], flags); len(got) > 0 {
			t.Errorf("%s gives the program the flags %q", key, got)
		}
	}
	var entry []string
	line := regexp.MustCompile(`(?m)^ENTRYPOINT (.*)$`).FindStringSubmatch(read(t, containerFile))
	if line == nil || json.Unmarshal([]byte(line[1]), &entry) != nil || entry[0] != "/nf" {
		t.Fatalf("the container's program is %q", line)
	}
	if got := unknown(strings.Join(entry, " "), flags); len(got) > 0 {
		t.Errorf("the container gives the program the flags %q", got)
	}
	for _, command := range []string{"build", "run", "show"} {
		flags = append(flags, commandFlags(t, command)...)
	}
	if got := unknown(fence.ReplaceAllString(read(t, guide), ""), flags); len(got) > 0 {
		t.Errorf("%s names the flags %q, which neither the program nor vigor has", guide, got)
	}
	if !strings.Contains(read(t, containerFile), `go run vigor/cmd/vigor build "$NF" -o /nf`) {
		t.Errorf("%s does not build with vigor build", containerFile)
	}
}

// build makes the program of the wire, where everybody may run it.
func build(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.Chmod(filepath.Dir(dir), 0o755); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "nop")
	if _, err := (program.Install{Dir: "..", Package: "./nfs/nop", File: file}).Install(t.Context()); err != nil {
		t.Fatal(err)
	}
	return file
}

// run starts the program in a network with two devices, under setpriv with some arguments. It returns the
// program's log up to its first packet, and its exit status after it was told to end.
func run(t *testing.T, binary string, lab *netns.Lab, driver string, privileges []string, more string) (log string, status int) {
	t.Helper()
	dir := t.TempDir()
	if err := os.Chmod(filepath.Dir(dir), 0o755); err != nil {
		t.Fatal(err)
	}
	config := "left: 0\nright: 1\ndataplane:\n  driver: " + driver + "\n  devices:\n"
	for _, device := range lab.Devices() {
		if driver == "tap" {
			device = "v" + device
		}
		config += "    - interface: " + device + "\n"
	}
	name := filepath.Join(dir, "nf.yaml")
	if err := os.WriteFile(name, []byte(config+more), 0o644); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	args := append(slices.Clone(privileges), "--", binary, "--config", name)
	cmd := lab.Own.Command(ctx, "setpriv", args...)
	stderr, err := cmd.StderrPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(stderr)
	for lines.Scan() {
		log += lines.Text() + "\n"
		if strings.Contains(lines.Text(), "msg=running") {
			if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
				t.Error(err)
			}
		}
	}
	var exit *exec.ExitError
	if err := cmd.Wait(); errors.As(err, &exit) {
		return log, exit.ExitCode()
	} else if err != nil {
		t.Fatal(err)
	}
	return log, 0
}

// set is a list of capabilities as setpriv takes it.
func set(capabilities []string) string {
	list := "-all"
	for _, c := range capabilities {
		list += ",+" + strings.ToLower(strings.TrimPrefix(c, "CAP_"))
	}
	return list
}

// TestUnitSuffices starts each driver with what the unit grants, as nobody, and with less.
func TestUnitSuffices(t *testing.T) {
	netns.Need(t, "setpriv")
	granted := strings.Fields(settings(t, "AmbientCapabilities")[0])
	if bound := strings.Fields(settings(t, "CapabilityBoundingSet")[0]); !slices.Equal(bound, granted) {
		t.Errorf("the bounding set is %v, granted are %v", bound, granted)
	}
	as := func(capabilities []string) []string {
		return []string{"--reuid=65534", "--regid=65534", "--clear-groups", "--no-new-privs",
			"--inh-caps=" + set(capabilities), "--ambient-caps=" + set(capabilities), "--bounding-set=" + set(capabilities)}
	}
	lab, binary := netns.New(t, 2), build(t)
	for _, driver := range []string{"afpacket", "afxdp", "tap"} {
		log, status := run(t, binary, lab, driver, as(granted), "")
		if status != 0 || !strings.Contains(log, "uid=65534 confined=true") || !strings.Contains(log, "msg=drained") {
			t.Errorf("%s ends with %d:\n%s", driver, status, log)
		}
	}
	for _, needed := range granted {
		less := slices.DeleteFunc(slices.Clone(granted), func(c string) bool { return c == needed })
		missed := false
		for _, driver := range []string{"afpacket", "afxdp", "tap"} {
			log, status := run(t, binary, lab, driver, as(less), "")
			missed = missed || status == 2 && !strings.Contains(log, "msg=running")
		}
		if !missed {
			t.Errorf("nothing needs %s", needed)
		}
	}
}

// TestContainerSuffices starts the program as root with what the container is granted, to become another
// user, and with less.
func TestContainerSuffices(t *testing.T) {
	netns.Need(t, "setpriv")
	m := regexp.MustCompile(`--cap-add (\S+)`).FindStringSubmatch(read(t, containerFile))
	if m == nil {
		t.Fatal("no capabilities are added")
	}
	granted := strings.Split(m[1], ",")
	lab, binary := netns.New(t, 2), build(t)
	const user = "  user: 65534\n  group: 65534\n"
	for _, driver := range []string{"afpacket", "afxdp"} {
		log, status := run(t, binary, lab, driver, []string{"--bounding-set=" + set(granted)}, user)
		if status != 0 || !strings.Contains(log, "uid=65534 confined=true") {
			t.Errorf("%s ends with %d:\n%s", driver, status, log)
		}
	}
	for _, needed := range []string{"NET_RAW", "SETUID", "SETGID"} {
		less := slices.DeleteFunc(slices.Clone(granted), func(c string) bool { return c == needed })
		log, status := run(t, binary, lab, "afpacket", []string{"--bounding-set=" + set(less)}, user)
		if len(less) == len(granted) || status != 2 || strings.Contains(log, "msg=running") {
			t.Errorf("without %s it ends with %d:\n%s", needed, status, log)
		}
	}
}
