package standalone_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"vigor/dataplane/control"
	"vigor/dataplane/netns"
)

// TestShowNeighbours: a confined program asks for the next hop of a datagram, and shows at its socket that it
// waits for the answer.
func TestShowNeighbours(t *testing.T) {
	lab := netns.New(t, 2)
	left := lab.Hosts[0].Wire(t, netns.HostDevice)
	socket := filepath.Join(t.TempDir(), "nf.sock")
	text := section("afpacket", lab.Devices(), "  user: nobody\n  control: "+socket+"\n")
	text = strings.Replace(text, "interface: dev1\n", "interface: dev1\n      address: 10.0.0.1/24\n", 1)
	r := launch(t, lab.Own, text)
	datagram := make([]byte, 60)
	copy(datagram, []byte{2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 8, 0, 0x45, 0, 0, 46})
	datagram[22], datagram[23] = 64, 17
	copy(datagram[26:], []byte{10, 9, 9, 9, 10, 0, 0, 7})
	if err := left.Send(datagram); err != nil {
		t.Fatal(err)
	}
	var got string
	for limit := time.Now().Add(3 * time.Second); got == "" && time.Now().Before(limit); time.Sleep(5 * time.Millisecond) {
		err := control.Ask(t.Context(), socket, control.Request{Report: "neighbours"}, func(a control.Answer) error {
			for _, row := range a.Rows {
				got += fmt.Sprintln(append(row[:5:5], row[6])...) // without the time
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if want := "0 dev1 10.0.0.7 <nil> asking 1\n"; got != want {
		t.Errorf("neighbours %q, want %q", got, want)
	}
	if err := r.end(t, syscall.SIGTERM); err != nil {
		t.Error(err)
	}
}
