package afxdp

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"runtime"
	"strings"
	"testing"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/asm"
	"github.com/cilium/ebpf/link"
	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"

	"vigor/dataplane/netns"
)

func TestConfigErrors(t *testing.T) {
	for name, test := range map[string]struct {
		devices []string
		cfg     Config
		want    string
	}{
		"no device":         {nil, Config{}, "0 devices: the number must be 1 to 64"},
		"too many devices":  {make([]string, 65), Config{}, "65 devices: the number must be 1 to 64"},
		"negative queue":    {[]string{"x"}, Config{Queue: -1}, "queue -1: queues are numbered 0 to 255"},
		"large queue":       {[]string{"x"}, Config{Queue: 256}, "queue 256: queues are numbered 0 to 255"},
		"no shards":         {[]string{"x"}, Config{Shards: -1}, "queue 0 of -1 shards"},
		"many shards":       {[]string{"x"}, Config{Shards: 257}, "queue 0 of 257 shards"},
		"queue of no shard": {[]string{"x"}, Config{Queue: 2, Shards: 2}, "queue 2 of 2 shards: shards have queues 0 to their number less one"},
		"small rings":       {[]string{"x"}, Config{Ring: 32}, "rings of 32 entries: the number must be a power of two from 64 to 32768"},
		"large rings":       {[]string{"x"}, Config{Ring: 65536}, "rings of 65536 entries"},
		"no power of two":   {[]string{"x"}, Config{Ring: 96}, "rings of 96 entries"},
		"a negative number": {[]string{"x"}, Config{Ring: -64}, "rings of -64 entries"},
	} {
		t.Run(name, func(t *testing.T) {
			if x, err := Open(test.devices, test.cfg); err == nil || x != nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want %s", err, test.want)
			}
		})
	}
}

// TestDeviceErrors has the second of two devices in a state that Open must refuse. What was done for the
// first one is undone: see clean.
func TestDeviceErrors(t *testing.T) {
	for name, test := range map[string]struct {
		prepare func(t *testing.T, lab *netns.Lab) []string
		cfg     Config
		want    []string
	}{
		"unknown": {
			func(*testing.T, *netns.Lab) []string { return []string{"dev0", "eth7"} },
			Config{}, []string{"device eth7: ", "no such network interface", "`ip link` lists those"},
		},
		"twice": {
			func(*testing.T, *netns.Lab) []string { return []string{"dev0", "dev0"} },
			Config{}, []string{"device dev0 is named twice"},
		},
		"down": {
			func(t *testing.T, lab *netns.Lab) []string {
				lab.Own.Run(t, "ip", "link", "set", "dev1", "down")
				return lab.Devices()
			},
			Config{}, []string{"device dev1 is down: `ip link set dev dev1 up`"},
		},
		"long frames": {
			func(t *testing.T, lab *netns.Lab) []string {
				lab.Own.Run(t, "ip", "link", "set", "dev1", "mtu", "3819")
				return lab.Devices()
			},
			Config{}, []string{"device dev1 has an MTU of 3819, more than the 3818", "`ip link set dev dev1 mtu 3818`"},
		},
		"no such queue": {
			func(_ *testing.T, lab *netns.Lab) []string { return lab.Devices() },
			Config{Queue: 1}, []string{"dev0, queue 1: binding: invalid argument", "`ethtool -l dev0` shows how many"},
		},
		"queues that pass by": {
			func(t *testing.T, lab *netns.Lab) []string {
				lab.Own.Run(t, "ip", "link", "add", "wide", "numrxqueues", "3", "type", "veth", "peer", "name", "peer")
				lab.Own.Run(t, "ip", "link", "set", "wide", "up")
				return []string{"dev0", "wide"}
			},
			Config{Shards: 2, Queue: 0}, []string{"device wide has 3 receive queues for 2 shards", "`ethtool -L wide combined 2` (or rx 2)"},
		},
		"a program with a link": {
			func(t *testing.T, lab *netns.Lab) []string {
				lab.Own.Do(t, func() { attachOther(t, "dev1") })
				return lab.Devices()
			},
			Config{}, []string{"dev1 has XDP program", `"somebody"`, "stop what uses it"},
		},
		"a program without a link": {
			func(t *testing.T, lab *netns.Lab) []string {
				lab.Own.Do(t, func() {
					device, err := netlink.LinkByName("dev1")
					if err = errors.Join(err, netlink.LinkSetXdpFd(device, other(t).FD())); err != nil {
						t.Fatal(err)
					}
				})
				return lab.Devices()
			},
			Config{}, []string{"dev1 has XDP program", `"somebody"`, "`ip link set dev dev1 xdp off`"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			lab := netns.New(t, 2)
			devices := test.prepare(t, lab)
			lab.Own.Do(t, func() {
				x, err := Open(devices, test.cfg)
				for _, want := range test.want {
					if err == nil || x != nil || !strings.Contains(err.Error(), want) {
						t.Errorf("got %v, want %s", err, want)
					}
				}
				clean(t, "dev0")
			})
			// What failed has left nothing behind.
			lab.Own.Do(t, func() {
				x, err := Open([]string{"dev0"}, Config{})
				if err = errors.Join(err, x.Close()); err != nil {
					t.Error(err)
				}
			})
		})
	}
}

// clean fails unless a device of this thread's namespace has no program.
func clean(t *testing.T, device string) {
	t.Helper()
	found, err := netlink.LinkByName(device)
	if err != nil {
		t.Fatal(err)
	}
	if xdp := found.Attrs().Xdp; xdp != nil && xdp.Attached {
		t.Errorf("%s still has XDP program %d", device, xdp.ProgId)
	}
}

// other is a program that is not ours.
func other(t *testing.T) *ebpf.Program {
	t.Helper()
	program, err := ebpf.NewProgram(&ebpf.ProgramSpec{
		Name: "somebody", Type: ebpf.XDP, License: "MIT",
		Instructions: asm.Instructions{asm.Mov.Imm(asm.R0, xdpPass), asm.Return()},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { program.Close() })
	return program
}

func attachOther(t *testing.T, device string) {
	t.Helper()
	found, err := netlink.LinkByName(device)
	if err != nil {
		t.Fatal(err)
	}
	l, err := link.AttachXDP(link.XDPOptions{Program: other(t), Interface: found.Attrs().Index})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
}

// dispensable are capabilities that root has and nothing here needs.
var dispensable = []uint{unix.CAP_SYS_ADMIN, unix.CAP_SYS_RESOURCE, unix.CAP_DAC_OVERRIDE, unix.CAP_SYS_PTRACE}

// TestPermissions opens devices on threads without capabilities. They end with their goroutines.
func TestPermissions(t *testing.T) {
	for name, test := range map[string]struct {
		without []uint
		want    string
	}{
		"bpf":               {[]uint{unix.CAP_BPF, unix.CAP_SYS_ADMIN}, "needs root, or CAP_NET_ADMIN, CAP_NET_RAW and CAP_BPF"},
		"admin":             {[]uint{unix.CAP_NET_ADMIN, unix.CAP_SYS_ADMIN}, "needs root, or CAP_NET_ADMIN, CAP_NET_RAW and CAP_BPF"},
		"socket":            {[]uint{unix.CAP_NET_RAW}, "making a socket: operation not permitted: needs root"},
		"memory":            {[]uint{unix.CAP_IPC_LOCK}, "registering 16 MiB for frames: no buffer space available: the memory is more than may be locked"},
		"nothing but those": {dispensable, ""},
	} {
		t.Run(name, func(t *testing.T) {
			lab := netns.New(t, 2)
			lock(t, 1<<20)
			done := make(chan error)
			go func() { done <- openWithout(lab.Own.Path(), lab.Devices(), 1, test.without) }()
			err := <-done
			if (err == nil) != (test.want == "") || err != nil && !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want %s", err, test.want)
			}
			lab.Own.Do(t, func() { clean(t, "dev0") })
		})
	}
}

// lock limits the memory that may be locked, for the time of a test.
func lock(t *testing.T, bytes uint64) {
	var before unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_MEMLOCK, &before); err != nil {
		t.Fatal(err)
	}
	if err := unix.Setrlimit(unix.RLIMIT_MEMLOCK, &unix.Rlimit{Cur: bytes, Max: before.Max}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { unix.Setrlimit(unix.RLIMIT_MEMLOCK, &before) })
}

// openWithout opens and closes devices of a namespace, by some shards, without some capabilities. Its thread never serves
// another goroutine.
func openWithout(namespace string, devices []string, shards int, without []uint) (err error) {
	runtime.LockOSThread()
	file, err := os.Open(namespace)
	if err != nil {
		return err
	}
	defer file.Close()
	if err := unix.Setns(int(file.Fd()), unix.CLONE_NEWNET); err != nil {
		return err
	}
	header := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	var data [2]unix.CapUserData
	if err := unix.Capget(&header, &data[0]); err != nil {
		return err
	}
	for _, capability := range without {
		data[capability/32].Effective &^= 1 << (capability % 32)
	}
	if err := unix.Capset(&header, &data[0]); err != nil {
		return err
	}
	for queue := range shards {
		var x *IO
		if x, err = Open(devices, Config{Queue: queue, Shards: shards}); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, x.Close()) }()
	}
	return nil
}

// TestCloseAndOpen takes the same queue again at once, while the kernel is still freeing it.
func TestCloseAndOpen(t *testing.T) {
	lab := netns.New(t, 2)
	lab.Own.Do(t, func() {
		for i := range 20 {
			x, err := Open(lab.Devices(), Config{Generic: i%2 == 0, Copy: i%3 == 0})
			if err != nil {
				t.Fatalf("time %d: %v", i, err)
			}
			if err := errors.Join(x.Close(), x.Close()); err != nil {
				t.Fatal(err)
			}
			clean(t, "dev0")
		}
	})
}

// TestNothingIsLeftOpen counts descriptors and mappings around openings that succeed and that fail.
func TestNothingIsLeftOpen(t *testing.T) {
	lab := netns.New(t, 2)
	lab.Own.Run(t, "ip", "link", "set", "dev1", "mtu", "1600")
	lab.Own.Do(t, func() {
		cycle := func() {
			x, err := Open(lab.Devices(), Config{})
			if err != nil {
				t.Fatal(err)
			}
			if second, err := Open(lab.Devices(), Config{}); err == nil { // joins, and finds the queue in use
				second.Close()
				t.Fatal("one queue has two sockets")
			}
			if err := x.Close(); err != nil {
				t.Fatal(err)
			}
			for _, wrong := range []Config{{Queue: 1}, {Queue: 1, Generic: true}} {
				if x, err := Open(lab.Devices(), wrong); err == nil {
					x.Close()
					t.Fatal("there is no queue 1")
				}
			}
		}
		cycle() // the libraries open a few things once
		runtime.GC()
		before := held(t)
		for range 3 {
			cycle()
		}
		if after := held(t); after != before {
			t.Errorf("%s before, %s after", before, after)
		}
	})
}

// held says how many descriptors, and how many mappings of sockets, the process has.
func held(t *testing.T) string {
	t.Helper()
	open, err := os.ReadDir("/proc/self/fd")
	maps, err2 := os.ReadFile("/proc/self/maps")
	if err = errors.Join(err, err2); err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	return fmt.Sprintf("%d descriptors, %d mapped rings", len(open), strings.Count(string(maps), "socket:"))
}

// TestQueueInUse has two programs ask for one queue: the second one waits a second, and gives up.
func TestQueueInUse(t *testing.T) {
	lab := netns.New(t, 1)
	open(t, lab, Config{})
	lab.Own.Do(t, func() {
		x, err := Open(lab.Devices(), Config{})
		if err == nil || x != nil || !strings.Contains(err.Error(), "another AF_XDP socket has this queue") {
			t.Errorf("got %v, want that the queue is in use", err)
		}
	})
}

// TestModeNamesTheReason has a driver refuse: no MTU of this size fits into a page with what it keeps there.
func TestModeNamesTheReason(t *testing.T) {
	lab := netns.New(t, 1)
	lab.Own.Run(t, "ip", "link", "set", "dev0", "mtu", "3818")
	lab.Hosts[0].Run(t, "ip", "link", "set", netns.HostDevice, "mtu", "3818")
	x := open(t, lab, Config{})
	if got := x.Mode(); !strings.HasPrefix(got, "dev0: generic (native: ") || !strings.HasSuffix(got, ", copy") {
		t.Errorf("the mode is %q", got)
	}
	if x.chunk != largeChunk {
		t.Errorf("chunks have %d bytes, want %d", x.chunk, largeChunk)
	}
}
