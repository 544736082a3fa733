// Package direct is a back end on the drivers of this project, below driver/: for devices whose registers
// a program can map, and for models of devices in tests.
//
// A caller opens a driver on each device, all with one [bus.Pool], and gives them to [New]; when the [IO] is
// closed, it closes the devices. Received frames are sent from the buffer they were received in, by
// however many devices; a buffer is free again when the last has sent it. The loop is busy: it never
// waits for frames. A device that breaks its contract ends the loop with an error.
//
// On Linux, [Registers] are those of a device whose memory was mapped, and [Config] the configuration
// space in /sys/bus/pci/devices/ADDRESS/config. A program takes a device from the kernel's driver, maps
// resourceN from the same folder and, through VFIO or, without an IOMMU, from locked huge pages whose addresses it
// knows, memory that is at one bus address for good: for the rings and for the pool. Drivers take both the
// memory and its address, and so do not care. Getting such memory is not part of this package.
//
// Start at [IO.Exchange].
package direct

import (
	"fmt"
	"time"

	"vigor/dataplane"
	"vigor/driver/bus"
	"vigor/nf"
)

// IO is the back end.
type IO struct {
	devices []bus.Network
	pool    *bus.Pool
	posted  []int    // buffers that each device has for frames to come
	share   int      // how many each may have
	uses    []uint8  // by buffer: devices that are sending it
	free    []uint32 // buffers that nobody has
	sending int      // uses, all in all
	first   int      // the device that receives first at the next exchange
	start   time.Time
}

// New returns a back end on devices that are open and have no buffers of the pool. Half of the buffers wait for
// frames, the others carry those under way.
func New(devices []bus.Network, pool *bus.Pool) (*IO, error) {
	if len(devices) == 0 || len(devices) > nf.MaxDevices {
		return nil, fmt.Errorf("%d devices: the number must be 1 to %d", len(devices), nf.MaxDevices)
	}
	share := len(pool.Buffers) / 2 / len(devices)
	if share == 0 {
		return nil, fmt.Errorf("%d buffers are too few for %d devices", len(pool.Buffers), len(devices))
	}
	d := &IO{
		devices: devices, pool: pool, share: share, posted: make([]int, len(devices)),
		uses: make([]uint8, len(pool.Buffers)), start: time.Now(),
	}
	for i := range pool.Buffers {
		d.free = append(d.free, uint32(i))
	}
	d.refill()
	return d, nil
}

// Exchange sends, then receives, as [dataplane.IO] says. It does not wait for frames.
func (d *IO) Exchange(out, in *dataplane.Batch) error {
	d.reclaim()
	for i := range out.Len() {
		d.send(out, i)
	}
	d.refill()
	for i, device := range d.devices {
		if problem := device.Problem(); problem != "" {
			return fmt.Errorf("device %d: %s", i, problem)
		}
	}
	now := nf.Time(time.Since(d.start))
	for i := range d.devices {
		d.receive(in, (d.first+i)%len(d.devices), now)
	}
	d.first = (d.first + 1) % len(d.devices)
	return nil
}

// send sends packet i by all devices of its set, and takes the buffer back if none does.
func (d *IO) send(out *dataplane.Batch, i int) {
	buffer, frame, ok := uint32(out.Handle(i)), out.Frame(i), true
	if out.Handle(i) == dataplane.Foreign {
		buffer, ok = d.copied(frame)
	}
	for n, device := range d.devices {
		switch {
		case !out.To(i).Has(nf.Device(n)):
		case ok && device.Send(buffer, uint32(len(frame))):
			d.uses[buffer]++
			d.sending++
		default:
			out.Refuse(i, nf.Device(n), nf.TransmitFull)
		}
	}
	if ok && d.uses[buffer] == 0 {
		d.free = append(d.free, buffer)
	}
}

// copied puts a frame that is in no buffer into one, if there is one.
func (d *IO) copied(frame []byte) (buffer uint32, ok bool) {
	if len(d.free) == 0 || len(frame) > bus.MaxFrame {
		return 0, false
	}
	buffer = d.free[len(d.free)-1]
	d.free = d.free[:len(d.free)-1]
	copy(d.pool.Frame(buffer, uint32(len(frame))), frame)
	return buffer, true
}

// reclaim takes back what was sent.
func (d *IO) reclaim() {
	for _, device := range d.devices {
		for {
			buffer, ok := device.Sent()
			if !ok {
				break
			}
			d.sending--
			if d.uses[buffer]--; d.uses[buffer] == 0 {
				d.free = append(d.free, buffer)
			}
		}
	}
}

// refill gives each device its share of buffers, and has it begin with them, and with what it sends.
func (d *IO) refill() {
	for i, device := range d.devices {
		for d.posted[i] < d.share && len(d.free) > 0 && device.Post(d.free[len(d.free)-1]) {
			d.free = d.free[:len(d.free)-1]
			d.posted[i]++
		}
		device.Flush()
	}
}

// receive adds what a device has received.
func (d *IO) receive(in *dataplane.Batch, device int, now nf.Time) {
	for in.Room() > 0 {
		buffer, length, ok := d.devices[device].Received()
		if !ok {
			return
		}
		d.posted[device]--
		if !in.Add(d.pool.Frame(buffer, length), nf.Device(device), now, uint64(buffer)) {
			d.free = append(d.free, buffer)
		}
	}
}

// Close waits until what was sent has left, a second at most. The devices stay open.
func (d *IO) Close() error {
	for begin := time.Now(); d.sending > 0; time.Sleep(10 * time.Microsecond) {
		if d.reclaim(); d.sending > 0 && time.Since(begin) > time.Second {
			return fmt.Errorf("closing: %d buffers have not been sent within a second", d.sending)
		}
	}
	return nil
}
