//go:build linux && dpdk && cgo

package bench

import (
	"errors"
	"fmt"
	"io"

	"vigor/dataplane"
	"vigor/dataplane/dpdk"
	"vigor/dataplane/memory"
	"vigor/nf"
)

// Size of a [vdev].
const (
	vdevDepth  = 512 // frames that the ring holds
	vdevFrames = 256 // that run round
)

// vdev is a pair of DPDK's ring devices. What is sent by one arrives at the other, where the next frame
// of the traffic takes its place: there is always something to receive.
type vdev struct {
	*dpdk.Devices
	pair *dpdk.Pair
	at   nf.Device // that receives
}

// vdevs counts pairs, for their names.
var vdevs int

// newVdev makes a device receive the traffic.
func newVdev(at nf.Device, traffic *memory.Cycle) (*vdev, error) {
	vdevs++
	pair, err := dpdk.NewPair(dpdk.Config{}, fmt.Sprintf("bench%d", vdevs), vdevDepth)
	if err != nil {
		return nil, err
	}
	devices, err := dpdk.Open(dpdk.Config{Devices: []string{pair.A, pair.B}, MaxFrame: MaxFrame})
	if err != nil {
		return nil, errors.Join(err, pair.Close())
	}
	v := &vdev{devices, pair, at}
	var frames [][]byte
	for f := range traffic.Frames {
		if f.Device != at {
			return nil, errors.Join(errors.New("frames come from both devices: they can go round from one only"), v.Close())
		}
		frames = append(frames, f.Bytes)
	}
	if err := v.Replay(at, frames); err != nil {
		return nil, errors.Join(err, v.Close())
	}
	if err := v.seed(frames[0]); err != nil {
		return nil, errors.Join(err, v.Close())
	}
	return v, nil
}

// seed sends the first frames.
func (v *vdev) seed(frame []byte) error {
	s := &seeder{vdev: v, frame: frame}
	loop := dataplane.NewLoop(nf.Env{Devices: 2}, func([]nf.Packet, []nf.Action) {}, s)
	for s.sent < vdevFrames {
		if err := loop.Step(); err != nil {
			return fmt.Errorf("sending the first frames: %w", err)
		}
	}
	return nil
}

// seeder sends frames by the device opposite the one that receives, and receives nothing.
type seeder struct {
	*vdev
	frame []byte
	sent  int
}

// Exchange lets the devices have what it adds.
func (s *seeder) Exchange(out, in *dataplane.Batch) error {
	for s.sent < vdevFrames && out.Inject(s.frame, 1-s.at) {
		s.sent++
	}
	var none dataplane.Batch // without room
	return s.vdev.Exchange(out, &none)
}

// Close gives back devices and ring.
func (v *vdev) Close() error { return errors.Join(v.Devices.Close(), v.pair.Close()) }

// chunks times forwarding in C, on the same devices.
func (v *vdev) chunks(burst int, into []float64) error {
	for i := range into {
		before := threadTime()
		if err := v.Baseline(v.at, 1-v.at, burst, ChunkSize); err != nil {
			return err
		}
		into[i] = float64(threadTime()-before) / ChunkSize
	}
	return nil
}

var _ io.Closer = (*vdev)(nil)
