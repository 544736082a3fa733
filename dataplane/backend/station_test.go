package backend

import (
	"strings"
	"testing"

	"vigor/dataplane"
	"vigor/dataplane/config"
	"vigor/nf"
	"vigor/packet"
)

// taken is a back end whose devices the kernel does not have any more.
type taken struct {
	dataplane.IO
	mac packet.MAC
}

func (d taken) MAC(nf.Device) packet.MAC { return d.mac }

// TestStationOfTakenDevice: the back end tells the address, if there is one.
func TestStationOfTakenDevice(t *testing.T) {
	o := opening{Dataplane: &config.Dataplane{Driver: config.DPDK}, names: []string{"net_ring0"}}
	for mac, fine := range map[packet.MAC]bool{{2, 0, 0, 0, 0, 9}: true, {}: false, {1, 0, 0, 0, 0, 9}: false} {
		got, err := o.station(0, taken{mac: mac})
		switch {
		case fine && (got != mac || err != nil):
			t.Errorf("got %v, %v; want %v", got, err, mac)
		case !fine && (err == nil || !strings.Contains(err.Error(), "net_ring0 has no Ethernet address")):
			t.Errorf("%v is accepted, %v", mac, err)
		}
	}
}
