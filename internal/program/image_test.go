package program_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"flag"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"

	"vigor/internal/image"
	"vigor/internal/program"
	"vigor/internal/qemu"
	"vigor/nf"
	"vigor/nfs/bridge"
	"vigor/nfs/nat"
	"vigor/nfs/natclassic"
	"vigor/nfs/nop"
	"vigor/packet"
)

var clean = flag.Bool("image.clean", false, "compile all that is in images anew, where two are compared")

// needQEMU skips, with the reason, where images cannot be tried.
func needQEMU(t *testing.T) {
	t.Helper()
	if _, err := exec.LookPath(qemu.Program); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("qemu-system-x86 is not installed; .ci/tools installs it")
		}
		t.Skip("qemu-system-x86 is not installed")
	}
}

// images are those that were made already, by name and number of devices.
var images = map[string]*image.Image{}

// makeImage makes the image of a network function of the tree, once.
func makeImage(t *testing.T, name string, devices int) (file string, made *image.Image) {
	t.Helper()
	file = filepath.Join(t.TempDir(), name+".img")
	key := fmt.Sprintf("%s %d", name, devices)
	if made := images[key]; made != nil {
		if err := os.WriteFile(file, made.Bytes, 0o644); err != nil {
			t.Fatal(err)
		}
		return file, made
	}
	made, _, err := program.Image{
		Dir: "../..", Package: "./nfs/" + name, Config: "nfs/" + name + "/" + name + ".yaml", Devices: devices, File: file,
	}.Install(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	images[key] = made
	return file, made
}

// start boots an image and waits until it is ready for packets.
func start(t *testing.T, c qemu.Config) *qemu.Machine {
	t.Helper()
	m, err := qemu.Start(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { m.Close() })
	if _, err := m.Wait("vigor: ready", 20*time.Second); err != nil {
		t.Fatal(err)
	}
	return m
}

// frames is how many are sent through each machine, at 1,000 a second.
const frames = 3000

// arrival is a frame that arrives at a device.
type arrival struct {
	device int
	frame  []byte
}

// forward sends frames to a machine at 1,000 a second, and compares what leaves by each device with what
// the compiled network function does in this process.
func forward(t *testing.T, m *qemu.Machine, devices int, process func(*nf.Packet) nf.Action, in []arrival) {
	t.Helper()
	exchange(t, m, expect(devices, process, in), in, bytes.Equal)
}

// exchange sends frames to a machine at 1,000 a second, and compares what leaves by each device with what is wanted.
func exchange(t *testing.T, m *qemu.Machine, want [][][][]byte, in []arrival, same func(want, got []byte) bool) {
	t.Helper()
	var group sync.WaitGroup
	for d := range want {
		group.Go(func() { compare(t, m, d, want[d], same) })
	}
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for _, a := range in {
		<-tick.C
		if err := m.Send(a.device, a.frame); err != nil {
			t.Error(err)
			break
		}
	}
	group.Wait()
}

// expect is what leaves by each device, for each device where it came in: in order, while the order of
// frames that come in by different devices is open.
func expect(devices int, process func(*nf.Packet) nf.Action, in []arrival) [][][][]byte {
	out := make([][][][]byte, devices)
	for d := range out {
		out[d] = make([][][]byte, devices)
	}
	for i, a := range in {
		frame := bytes.Clone(a.frame)
		p := nf.NewPacket(frame, nf.Device(a.device), nf.Time(i)*nf.Millisecond)
		action := process(&p)
		for d := range devices {
			if action.Kind == nf.Forwarded && int(action.Device) == d || action.Kind == nf.Flooded && d != a.device ||
				action.Kind == nf.ForwardedAll && d != a.device && action.Devices.Has(nf.Device(d)) {
				out[d][a.device] = append(out[d][a.device], frame)
			}
		}
	}
	return out
}

// compare compares what leaves by a device, frame by frame, and sees that nothing follows.
func compare(t *testing.T, m *qemu.Machine, device int, want [][][]byte, same func(want, got []byte) bool) {
	left := 0
	for _, from := range want {
		left += len(from)
	}
	for first := true; left > 0; first = false {
		got, err := m.Receive(device, 10*time.Second)
		if err != nil {
			t.Errorf("device %d: %d frames have not come: %v", device, left, err)
			return
		}
		if first {
			t.Logf("device %d: first frame %v after the start of QEMU", device, m.Age().Round(time.Millisecond))
		}
		left--
		from := slices.IndexFunc(want, func(w [][]byte) bool { return len(w) > 0 && same(w[0], got) })
		if from < 0 {
			t.Errorf("device %d: none of those that come next, %d before the end: %x", device, left, got)
			return
		}
		want[from] = want[from][1:]
	}
	if frame, err := m.Receive(device, 100*time.Millisecond); err == nil {
		t.Errorf("device %d: one frame too many: %x", device, frame)
	}
}

// kinds are the machines that images are booted on.
var kinds = []string{"microvm", "pc", "q35"}

// TestWireBoots: the smallest function forwards frames of all lengths, unchanged, on each kind of machine.
func TestWireBoots(t *testing.T) {
	needQEMU(t)
	file, _ := makeImage(t, "nop", 2)
	in := make([]arrival, frames)
	for i := range in {
		in[i] = arrival{i / 7 % 2, make([]byte, 14+i%1501)}
		for k := range in[i].frame {
			in[i].frame[k] = byte(i*7 + k*(i|1))
		}
	}
	for _, kind := range kinds {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			wire, err := nop.New(nf.Env{Devices: 2}, nop.Config{Left: 0, Right: 1})
			if err != nil {
				t.Fatal(err)
			}
			forward(t, start(t, qemu.Config{Kind: kind, Image: file, Devices: 2}), 2, wire.Process, in)
		})
	}
}

// TestIntelBoots: the same frames through an Intel controller that QEMU emulates, the 82540EM,
// and between it and a virtio device; it pads what is short.
func TestIntelBoots(t *testing.T) {
	needQEMU(t)
	file := filepath.Join(t.TempDir(), "nop.img")
	if _, _, err := (program.Image{
		Dir: "../..", Package: "./nfs/nop", Config: "nfs/nop/nop.yaml", Devices: 2, File: file, Drivers: []string{"intel", "virtio"},
	}).Install(context.Background()); err != nil {
		t.Fatal(err)
	}
	in := make([]arrival, frames)
	for i := range in {
		in[i] = arrival{i / 7 % 2, make([]byte, 60+i%1455)}
		for k := range in[i].frame {
			in[i].frame[k] = byte(i*7 + k*(i|1))
		}
	}
	for _, test := range []struct{ kind, cards string }{{"pc", "e1000,e1000"}, {"q35", "virtio-net-pci,e1000"}} {
		t.Run(test.cards, func(t *testing.T) {
			t.Parallel()
			wire, err := nop.New(nf.Env{Devices: 2}, nop.Config{Left: 0, Right: 1})
			if err != nil {
				t.Fatal(err)
			}
			forward(t, start(t, qemu.Config{Kind: test.kind, Image: file, Devices: 2, Cards: strings.Split(test.cards, ",")}), 2, wire.Process, in)
		})
	}
}

// TestEveryFunctionBoots: there is an image of each network function of the tree with its configuration, and
// it gets ready for packets.
func TestEveryFunctionBoots(t *testing.T) {
	needQEMU(t)
	files, err := filepath.Glob("../../nfs/*/*.yaml")
	if err != nil || len(files) < 3 {
		t.Fatalf("%v, %v", files, err)
	}
	for _, file := range files {
		name := filepath.Base(filepath.Dir(file))
		if filepath.Base(file) != name+".yaml" {
			continue
		}
		t.Run(name, func(t *testing.T) {
			img, _ := makeImage(t, name, 2)
			start(t, qemu.Config{Kind: "microvm", Image: img, Devices: 2})
		})
	}
}

// TestWrongMachines: an image says what its machine lacks, and stops it.
func TestWrongMachines(t *testing.T) {
	needQEMU(t)
	file, _ := makeImage(t, "nop", 2)
	for _, test := range []struct {
		name   string
		config qemu.Config
		want   string
	}{
		{"a device too few", qemu.Config{Kind: "pc", Devices: 1}, "vigor: stopped: the image is made for another number of devices"},
		{"a device too many", qemu.Config{Kind: "q35", Devices: 3}, "vigor: stopped: the image is made for another number of devices"},
		{"a device too many in memory", qemu.Config{Kind: "microvm", Devices: 3}, "vigor: stopped: the image is made for another number of devices"},
		{"unknown cards", qemu.Config{Kind: "pc", Devices: 2, Cards: []string{"rtl8139", "rtl8139"}}, "vigor: stopped: the image is made for another number of devices"},
		{"legacy devices", qemu.Config{Kind: "pc", Devices: 2, Cards: []string{"virtio-net-pci,disable-modern=on,disable-legacy=off", "virtio-net-pci"}}, "vigor: stopped: a device does not start"},
		{"no clock", qemu.Config{Kind: "microvm", Devices: 2, Without: "pit"}, "vigor: stopped: the machine has no clock"},
		{"little memory", qemu.Config{Kind: "pc", Devices: 2, Memory: 6}, "vigor: stopped: the machine has too little memory"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			test.config.Image = file
			m, err := qemu.Start(t.Context(), test.config)
			if err != nil {
				t.Fatal(err)
			}
			defer m.Close()
			lines, err := m.Wait("vigor: stopped: ", 20*time.Second)
			if err != nil || !strings.Contains(lines[len(lines)-1], test.want) {
				t.Errorf("got %q, %v", lines, err)
			}
		})
	}
}

// TestCDBoots: GRUB starts the image from a CD.
func TestCDBoots(t *testing.T) {
	needQEMU(t)
	if _, err := exec.LookPath("grub-mkrescue"); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("grub-common is not installed; .ci/tools installs it")
		}
		t.Skip("grub-common is not installed")
	}
	file, _ := makeImage(t, "nop", 2)
	cd := filepath.Join(t.TempDir(), "nop.iso")
	if err := image.WriteCD(t.Context(), cd, file); err != nil {
		t.Fatal(err)
	}
	m := start(t, qemu.Config{Kind: "pc", Image: cd, Devices: 2})
	frame := []byte("one frame of sixty bytes, which arrives at device 1 unchanged")
	if err := m.Send(1, frame); err != nil {
		t.Fatal(err)
	}
	if got, err := m.Receive(0, 5*time.Second); err != nil || !bytes.Equal(got, frame) {
		t.Errorf("%v, got %q", err, got)
	}
}

// TestPVHBoots: a loader that knows PVH only starts the image, too.
func TestPVHBoots(t *testing.T) {
	needQEMU(t)
	_, made := makeImage(t, "nop", 2)
	at := bytes.Index(made.Bytes, []byte{0x02, 0xb0, 0xad, 0x1b}) // magic of multiboot
	if at < 0 || at > 8192 {
		t.Fatal("there is no header of multiboot")
	}
	text := bytes.Clone(made.Bytes)
	text[at]++
	file := filepath.Join(t.TempDir(), "pvh.img")
	if err := os.WriteFile(file, text, 0o644); err != nil {
		t.Fatal(err)
	}
	for _, kind := range kinds {
		t.Run(kind, func(t *testing.T) { start(t, qemu.Config{Kind: kind, Image: file, Devices: 2}) })
	}
}

// renaming is what the outside ports of one NAT are called by another.
type renaming struct {
	address packet.IPv4 // outside
	shown   map[uint16]uint16
}

// same compares a frame of the other NAT, and learns the port of a new flow.
func (r *renaming) same(want, got []byte) bool {
	ip, from := parsed(want)
	if ip.Source() != r.address || len(got) != len(want) {
		return bytes.Equal(want, got)
	}
	_, to := parsed(got)
	port, known := r.shown[from.SourcePort()]
	if !known {
		port = to.SourcePort()
	}
	want = bytes.Clone(want)
	ip, l4 := parsed(want)
	packet.SetSource(ip, l4, r.address, port)
	if !bytes.Equal(want, got) {
		return false
	}
	r.shown[from.SourcePort()] = port
	return true
}

// sent is what to send to the other NAT for frames to the first.
func (r *renaming) sent(frames []arrival) []arrival {
	frames = slices.Clone(frames)
	for i, a := range frames {
		frame := bytes.Clone(a.frame)
		if ip, l4 := parsed(frame); ip.Destination() == r.address {
			packet.SetDestination(ip, l4, r.address, r.shown[l4.DestinationPort()])
		}
		frames[i].frame = frame
	}
	return frames
}

// parsed returns the headers of a frame that has them.
func parsed(frame []byte) (packet.IPv4Header, packet.L4Header) {
	eth, _ := packet.ParseEthernet(frame)
	ip, _ := packet.ParseIPv4(eth.Payload())
	l4, _ := packet.ParseL4(ip)
	return ip, l4
}

// TestNATBoots: flows from inside are translated as by the NAT in a program, and their answers back; half
// of the machines have a generator of random numbers.
func TestNATBoots(t *testing.T) {
	const outside = 0xcb007101
	translate(t, "nat", outside, func() (func(*nf.Packet) nf.Action, error) {
		function, err := nat.New(nf.Env{Devices: 2}, nat.Config{
			WAN: 1, ExternalIP: outside, StartPort: 1024, Capacity: 60000, UDPTimeout: 5 * nf.Minute, ICMPTimeout: nf.Minute,
			TCPOpening: 4 * nf.Minute, TCPEstablished: 124 * nf.Minute, TCPClosing: 4 * nf.Minute,
		})
		return function.Process, err
	})
}

// TestClassicNATBoots does the same with the NAT that lets in the peer of a flow only.
func TestClassicNATBoots(t *testing.T) {
	const outside = 0xcb007101
	translate(t, "natclassic", outside, func() (func(*nf.Packet) nf.Action, error) {
		function, err := natclassic.New(nf.Env{Devices: 2}, natclassic.Config{
			WAN: 1, ExternalIP: outside, StartPort: 1024, Capacity: 60000, FlowTimeout: 300 * nf.Second,
		})
		return function.Process, err
	})
}

// translate boots the image of a NAT, whose address outside is given, and compares it with one in this process.
func translate(t *testing.T, name string, outside uint32, create func() (func(*nf.Packet) nf.Action, error)) {
	needQEMU(t)
	file, _ := makeImage(t, name, 2)
	const flows = 500
	var first, then []arrival
	for i := range frames {
		flow := uint16(i / 2 % flows)
		out := arrival{0, datagram(0x0a000001+uint32(flow), 0x08080808, 4000+flow, 53, i%1400)}
		back := arrival{1, datagram(0x08080808, outside, 53, 1024+flow, i%1400)} // without a secret, ports are given in order
		switch {
		case i < 2*flows && i%2 == 0:
			first = append(first, out)
		case i%2 == 0:
			then = append(then, out)
		default:
			then = append(then, back)
		}
	}
	for i, kind := range kinds {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			process, err := create()
			if err != nil {
				t.Fatal(err)
			}
			cpu := []string{"", "max"}[i%2]
			m := start(t, qemu.Config{Kind: kind, Image: file, Devices: 2, CPU: cpu})
			r := renaming{packet.IPv4(outside), map[uint16]uint16{}}
			exchange(t, m, expect(2, process, first), first, r.same)
			if ports := slices.Compact(slices.Sorted(maps.Values(r.shown))); len(ports) != flows {
				t.Errorf("%d flows have %d ports", flows, len(ports))
			}
			exchange(t, m, expect(2, process, then), r.sent(then), r.same)
		})
	}
}

// TestBridgeBoots: three devices, frames to one and to all.
func TestBridgeBoots(t *testing.T) {
	needQEMU(t)
	file, _ := makeImage(t, "bridge", 3)
	const stations = 50 // on each device
	var first, then []arrival
	for i := range frames {
		from, station := i%3, byte(i/3%stations)
		frame := make([]byte, 60+i%1000)
		copy(frame, []byte{2, 0, 0, 0, byte(i / 7 % stations), byte(i / 3 % 4), 2, 0, 0, 0, station, byte(from), 0x88, 0xb5, byte(i), byte(i >> 8)})
		if i < 3*stations {
			copy(frame, []byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}) // all learn where it is
			first = append(first, arrival{from, frame})
		} else {
			then = append(then, arrival{from, frame})
		}
	}
	for _, kind := range kinds {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			function, err := bridge.New(nf.Env{Devices: 3}, bridge.Config{Capacity: 4096, AgeingTime: 300 * nf.Second})
			if err != nil {
				t.Fatal(err)
			}
			m := start(t, qemu.Config{Kind: kind, Image: file, Devices: 3})
			forward(t, m, 3, function.Process, first)
			forward(t, m, 3, function.Process, then)
		})
	}
}

// datagram is a UDP datagram over IPv4, with correct checksums.
func datagram(src, dst uint32, srcPort, dstPort uint16, length int) []byte {
	eth := layers.Ethernet{SrcMAC: []byte{2, 0, 0, 0, 0, 1}, DstMAC: []byte{2, 0, 0, 0, 0, 2}, EthernetType: layers.EthernetTypeIPv4}
	ip := layers.IPv4{
		Version: 4, TTL: 64, Protocol: layers.IPProtocolUDP,
		SrcIP: binary.BigEndian.AppendUint32(nil, src), DstIP: binary.BigEndian.AppendUint32(nil, dst),
	}
	udp := layers.UDP{SrcPort: layers.UDPPort(srcPort), DstPort: layers.UDPPort(dstPort)}
	if err := udp.SetNetworkLayerForChecksum(&ip); err != nil {
		panic(err)
	}
	buffer := gopacket.NewSerializeBuffer()
	options := gopacket.SerializeOptions{FixLengths: true, ComputeChecksums: true}
	if err := gopacket.SerializeLayers(buffer, options, &eth, &ip, &udp, gopacket.Payload(make([]byte, length))); err != nil {
		panic(err)
	}
	return buffer.Bytes()
}
