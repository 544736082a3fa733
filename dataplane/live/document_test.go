package live

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"vigor/dataplane/netns"
)

// script is a fenced block of a document that has a name: ```sh name.
var script = regexp.MustCompile("(?ms)^```sh (\\S+)\n(.*?)^```$")

// TestBackEndsAsDescribed types what docs/backends.md says, for each driver: frames pass. It has namespaces
// for networks and for /run, so that the names that the document gives are its own.
func TestBackEndsAsDescribed(t *testing.T) {
	netns.Need(t, "ip", "ethtool", "ping", "unshare", "go")
	text, err := os.ReadFile("../../docs/backends.md")
	if err != nil {
		t.Fatal(err)
	}
	scripts := make(map[string]string)
	for _, m := range script.FindAllStringSubmatch(string(text), -1) {
		scripts[m[1]] = m[2]
	}
	bin := t.TempDir()
	if out, err := exec.Command("go", "build", "-o", filepath.Join(bin, "vigor"), "../../cmd/vigor").CombinedOutput(); err != nil {
		t.Fatalf("building the command: %v\n%s", err, out)
	}
	for _, driver := range []string{"afpacket", "afxdp", "tap", "dpdk", "captures"} {
		t.Run(driver, func(t *testing.T) {
			if driver == "dpdk" {
				netns.Need(t, "gcc", "pkg-config")
				if exec.Command("pkg-config", "--exists", "libdpdk").Run() != nil {
					t.Skip("libdpdk-dev is not installed")
				}
			}
			if scripts[driver] == "" {
				t.Fatalf("the document says nothing about %s", driver)
			}
			steps := scripts["hosts"] + scripts[driver] + scripts["ping"]
			want := []string{" 0% packet loss", "driver=" + driver, "msg=drained"}
			if driver == "captures" {
				steps, want = scripts[driver], []string{"received"}
			}
			out, err := typed(t, bin, steps)
			for _, text := range want {
				if err != nil || !strings.Contains(out, text) {
					t.Fatalf("%v, want success and %q:\n%s", err, text, out)
				}
			}
		})
	}
}

// typed runs commands one after another at the root of the repository, until one fails.
func typed(t *testing.T, bin, commands string) (string, error) {
	t.Helper()
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithTimeout(context.Background(), 2*time.Minute)
	defer stop()
	dir := t.TempDir()
	// What is written goes to a folder of the test; packages are found from there, too.
	for _, name := range []string{"go.mod", "go.sum", "nfs", "nf", "packet", "libvig", "dataplane", "internal", "verify", "cmd"} {
		if err := os.Symlink(filepath.Join(root, name), filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.CommandContext(ctx, "unshare", "--mount", "--net", "bash", "-ec", "mount -t tmpfs none /run\n"+commands)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "PATH="+bin+":"+os.Getenv("PATH"))
	cmd.WaitDelay = 5 * time.Second
	out, err := cmd.CombinedOutput()
	return string(out), err
}
