package afpacket

import (
	"context"
	"encoding/binary"
	"errors"
	"io"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"vigor/dataplane"
	"vigor/dataplane/netns"
	"vigor/nf"
)

// damaged is a back end that reads one block of any content.
type damaged struct {
	ring ring
}

func (d *damaged) Exchange(_, in *dataplane.Batch) error {
	d.ring.recycle()
	if err := d.ring.receive(in, 0, 0); err != nil {
		return err
	}
	if in.Len() == 0 {
		return io.EOF
	}
	return nil
}

func (d *damaged) Close() error { return nil }

// FuzzBlock: no block, as a kernel would never write it, makes reading fail otherwise than by an error.
func FuzzBlock(f *testing.F) {
	f.Add(make([]byte, 100), uint16(80), uint32(60), uint32(60), uint32(0), byte(1), byte(0), uint16(34), uint16(6))
	f.Add(make([]byte, 300), uint16(92), uint32(100), uint32(1500), uint32(112), byte(0), byte(1), uint16(0), uint16(0))
	f.Add([]byte{1}, uint16(80), uint32(8), uint32(8), uint32(unix.TP_STATUS_VLAN_VALID), byte(1), byte(0), uint16(8), uint16(0))
	f.Add([]byte{1}, uint16(65535), uint32(1<<31), uint32(60), uint32(0xFFFFFFFF), byte(255), byte(255), uint16(60000), uint16(65535))
	f.Fuzz(func(t *testing.T, rest []byte, mac uint16, captured, length, status uint32, flags, gso byte, start, offset uint16) {
		write := func(place []byte, at [4]int) {
			copy(place, rest)
			place[frameType], place[slotType] = 0, 0 // received
			if int(mac) >= vnetSize && int(mac) <= len(place) {
				vnet := place[mac-vnetSize:]
				vnet[0], vnet[1] = flags, gso
				binary.NativeEndian.PutUint16(vnet[6:], start)
				binary.NativeEndian.PutUint16(vnet[8:], offset)
			}
			binary.NativeEndian.PutUint32(place[at[0]:], status)
			binary.NativeEndian.PutUint32(place[at[1]:], captured)
			binary.NativeEndian.PutUint32(place[at[2]:], length)
			binary.NativeEndian.PutUint16(place[at[3]:], mac)
		}
		block := make([]byte, 2*blockSize)
		write(block[48:blockSize], [...]int{frameStatus, frameCaptured, frameLength, frameMAC})
		binary.NativeEndian.PutUint32(block[blockStatus:], unix.TP_STATUS_USER)
		binary.NativeEndian.PutUint32(block[blockFrames:], 3)
		binary.NativeEndian.PutUint32(block[blockFirst:], 48)
		readDamaged(t, &blocks{memory: block, number: 2}, 3)
		status |= unix.TP_STATUS_USER
		slot := make([]byte, 1<<14)
		for i := range 4 {
			write(slot[i*1<<12:][:1<<12], [...]int{slotStatus, slotCaptured, slotLength, slotMAC})
		}
		readDamaged(t, &slots{memory: slot, size: 1 << 12, number: 4}, 4)
	})
}

// readDamaged reads a ring to its end; all frames are counted, unless the ring is seen to be damaged.
func readDamaged(t *testing.T, r ring, frames uint64) {
	d := &damaged{r}
	loop := dataplane.NewLoop(nf.Env{Devices: 1}, func(packets []nf.Packet, actions []nf.Action) {
		for i := range packets {
			clear(packets[i].Bytes())
			actions[i] = nf.Drop(nf.Malformed)
		}
	}, d)
	err := loop.Run(context.Background())
	if err != nil && !errors.Is(err, errRing) {
		t.Fatal(err)
	}
	if n := loop.Counters.Received[0]; err == nil && n != frames {
		t.Fatalf("%d frames of %d are counted", n, frames)
	}
}

// TestFanoutOfOldKernels: without the flag that newer kernels know, a group gets what its members have
// sent. It is left out.
func TestFanoutOfOldKernels(t *testing.T) {
	for _, busy := range []bool{false, true} {
		lab := netns.New(t, 1)
		far := lab.Hosts[0].Wire(t, netns.HostDevice)
		var io *IO
		var err error
		lab.Own.Do(t, func() { io, err = Open(lab.Devices(), Config{Busy: busy}) })
		if err != nil {
			t.Fatal(err)
		}
		defer io.Close()
		fd := io.devices[0].fd
		if err := unix.SetsockoptInt(fd, unix.SOL_PACKET, unix.PACKET_FANOUT, unix.PACKET_FANOUT_HASH<<16|9); err != nil {
			t.Fatal(err)
		}
		loop := dataplane.NewLoop(nf.Env{Devices: 1}, func(packets []nf.Packet, actions []nf.Action) {
			for i := range packets {
				actions[i] = nf.Forward(0)
			}
		}, io)
		if err := far.Send(make([]byte, 60)); err != nil {
			t.Fatal(err)
		}
		for limit := time.Now().Add(200 * time.Millisecond); time.Now().Before(limit); {
			if err := loop.Step(); err != nil {
				t.Fatal(err)
			}
		}
		if c := &loop.Counters; c.Received[0] != 1 || c.Sent[0] != 1 {
			t.Errorf("busy %v: %d frames were received and %d sent, want one", busy, c.Received[0], c.Sent[0])
		}
	}
}
