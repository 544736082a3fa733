package afpacket

import (
	"context"
	"encoding/binary"
	"errors"
	"io"
	"testing"

	"golang.org/x/sys/unix"

	"vigor/dataplane"
	"vigor/nf"
)

// damaged is a back end that reads one block of any content.
type damaged struct {
	ring ring
	err  error
}

func (d *damaged) Exchange(_, in *dataplane.Batch) error {
	d.ring.recycle()
	for in.Room() > 0 && d.ring.arrived() {
		if d.err = d.ring.take(in, 0, 0); d.err != nil {
			return d.err
		}
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
		memory := make([]byte, 2*blockSize)
		binary.NativeEndian.PutUint32(memory[blockStatus:], unix.TP_STATUS_USER)
		binary.NativeEndian.PutUint32(memory[blockFrames:], 3)
		binary.NativeEndian.PutUint32(memory[blockFirst:], 48)
		slot := memory[48:blockSize]
		copy(slot, rest)
		binary.NativeEndian.PutUint16(slot[frameMAC:], mac)
		binary.NativeEndian.PutUint32(slot[frameCaptured:], captured)
		binary.NativeEndian.PutUint32(slot[frameLength:], length)
		binary.NativeEndian.PutUint32(slot[frameStatus:], status)
		if int(mac) >= vnetSize && int(mac) <= len(slot) {
			vnet := slot[mac-vnetSize:]
			vnet[0], vnet[1] = flags, gso
			binary.NativeEndian.PutUint16(vnet[6:], start)
			binary.NativeEndian.PutUint16(vnet[8:], offset)
		}
		d := &damaged{ring: ring{memory: memory, blocks: 2}}
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
		if n := loop.Counters.Received[0]; err == nil && n != 3 {
			t.Fatalf("%d frames of 3 are counted, %v", n, err)
		}
	})
}
