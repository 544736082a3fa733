package program_test

import (
	"fmt"
	"testing"
	"time"

	"vigor/internal/qemu"
	"vigor/libvig"
	"vigor/nf"
	"vigor/nfs/policer"
)

// TestPolicerBoots: what stays within its bucket is forwarded as by the compiled function; a burst that does
// not is cut to what the bucket and the time allow.
func TestPolicerBoots(t *testing.T) {
	needQEMU(t)
	const rate, burst = 1_000_000, 65536
	text := fmt.Sprintf("inside: 0\noutside: 1\ninward: true\noutward: false\nby_outside: false\nprefixes: [{prefix: 10.0.0.0, length: 8, value: 1}]\n"+
		"limits: [{rate: %d, burst: %d, excess: 0, mask: 255.255.255.255}]\n"+
		"green: {drop: false, mark: false, dscp: 0}\nyellow: {drop: false, mark: false, dscp: 0}\nred: {drop: true, mark: false, dscp: 0}\n"+
		"colour_aware: false\ncapacity: 65536\npass_when_full: false\npass_unlisted: false\npass_other: true\nidle_log2: 4\n", rate, burst)
	file := makeImageWith(t, "policer", text)
	arrivals := make([]arrival, frames)
	for i := range arrivals {
		arrivals[i] = arrival{(i + 1) / 3 % 2, datagram(0x08080808, 0x0a000000+uint32(i%50), 53, 4000, i%1000)}
	}
	for _, kind := range kinds {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			function, err := policer.New(nf.Env{Devices: 2}, policer.Config{
				Inside: 0, Outside: 1, Inward: true, Capacity: 65536, PassOther: true, IdleLog2: 4, Red: policer.Treatment{Drop: true},
				Prefixes: []libvig.Rule{{Prefix: 0x0a000000, Length: 8, Value: 1}},
				Limits:   []policer.Limit{{Rate: rate, Burst: burst, Mask: 0xffffffff}},
			})
			if err != nil {
				t.Fatal(err)
			}
			m := start(t, qemu.Config{Kind: kind, Image: file, Devices: 2})
			forward(t, m, 2, function.Process, arrivals)
			began := time.Now()
			go func() {
				for range 200 {
					if err := m.Send(1, datagram(0x08080808, 0x0a010101, 53, 4000, 972)); err != nil { // 1000 bytes of IP
						t.Error(err)
					}
				}
			}()
			passed, last := 0, time.Duration(0)
			for {
				if _, err := m.Receive(0, 500*time.Millisecond); err != nil {
					break
				}
				passed += 1000
				last = time.Since(began)
			}
			if most := burst + int(last.Seconds()*rate*1.1) + 1000; passed < burst-1000 || passed > most {
				t.Errorf("%d bytes have passed in %v, want %d to %d", passed, last, burst, most)
			}
			t.Logf("of 200000 bytes at once, %d have passed in %v", passed, last)
		})
	}
}
