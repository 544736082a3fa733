package afpacket

import (
	"errors"
	"fmt"
	"math/bits"

	"golang.org/x/sys/unix"

	"vigor/dataplane"
	"vigor/nf"
)

// sender is the sending side of a device. The frames of one exchange are collected, and go to the kernel
// in one call; it copies them before it returns.
type sender struct {
	fd       int
	n        int                     // number of frames collected
	messages []message               // each points to the vector of the same number
	vectors  []unix.Iovec            // each points to a frame
	packets  [dataplane.MaxBatch]int // which packets of the batch the frames are
}

// sendBuffer is how many bytes may be on their way out, with the kernel's overhead.
const sendBuffer = 4 << 20

// open prepares the socket for an interface.
func (s *sender) open(index int) error {
	s.messages, s.vectors = make([]message, dataplane.MaxBatch), make([]unix.Iovec, dataplane.MaxBatch)
	for i := range s.messages {
		s.messages[i].header.Iov = &s.vectors[i]
		s.messages[i].header.SetIovlen(1)
	}
	if unix.SetsockoptInt(s.fd, unix.SOL_SOCKET, unix.SO_SNDBUFFORCE, sendBuffer) != nil {
		// Without CAP_NET_ADMIN the limit of the host applies, which does, too.
		if err := unix.SetsockoptInt(s.fd, unix.SOL_SOCKET, unix.SO_SNDBUF, sendBuffer); err != nil {
			return fmt.Errorf("enlarging the send buffer: %w", err)
		}
	}
	return bind(s.fd, index, 0)
}

// send sends the packets of a batch.
func (x *IO) send(out *dataplane.Batch) error {
	for i := range out.Len() {
		frame := out.Frame(i)
		for set := out.To(i); set != 0; set &= set - 1 {
			to := bits.TrailingZeros64(uint64(set))
			if len(frame) == 0 {
				out.Refuse(i, nf.Device(to), nf.Malformed)
				continue
			}
			x.devices[to].collect(i, frame)
		}
	}
	var failed error
	for d := range x.devices {
		if s := &x.devices[d].sender; s.n > 0 {
			if err := s.flush(out, nf.Device(d)); err != nil {
				failed = errors.Join(failed, fmt.Errorf("sending by %s: %w", x.devices[d].name, err))
			}
		}
	}
	return failed
}

// collect adds a frame to those that are to be sent.
func (s *sender) collect(packet int, frame []byte) {
	v := &s.vectors[s.n]
	v.Base = &frame[0]
	v.SetLen(len(frame))
	s.packets[s.n] = packet
	s.n++
}

// flush sends what was collected for device d. The kernel stops at a frame that it does not take: where the
// frame is to blame it goes on with the next one; where there is no room, all that are left are refused.
func (s *sender) flush(out *dataplane.Batch, d nf.Device) error {
	first := 0
	var failed error
	for first < s.n {
		sent, errno := sendMany(s.fd, s.messages[first:s.n])
		if errno == 0 {
			first += sent
			continue
		}
		switch why := blame(errno); {
		case errno == unix.EINTR:
		case why != nf.NoReason:
			out.Refuse(s.packets[first], d, why)
			first++
		default:
			if !full(errno) {
				failed = errno
			}
			for ; first < s.n; first++ {
				out.Refuse(s.packets[first], d, nf.TransmitFull)
			}
		}
	}
	s.n = 0
	return failed
}

// blame says what is wrong with a frame that the kernel does not take, if it is the frame.
func blame(errno unix.Errno) nf.Reason {
	switch errno {
	case unix.EMSGSIZE:
		return nf.Oversize
	case unix.EINVAL:
		return nf.Malformed // shorter than an Ethernet header
	}
	return nf.NoReason
}

// full reports whether a device may take frames later: its queue or the socket's buffer is full, or its
// link is down.
func full(errno unix.Errno) bool {
	switch errno {
	case unix.EAGAIN, unix.ENOBUFS, unix.ENOMEM, unix.ENETDOWN:
		return true
	}
	return false
}
