//go:build linux && dpdk && cgo

package bench

import "testing"

// TestVdev: frames run round on DPDK's devices, all belong to known flows, and none is lost.
func TestVdev(t *testing.T) {
	d := describe(t)
	var m *model
	s := small
	s.IO = DPDK
	// Devices of one scenario do not stand in the way of the next; replies go the other way round.
	for _, s.Traffic = range []Traffic{Random, Reply} {
		u, err := newSubject(d, s, starter(d, start(&m)), false)
		if err != nil {
			t.Fatal(err)
		}
		m.begun, m.known = 0, 0
		r, err := u.round(Effort{Warm: 1, Chunks: 3, Bursts: 10})
		if err != nil {
			t.Fatal(err)
		}
		if m.begun != 0 || m.known != 4*ChunkSize+10*s.Burst || r.Sent != 1 || len(r.C) != 3 || r.C[0] <= 0 {
			t.Errorf("%d packets began flows, %d were of known ones, C takes %v", m.begun, m.known, r.C)
		}
		if err := u.close(); err != nil {
			t.Fatal(err)
		}
	}
}
