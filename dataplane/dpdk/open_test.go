//go:build linux && dpdk && cgo

package dpdk

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"

	"vigor/dataplane"
	"vigor/nf"
)

// TestOpenRefuses: each time the process stays usable, and no device stays open.
func TestOpenRefuses(t *testing.T) {
	alone(t, "net_null5", nf.Forward(0))
	used, retired := len(process.used), len(process.retired)
	more := config("net_null6")
	more.EAL = []string{"--iova-mode=va"}
	other := config("net_null6")
	other.HugePages = !other.HugePages
	large := config("net_null6")
	large.MaxFrame, large.Descriptors = MaxMaxFrame, 32768
	for _, test := range []struct {
		name string
		cfg  Config
		want string
	}{
		{"no such driver", config("net_nosuch0"), "finding device net_nosuch0: "},
		{"no such file", config("net_null6", "net_pcap6,rx_pcap=/nonexistent"), "finding device net_pcap6,rx_pcap=/nonexistent: "},
		{"a device that does not start", config("net_memif6,role=client,socket=/nonexistent"), "starting device net_memif6,role=client,socket=/nonexistent: "},
		{"no such card", config("0000:ff:1f.7"), "finding device 0000:ff:1f.7: "},
		{"open already", config("net_null5"), "device net_null5 is open already"},
		{"another environment", more, "DPDK runs in this process with huge pages " + onOff(!other.HugePages) + " and arguments []"},
		{"other memory", other, "DPDK runs in this process"},
		{"more memory than there is", large, "reserving 66560 buffers of 65024 bytes: cannot allocate memory ("},
		{"what is wrong anywhere", config("eth0"), `"eth0" is neither`},
	} {
		t.Run(test.name, func(t *testing.T) {
			devices, err := Open(test.cfg)
			if err == nil {
				check(t, devices.Close())
			}
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want an error with %q", err, test.want)
			}
			if len(process.used) != used || len(process.retired) != retired {
				t.Errorf("in use are now %v, and %d pools", process.used, len(process.retired))
			}
		})
	}
	again, err := Open(config("net_null6"))
	check(t, err)
	check(t, again.Close())
	if err := again.Close(); err == nil {
		t.Error("closing twice is no error")
	}
}

func onOff(b bool) string {
	if b {
		return "true"
	}
	return "false"
}

func TestPairRefuses(t *testing.T) {
	f := connected(t, 1, 8)
	if err := f.pairs[0].Close(); err == nil || !strings.Contains(err.Error(), "close "+f.pairs[0].A+" first") &&
		!strings.Contains(err.Error(), "close "+f.pairs[0].B+" first") {
		t.Errorf("freeing a pair that is open: %v", err)
	}
	for name, depth := range map[string]int{"": 8, "a name too long": 8, "x": 0, "y": 1<<20 + 1} {
		if _, err := NewPair(config(), name, depth); err == nil {
			t.Errorf("a pair %q of depth %d is made", name, depth)
		}
	}
	if _, err := NewPair(config(), strings.TrimSuffix(strings.TrimPrefix(f.pairs[0].A, "net_ring_"), "A"), 8); err == nil {
		t.Error("a second pair of the same name is made")
	}
	if _, err := NewPair(Config{EAL: []string{"-h"}}, "z", 8); err == nil {
		t.Error("a pair is made with an argument that ends the program")
	}
}

// TestUnopenedPair can be freed, and made again.
func TestUnopenedPair(t *testing.T) {
	for range 2 {
		p, err := NewPair(config(), "unopened", 8)
		check(t, err)
		check(t, p.Close())
	}
}

// TestDescription covers what others are told about devices.
func TestDescription(t *testing.T) {
	_, devices := alone(t, "net_null5", nf.Forward(0))
	if mode := devices.Mode(); !strings.HasPrefix(mode, "DPDK 2") || !strings.Contains(mode, ", net_null, ") {
		t.Errorf("mode %q names no version and driver", mode)
	}
	if mac := devices.MAC(0); mac.IsZero() || mac.IsGroup() {
		t.Errorf("device 0 has the address %v", mac)
	}
	if mac := devices.MAC(1); !mac.IsZero() {
		t.Errorf("device 1, which does not exist, has the address %v", mac)
	}
}

// TestReplay: frames come in turn, with their lengths, in place of what the device receives.
func TestReplay(t *testing.T) {
	loop, devices := alone(t, "net_null5", nf.Forward(0))
	var seen []byte
	loop.SetProcess(func(packets []nf.Packet, actions []nf.Action) {
		for i := range packets {
			f := packets[i].Bytes()
			if len(f) != 60+int(f[0]) {
				t.Errorf("frame %d has %d bytes", f[0], len(f))
			}
			seen = append(seen, f[0])
			f[0] = 99
			actions[i] = nf.Drop(nf.NoReason)
		}
	})
	for _, frames := range [][][]byte{nil, {{}}, {make([]byte, 2049)}, {make([]byte, 60), nil}} {
		if err := devices.Replay(0, frames); err == nil {
			t.Errorf("%d frames are replayed, one of which has a wrong length", len(frames))
		}
	}
	frames := make([][]byte, 3)
	for i := range frames {
		frames[i] = make([]byte, 60+i)
		frames[i][0] = byte(i)
	}
	if err := devices.Replay(1, frames); err == nil {
		t.Error("frames are replayed on a device that does not exist")
	}
	check(t, devices.Replay(0, frames))
	clear(frames[0])
	loop.SetBurst(4)
	step(t, loop)
	step(t, loop)
	if got := string(seen); got != "\x00\x01\x02\x00\x01\x02\x00\x01" {
		t.Errorf("saw %v", seen)
	}
}

// TestBaseline: it forwards as many as it is told, keeps no buffer, and says when nothing arrives.
func TestBaseline(t *testing.T) {
	f := connected(t, 2, 64)
	put(t, f, []dataplane.Frame{{Bytes: make([]byte, 60)}, {Bytes: make([]byte, 60)}})
	check(t, f.near.Baseline(0, 1, 32, 2))
	if got := take(t, f); len(got) != 2 || got[0].Device != 1 || got[1].Device != 1 {
		t.Errorf("%d frames were forwarded", len(got))
	}
	if err := f.near.Baseline(0, 1, 32, 1); err == nil {
		t.Error("frames are forwarded though none arrive")
	}
	for _, wrong := range [][3]int{{2, 0, 32}, {0, 2, 32}, {0, 1, 0}, {0, 1, 65}} {
		if err := f.near.Baseline(nf.Device(wrong[0]), nf.Device(wrong[1]), wrong[2], 1); err == nil {
			t.Errorf("from %d to %d in bursts of %d is accepted", wrong[0], wrong[1], wrong[2])
		}
	}
	full(t, "near", f.near)
	full(t, "far", f.io)
}

// TestHugePages runs the other tests in a process of their own that uses huge pages.
func TestHugePages(t *testing.T) {
	if free := freeHugePages(t); free < 48 {
		t.Skipf("%d huge pages of 2 MB are free, of 48 needed: write a number to /proc/sys/vm/nr_hugepages", free)
	}
	cmd := exec.Command(os.Args[0], "-test.count=1", "-test.skip=^(TestHugePages|TestPacketSocketsConform)$")
	cmd.Env = append(os.Environ(), hugePages+"=1")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

// freeHugePages is the number of free huge pages of the default size.
func freeHugePages(t *testing.T) int {
	text, err := os.ReadFile("/proc/meminfo")
	if err != nil {
		t.Skip(err)
	}
	for line := range strings.Lines(string(text)) {
		var n int
		if _, err := fmt.Sscanf(line, "HugePages_Free: %d", &n); err == nil {
			return n
		}
	}
	return 0
}
