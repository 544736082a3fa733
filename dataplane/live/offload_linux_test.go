package live

import (
	"strconv"
	"strings"
	"testing"

	"vigor/dataplane/netns"
	"vigor/nf"
)

// TestUnfinishedChecksums: hosts on a veth device leave checksums to it by default, and there is no hardware
// that would compute them. Packet sockets tell, and the back end computes them; XDP does not, and DPDK does
// not ask: what such a host sends arrives damaged, and the host that receives it says so. A NAT must not repair what it cannot know
// to have been right.
func TestUnfinishedChecksums(t *testing.T) {
	onEveryBackEnd(t, func(t *testing.T, b backEnd) {
		if b.tap {
			return // such a device takes no unfinished checksums
		}
		s := natSite(t, b)
		serve(t, s.outside, ":80")
		for _, host := range s.Hosts {
			host.Run(t, "ethtool", "-K", netns.HostDevice, "tx", "on", "tso", "off", "gso", "off")
		}
		if b.deaf {
			if out, err := program(t, s.inside, "curl", "-sS", "--max-time", "0.5", "http://"+outsideHost); err == nil {
				t.Errorf("%d bytes have arrived: the kernel does tell by now, so finish checksums", len(out))
			}
			if wrong := damaged(t, s.outside); wrong == 0 {
				t.Error("the server has found no checksum wrong: the test shows nothing")
			}
			return
		}
		s.download(t, outsideHost)
		s.upload(t)
		if wrong := damaged(t, s.inside) + damaged(t, s.outside); wrong > 0 {
			t.Errorf("%d checksums arrived wrong", wrong)
		}
	})
}

// damaged is the number of TCP segments that a namespace has received with a wrong checksum.
func damaged(t *testing.T, n *netns.Namespace) int {
	t.Helper()
	var names []string
	for _, line := range strings.Split(n.Run(t, "cat", "/proc/net/snmp"), "\n") {
		fields := strings.Fields(line)
		switch {
		case len(fields) == 0 || fields[0] != "Tcp:":
		case names == nil:
			names = fields
		default:
			for i, name := range names {
				if name == "InCsumErrors" && i < len(fields) {
					count, err := strconv.Atoi(fields[i])
					if err != nil {
						t.Fatal(err)
					}
					return count
				}
			}
		}
	}
	t.Fatal("the kernel does not count wrong checksums")
	return 0
}

// TestUncutSegments: what a host leaves to its device to cut is longer than any frame, and is counted.
func TestUncutSegments(t *testing.T) {
	for _, b := range backEnds {
		if b.name != "afpacket" {
			continue // over the others no such host gets that far: their checksums are unfinished, too
		}
		s := natSite(t, b)
		serve(t, s.outside, ":80")
		for _, host := range s.Hosts {
			host.Offload(t, netns.HostDevice, true)
		}
		if _, err := program(t, s.inside, "curl", "-sS", "--max-time", "0.5", "http://"+outsideHost); err != nil {
			t.Log(err) // TCP may get along, or not
		}
		if s.dropped(t, 1, nf.Oversize) == 0 {
			t.Error("nothing was counted as oversize")
		}
	}
}
