//go:build linux && dpdk && cgo

package dpdk

/*
#cgo pkg-config: libdpdk
#cgo CFLAGS: -O3 -Wall
#cgo LDFLAGS: -lrte_net_ring
#cgo noescape vigor_exchange
#cgo nocallback vigor_exchange
#cgo noescape vigor_hold
#cgo nocallback vigor_hold
#include <stdlib.h>
#include "dpdk.h"
#include <rte_version.h>
*/
import "C"

import (
	"errors"
	"fmt"
	"math/bits"
	"strings"
	"syscall"
	"time"
	"unsafe"

	"vigor/dataplane"
	"vigor/nf"
	"vigor/packet"
)

// The sizes of C and Go agree.
var (
	_ [dataplane.MaxBurst]struct{}      = [C.VIGOR_BURST]struct{}{}
	_ [nf.MaxDevices]struct{}           = [C.VIGOR_DEVICES]struct{}{}
	_ [unsafe.Sizeof([]byte{})]struct{} = [unsafe.Sizeof(C.struct_vigor_frame{})]struct{}{}
)

// drainTime is more than a card needs at 1 Gb/s to send 1,024 frames of full length.
const drainTime = 20 * time.Millisecond

// Devices are the devices of one network function. One goroutine uses them.
type Devices struct {
	io      *C.struct_vigor_io
	frames  *[C.VIGOR_BURST][]byte // io.frame, which has the form of Go's slices
	opened  int                    // the first so many are in use by this
	keep    nf.Devices             // those that were there before, such as a Pair's, and stay
	buffers int                    // number of them in the pool when all are in it
	room    int                    // bytes that a buffer holds
	cards   bool                   // some are cards, which send at their own pace
	replays []*C.struct_vigor_replay
}

// Open starts DPDK, if this process has not done so, and opens the devices, which must not be in use.
func Open(cfg Config) (*Devices, error) {
	cfg, err := cfg.check()
	if err != nil {
		return nil, err
	}
	process.Lock()
	defer process.Unlock()
	if err := startEAL(cfg); err != nil {
		return nil, err
	}
	d := &Devices{}
	if err := failed(C.vigor_io_new(&d.io, C.uint32_t(len(cfg.Devices)))); err != nil {
		return nil, fmt.Errorf("preparing %d devices: %w", len(cfg.Devices), err)
	}
	d.frames = (*[C.VIGOR_BURST][]byte)(unsafe.Pointer(&d.io.frame))
	if err := d.start(cfg); err != nil {
		d.release()
		return nil, err
	}
	return d, nil
}

// start creates the pool and starts each device.
func (d *Devices) start(cfg Config) error {
	// Each device holds at most Descriptors in each direction. Beside them are those that Go has, and
	// those in DPDK's caches.
	d.buffers, d.room = 2*cfg.Descriptors*len(cfg.Devices)+1024, bufferRoom(cfg.MaxFrame)
	if err := failed(C.vigor_pool_new(d.io, C.uint32_t(d.buffers), C.uint16_t(d.room))); err != nil {
		return fmt.Errorf("reserving %d buffers of %d bytes: %w%s", d.buffers, d.room, err, memoryCure(cfg))
	}
	for i, text := range cfg.Devices {
		dev, err := parseDevice(text)
		if err != nil {
			return err
		}
		if err := d.startDevice(C.uint32_t(i), dev, cfg); err != nil {
			return err
		}
	}
	return nil
}

// startDevice finds and starts one device.
func (d *Devices) startDevice(i C.uint32_t, dev device, cfg Config) error {
	name, args := C.CString(dev.name), C.CString(dev.args)
	defer C.free(unsafe.Pointer(name))
	defer C.free(unsafe.Pointer(args))
	found := C.vigor_device_find(d.io, i, name, args)
	if err := failed(found); err != nil {
		return fmt.Errorf("finding device %s: %w: DPDK's lines on standard error say more", dev.args, err)
	}
	port := d.io.port[i]
	if owner, used := process.used[port]; used {
		return fmt.Errorf("device %s is open already, as %s", dev.args, owner)
	}
	process.used[port] = dev.name
	d.opened++
	d.cards = d.cards || dev.card
	if found == 1 && !dev.card {
		d.keep = d.keep.With(nf.Device(i))
	}
	if err := failed(C.vigor_device_start(d.io, i, C.uint16_t(cfg.Descriptors), C.uint16_t(cfg.MaxFrame))); err != nil {
		return fmt.Errorf("starting device %s: %w: DPDK's lines on standard error say more", dev.args, err)
	}
	return nil
}

// Close gives cards time to send, stops all devices, removes those that were not there before, and
// gives the memory back. What was sent into a [Pair] can still be received from it.
func (d *Devices) Close() error {
	process.Lock()
	defer process.Unlock()
	if d.io == nil {
		return errors.New("closing devices of DPDK: they are closed already")
	}
	d.release()
	return nil
}

// release is Close with the lock held, and for devices of which only some are in use.
func (d *Devices) release() {
	for _, r := range d.replays {
		C.vigor_replay_stop(r)
	}
	if d.cards {
		time.Sleep(drainTime)
	}
	for i := range d.opened {
		C.vigor_device_stop(d.io, C.uint32_t(i), C.bool(d.keep.Has(nf.Device(i))))
		delete(process.used, d.io.port[i])
	}
	pool := d.io.pool
	C.vigor_io_free(d.io)
	d.io, d.frames, d.opened = nil, nil, 0
	retire(pool)
}

// Exchange sends what was decided and receives the next burst, in one call into C. It does not wait.
func (d *Devices) Exchange(out, in *dataplane.Batch) error {
	d.decide(out)
	C.vigor_exchange(d.io, C.uint32_t(in.Room()))
	if d.io.refusals > 0 {
		d.refuse(out)
	}
	for i := range d.io.lost {
		in.Lost(nf.Device(d.io.lost_from[i]), nf.Truncated)
	}
	if d.io.unreported > 0 {
		d.report(in)
	}
	now := nf.Time(d.io.now)
	for i := range int(d.io.received) {
		in.Add(d.frames[i], nf.Device(d.io.from[i]), now, uint64(i))
	}
	return nil
}

// decide tells C by which devices to send each held buffer.
func (d *Devices) decide(out *dataplane.Batch) {
	io := d.io
	io.sends, io.same = C.uint32_t(out.Len()), C.bool(same(out))
	if io.same {
		io.send[0].to = C.uint64_t(out.To(0))
		return
	}
	for i := range out.Len() {
		held := out.Handle(i)
		if held == dataplane.Foreign {
			held = uint64(dataplane.MaxBurst + i)
			d.hold(out, i, held)
		}
		io.send[i].to, io.send[i].held = C.uint64_t(out.To(i)), C.uint64_t(held)
	}
}

// same reports whether all packets go to the same device, or all nowhere, in the order in which they
// were received.
func same(out *dataplane.Batch) bool {
	n := out.Len()
	if n == 0 {
		return false
	}
	to := out.To(0)
	for i := range n {
		if out.To(i) != to || out.Handle(i) != uint64(i) {
			return false
		}
	}
	return to&(to-1) == 0
}

// hold copies a foreign frame into a buffer. If it does not fit or there is none, no device sends it.
func (d *Devices) hold(out *dataplane.Batch, i int, held uint64) {
	frame, why := out.Frame(i), nf.Oversize
	if len(frame) <= d.room {
		data := C.vigor_hold(d.io, C.uint32_t(held), C.uint16_t(len(frame)))
		if data != nil {
			copy(unsafe.Slice((*byte)(data), len(frame)), frame)
			return
		}
		why = nf.TransmitFull
	}
	for set := out.To(i); set != 0; set &= set - 1 {
		out.Refuse(i, nf.Device(bits.TrailingZeros64(uint64(set))), why)
	}
}

// refuse reports what devices had no room for.
func (d *Devices) refuse(out *dataplane.Batch) {
	for i := range out.Len() {
		for set := uint64(d.io.refused[i]); set != 0; set &= set - 1 {
			out.Refuse(i, nf.Device(bits.TrailingZeros64(set)), nf.TransmitFull)
		}
	}
}

// maxReport is how many missed frames are counted in one exchange: it takes a microsecond, and the next
// exchange goes on.
const maxReport = 512

// report counts frames that devices had no room for.
func (d *Devices) report(in *dataplane.Batch) {
	left := uint64(maxReport)
	for i := range d.opened {
		n := min(uint64(d.io.missed[i]), left)
		for range n {
			in.Lost(nf.Device(i), nf.ReceiveFull)
		}
		d.io.missed[i] -= C.uint64_t(n)
		d.io.unreported -= C.uint64_t(n)
		left -= n
	}
}

// Mode says for logs how the devices are driven.
func (d *Devices) Mode() string {
	drivers := make([]string, d.opened)
	for i := range drivers {
		drivers[i] = C.GoString(C.vigor_device_driver(d.io, C.uint32_t(i)))
	}
	pages := "small pages"
	if process.huge {
		pages = "huge pages"
	}
	return C.GoString(C.rte_version()) + ", " + strings.Join(drivers, " ") + ", " + pages
}

// MAC is the Ethernet address of a device; zero if it has none.
func (d *Devices) MAC(device nf.Device) packet.MAC {
	var address [6]C.uint8_t
	if int(device) >= d.opened || C.vigor_device_mac(d.io, C.uint32_t(device), &address[0]) != 0 {
		return packet.MAC{}
	}
	var mac packet.MAC
	for i := range mac {
		mac[i] = byte(address[i])
	}
	return mac
}

// Buffers is the number of buffers that are in the pool, out of all. The others are received or to be
// sent.
func (d *Devices) Buffers() (free, all int) {
	return int(C.vigor_pool_count(d.io.pool)), d.buffers
}

// errUnsaid is what a driver means by -1.
var errUnsaid = errors.New("it is not permitted, or fails without a reason")

// failed is the error that a negative errno stands for.
func failed(result C.int) error {
	switch {
	case result >= 0:
		return nil
	case result == -1:
		return errUnsaid
	}
	return syscall.Errno(-result)
}
