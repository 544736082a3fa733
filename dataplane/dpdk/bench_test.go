//go:build linux && dpdk && cgo

package dpdk

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"runtime"
	"runtime/debug"
	"slices"
	"testing"

	"golang.org/x/sys/unix"

	"vigor/dataplane"
	"vigor/libvig"
	"vigor/nf"
	"vigor/nfs/nat"
	"vigor/packet"
)

const (
	chunk     = 4096  // packets between two looks at the clock
	runsRound = 256   // frames in a pair, in buffers that stay in the cache
	flows     = 58000 // 90 % of 64,000 ports
)

// wire sends everything by the second device.
func wire(packets []nf.Packet, actions []nf.Action) {
	for i := range packets {
		actions[i] = nf.Forward(1)
	}
}

// contestant forwards at least so many packets from device 0 to device 1.
type contestant struct {
	name string
	run  func(packets int) error
}

// inGo forwards with a loop.
func inGo(name string, d *Devices, burst int, process dataplane.Burst) contestant {
	loop := dataplane.NewLoop(nf.Env{Devices: 2}, process, d)
	loop.SetBurst(burst)
	return contestant{name, func(packets int) error {
		c := &loop.Counters
		for end := c.Received[0] + uint64(packets); c.Received[0] < end; {
			if err := loop.Step(); err != nil {
				return err
			}
		}
		return loop.Flush()
	}}
}

// inC forwards with [Devices.Baseline].
func inC(d *Devices, burst int) contestant {
	return contestant{"C", func(packets int) error { return d.Baseline(0, 1, burst, packets) }}
}

// compare lets contestants take turns, and reports the thread's CPU time per packet of each. The time
// per operation is that of the last one, at the median.
func compare(b *testing.B, contestants ...contestant) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	defer debug.SetGCPercent(debug.SetGCPercent(-1))
	runtime.GC()
	times := make([][]float64, len(contestants))
	for i := range times {
		check(b, contestants[i].run(chunk))
		times[i] = make([]float64, 0, b.N/chunk+1)
	}
	b.ResetTimer()
	for done := 0; done < b.N || done < 32*chunk; done += chunk {
		for i := range contestants {
			start := cpuTime(b)
			check(b, contestants[i].run(chunk))
			times[i] = append(times[i], float64(cpuTime(b)-start)/chunk)
		}
	}
	b.StopTimer()
	for i, list := range times {
		slices.Sort(list)
		b.ReportMetric(list[0], contestants[i].name+"-min")
		b.ReportMetric(list[len(list)/10], contestants[i].name+"-p10")
		b.ReportMetric(list[len(list)/2], contestants[i].name+"-median")
		b.ReportMetric(list[len(list)/2], "ns/op")
	}
}

// cpuTime is what the calling thread has used, in ns.
func cpuTime(b *testing.B) int64 {
	var t unix.Timespec
	check(b, unix.ClockGettime(unix.CLOCK_THREAD_CPUTIME_ID, &t))
	return t.Nano()
}

// runRound opens the two sides of a pair as devices 0 and 1, and puts frames in: what 1 sends, 0
// receives.
func runRound(b *testing.B) *Devices {
	pairs++
	pair, err := NewPair(config(), fmt.Sprintf("t%d", pairs), 1024)
	check(b, err)
	d, err := Open(config(pair.A, pair.B))
	check(b, err)
	b.Cleanup(func() {
		closed(b, d)
		check(b, pair.Close())
	})
	loop := dataplane.NewLoop(nf.Env{Devices: 2}, nil, seeder{d})
	for range runsRound / 32 {
		check(b, loop.Flush())
	}
	return d
}

// seeder injects 32 frames in each exchange.
type seeder struct{ *Devices }

func (s seeder) Exchange(out, in *dataplane.Batch) error {
	for range 32 {
		out.Inject(make([]byte, 60), 1)
	}
	return s.Devices.Exchange(out, in)
}

// BenchmarkWire forwards without looking at frames, in C and in Go. In net_ring the same buffers run
// round; net_null takes each out of the pool, and here fills in a frame.
func BenchmarkWire(b *testing.B) {
	for _, burst := range []int{1, 8, 32, 64} {
		b.Run(fmt.Sprintf("ring/burst=%d", burst), func(b *testing.B) {
			d := runRound(b)
			compare(b, inC(d, burst), inGo("Go", d, burst, wire))
		})
		b.Run(fmt.Sprintf("null/burst=%d", burst), func(b *testing.B) {
			d, err := Open(config("net_null0", "net_null1,no-rx=1"))
			check(b, err)
			defer closed(b, d)
			_, frames := busyNAT(b)
			check(b, d.Replay(0, frames))
			compare(b, inC(d, burst), inGo("Go", d, burst, wire))
		})
	}
}

// BenchmarkNAT translates packets of random flows from the inside to the outside, on a pair in which
// buffers run round and each is filled with the next packet. "C" and "wire" forward the same packets
// and do nothing else.
func BenchmarkNAT(b *testing.B) {
	d := runRound(b)
	n, frames := busyNAT(b)
	check(b, d.Replay(0, frames))
	compare(b, inC(d, 32), inGo("wire", d, 32, wire), inGo("hinted", d, 32, hinted(n)), inGo("nat", d, 32, plain(n)))
}

// plain is the loop of the NAT's program while its state is small, hinted the other one.
func plain(n *nat.NAT) dataplane.Burst {
	return func(packets []nf.Packet, actions []nf.Action) {
		for i := range packets {
			actions[i] = n.Process(&packets[i])
		}
	}
}

func hinted(n *nat.NAT) dataplane.Burst {
	hints := new(libvig.Hints)
	return func(packets []nf.Packet, actions []nf.Action) {
		for i := range packets {
			hints.Add(n.Hint(&packets[i]))
		}
		hints.Warm()
		for i := range packets {
			actions[i] = n.Process(&packets[i])
		}
	}
}

// busyNAT is a NAT with flows at 90 % of its ports, and a packet of each, in random order.
func busyNAT(b *testing.B) (*nat.NAT, [][]byte) {
	env, err := dataplane.NewEnv(2)
	check(b, err)
	n, err := nat.New(env, nat.Config{
		WAN: 1, ExternalIP: 0xC6336401, StartPort: 1024, Capacity: 64000, UDPTimeout: 100 * nf.Hour, ICMPTimeout: nat.MinICMPTimeout,
		TCPOpening: nat.MinTCPTransitory, TCPEstablished: nat.MinTCPEstablished, TCPClosing: nat.MinTCPTransitory,
	})
	check(b, err)
	frames := make([][]byte, flows)
	for i := range frames {
		frames[i] = udp(0x0A000000+uint32(i>>8), uint16(1024+i))
		p := nf.NewPacket(slices.Clone(frames[i]), 0, 0)
		if action := n.Process(&p); action != nf.Forward(1) {
			b.Fatalf("flow %d: %v", i, action)
		}
	}
	rand.New(rand.NewPCG(9, 9)).Shuffle(flows, func(i, j int) { frames[i], frames[j] = frames[j], frames[i] })
	return n, frames
}

// udp is a frame of 60 bytes from a host's port to port 53 of a server.
func udp(host uint32, port uint16) []byte {
	f := make([]byte, 60)
	copy(f, []byte{2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 8, 0, 0x45, 0, 0, 46, 0, 0, 0, 0, 64, byte(packet.UDP)})
	binary.BigEndian.PutUint32(f[26:], host)
	binary.BigEndian.PutUint32(f[30:], 0x08080808)
	binary.BigEndian.PutUint16(f[34:], port)
	binary.BigEndian.PutUint16(f[36:], 53)
	binary.BigEndian.PutUint16(f[38:], 26)
	sum := uint32(0)
	for i := 14; i < 34; i += 2 {
		sum += uint32(binary.BigEndian.Uint16(f[i:]))
	}
	for sum>>16 != 0 {
		sum = sum>>16 + sum&0xFFFF
	}
	binary.BigEndian.PutUint16(f[24:], ^uint16(sum))
	return f
}
