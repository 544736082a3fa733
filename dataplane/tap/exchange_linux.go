package tap

import (
	"errors"
	"fmt"
	"math/bits"
	"time"

	"golang.org/x/sys/unix"

	"vigor/dataplane"
	"vigor/nf"
)

// Exchange implements [dataplane.IO].
func (x *IO) Exchange(out, in *dataplane.Batch) error {
	if err := x.send(out); err != nil {
		return err
	}
	if in.Room() == 0 {
		return nil
	}
	if err := x.receive(in); err != nil || in.Len() > 0 || x.busy {
		return err
	}
	// An interrupted call is a short sleep; other errors are found in reading.
	unix.Poll(x.poll, int(dataplane.MaxWait/time.Millisecond))
	return x.receive(in)
}

// send writes the packets of a batch.
func (x *IO) send(out *dataplane.Batch) error {
	var failed error
	for i := range out.Len() {
		for set := out.To(i); set != 0; set &= set - 1 {
			to := nf.Device(bits.TrailingZeros64(uint64(set)))
			why, err := x.devices[to].write(out.Frame(i))
			if why != nf.NoReason {
				out.Refuse(i, to, why)
			}
			failed = errors.Join(failed, err)
		}
	}
	return failed
}

// write sends one frame, or says why it is not sent.
func (d *device) write(frame []byte) (nf.Reason, error) {
	for {
		_, err := unix.Write(d.fd, frame)
		switch err {
		case nil:
			return nf.NoReason, nil
		case unix.EINTR:
			continue
		case unix.EINVAL:
			return nf.Malformed, nil // shorter than an Ethernet header
		case unix.EAGAIN, unix.ENOBUFS, unix.ENOMEM, unix.EIO: // the last one: it is switched off
			return nf.TransmitFull, nil
		}
		return nf.TransmitFull, d.failed("sending by", err)
	}
}

// failed is an error of a device.
func (d *device) failed(doing string, err error) error {
	if errors.Is(err, unix.EBADFD) {
		err = fmt.Errorf("the interface has been removed: %w", err)
	}
	return fmt.Errorf("%s %s: %w", doing, d.name, err)
}

// receive reads from the devices in turn, beginning with another one each time.
func (x *IO) receive(in *dataplane.Batch) error {
	for i := range x.devices {
		if err := x.receiveFrom((x.first+i)%len(x.devices), in); err != nil {
			return err
		}
	}
	x.first = (x.first + 1) % len(x.devices)
	return nil
}

// receiveFrom reads the frames of a device, as many as there is room for. The first one of a batch gives all
// of them their time.
func (x *IO) receiveFrom(i int, in *dataplane.Batch) error {
	for in.Room() > 0 {
		at := in.Len() * slot
		n, err := unix.Read(x.devices[i].fd, x.memory[at:][:dataplane.MaxFrame+1])
		switch err {
		case nil:
			if in.Len() == 0 {
				x.now = nf.Time(time.Since(x.origin))
			}
			in.Add(x.memory[at:at+n:at+n], nf.Device(i), x.now, 0) // counts one that is too long
		case unix.EINTR:
		case unix.EAGAIN:
			return nil
		default:
			return x.devices[i].failed("receiving from", err)
		}
	}
	return nil
}
