package dpdk

import (
	"slices"
	"strings"
	"testing"
)

func TestConfigIsChecked(t *testing.T) {
	two := []string{"net_null0", "net_ring0"}
	for _, test := range []struct {
		name string
		cfg  Config
		want string // part of the error; empty if it is allowed
	}{
		{"virtual", Config{Devices: []string{"net_pcap0,rx_pcap=a.pcap,tx_pcap=b.pcap", "net_tap1"}}, ""},
		{"cards", Config{Devices: []string{"0000:03:00.0", "03:00.1", "0000:AF:1f.7"}, HugePages: true}, ""},
		{"limits", Config{Devices: two, Descriptors: 32768, MaxFrame: 65000}, ""},
		{"arguments", Config{Devices: two, EAL: []string{"-l", "1", "--iova-mode=va", "--log-level=debug"}}, ""},
		{"none", Config{}, "0 devices: the number must be 1 to 64"},
		{"too many", Config{Devices: make([]string, 65)}, "65 devices"},
		{"twice", Config{Devices: []string{"net_null0", "net_null0,size=64"}}, "device 1: net_null0 is there twice"},
		{"a card twice", Config{Devices: []string{"0000:03:00.0", "03:00.0"}}, "device 1: 0000:03:00.0 is there twice"},
		{"a device of the kernel's", Config{Devices: []string{"eth0"}}, `device 0: "eth0" is neither`},
		{"an argument", Config{Devices: []string{"--vdev=net_null0"}}, "is neither"},
		{"no function", Config{Devices: []string{"0000:03:00"}}, "is neither"},
		{"a function too high", Config{Devices: []string{"0000:03:00.8"}}, "is neither"},
		{"a slot too high", Config{Devices: []string{"0000:03:20.0"}}, "is neither"},
		{"nothing", Config{Devices: []string{""}}, "is neither"},
		{"a long name", Config{Devices: []string{"net_" + strings.Repeat("x", 60)}}, "longer than DPDK's 63 bytes"},
		{"a zero byte", Config{Devices: []string{"net_null0,\x00"}}, "zero byte"},
		{"few descriptors", Config{Devices: two, Descriptors: 31}, "31 descriptors: the number must be 32 to 32768"},
		{"many descriptors", Config{Devices: two, Descriptors: 32769}, "32769 descriptors"},
		{"negative descriptors", Config{Devices: two, Descriptors: -1}, "-1 descriptors"},
		{"short frames", Config{Devices: two, MaxFrame: 59}, "frames of 59 bytes: the longest must be 60 to 65000"},
		{"long frames", Config{Devices: two, MaxFrame: 65001}, "frames of 65001 bytes"},
		{"help", Config{Devices: two, EAL: []string{"-h"}}, "would end the program"},
		{"help on logs", Config{Devices: two, EAL: []string{"--log-level=help"}}, "would end the program"},
		{"memory", Config{Devices: two, EAL: []string{"--no-huge"}}, "HugePages decides it"},
		{"the end of arguments", Config{Devices: two, EAL: []string{"--"}}, "leave it out"},
		{"an empty argument", Config{Devices: two, EAL: []string{""}}, "is empty"},
		{"a zero byte in an argument", Config{Devices: two, EAL: []string{"-l\x00"}}, "zero byte"},
	} {
		t.Run(test.name, func(t *testing.T) {
			cfg, err := test.cfg.check()
			switch {
			case test.want == "" && err != nil:
				t.Errorf("got %v, want no error", err)
			case test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)):
				t.Errorf("got %v, want an error with %q", err, test.want)
			case err == nil && (cfg.Descriptors == 0 || cfg.MaxFrame == 0):
				t.Errorf("no defaults in %+v", cfg)
			}
		})
	}
}

func TestArgumentsOfTheEnvironment(t *testing.T) {
	for _, test := range []struct {
		name string
		cfg  Config
		want string // after the first three
	}{
		{"without huge pages", Config{Devices: []string{"net_null0"}}, "--no-huge --no-shconf -m 512 --lcores=0@5 --no-pci"},
		{"with huge pages", Config{Devices: []string{"net_null0"}, HugePages: true}, "--in-memory --lcores=0@5 --no-pci"},
		{"a card", Config{Devices: []string{"net_null0", "03:00.0,a=1"}, HugePages: true}, "--in-memory --lcores=0@5 -a 0000:03:00.0,a=1"},
		{"own core", Config{Devices: []string{"net_null0"}, HugePages: true, EAL: []string{"-l3"}}, "--in-memory --no-pci -l3"},
		{"own cores", Config{Devices: []string{"net_null0"}, HugePages: true, EAL: []string{"--lcores=3"}}, "--in-memory --no-pci --lcores=3"},
		{"own memory", Config{Devices: []string{"net_null0"}, EAL: []string{"-m", "64"}}, "--no-huge --no-shconf -m 512 --lcores=0@5 --no-pci -m 64"},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := ealArguments(test.cfg, 5)
			if head := []string{"vigor", "--no-telemetry", "--log-level=warning"}; !slices.Equal(got[:3], head) {
				t.Errorf("begins with %q, want %q", got[:3], head)
			}
			if rest := strings.Join(got[3:], " "); rest != test.want {
				t.Errorf("got %q, want %q", rest, test.want)
			}
		})
	}
}

func TestBufferRoom(t *testing.T) {
	for frame, want := range map[int]int{60: 2048, 2048: 2048, 2049: 2112, 9018: 9024, MaxMaxFrame: 65024} {
		if got := bufferRoom(frame); got != want || got < frame {
			t.Errorf("frames of %d bytes get %d, want %d", frame, got, want)
		}
	}
}
