package netns

import (
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// Wire sends frames by a device as they are, and captures all that it receives.
type Wire struct {
	fd     int
	buffer []byte
}

// room is the memory in bytes for captured frames; the kernel counts at least 2 KiB for each.
const room = 128 << 20

// Wire opens a device. It captures from now on; a test that never looks loses frames after some 50,000.
func (n *Namespace) Wire(t testing.TB, device string) *Wire {
	t.Helper()
	w := &Wire{buffer: make([]byte, 1<<16)}
	var err error
	n.Do(t, func() { w.fd, err = openRaw(device) })
	if err != nil {
		t.Fatalf("opening %s to capture: %v", device, err)
	}
	t.Cleanup(func() { unix.Close(w.fd) })
	return w
}

// openRaw opens a packet socket on a device.
func openRaw(device string) (int, error) {
	i, err := net.InterfaceByName(device)
	if err != nil {
		return -1, err
	}
	fd, err := unix.Socket(unix.AF_PACKET, unix.SOCK_RAW|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return -1, err
	}
	all := uint16(unix.ETH_P_ALL)
	if err := errors.Join(
		unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_RCVBUFFORCE, room),
		unix.SetsockoptInt(fd, unix.SOL_PACKET, unix.PACKET_IGNORE_OUTGOING, 1),
		unix.SetsockoptInt(fd, unix.SOL_PACKET, unix.PACKET_AUXDATA, 1),
		unix.Bind(fd, &unix.SockaddrLinklayer{Ifindex: i.Index, Protocol: all<<8 | all>>8}),
	); err != nil {
		unix.Close(fd)
		return -1, err
	}
	return fd, nil
}

// Send sends a frame, which starts with its Ethernet header. It waits up to a second for room.
func (w *Wire) Send(frame []byte) error {
	for limit := time.Now().Add(time.Second); ; {
		_, err := unix.Write(w.fd, frame)
		full := errors.Is(err, unix.EAGAIN) || errors.Is(err, unix.ENOBUFS)
		if !full || time.Now().After(limit) {
			return err
		}
		time.Sleep(100 * time.Microsecond)
	}
}

// Next returns the next captured frame, with its VLAN tag; nil if there is none within a time.
func (w *Wire) Next(wait time.Duration) ([]byte, error) {
	var control [64]byte
	for limit := time.Now().Add(wait); ; {
		n, size, _, _, err := unix.Recvmsg(w.fd, w.buffer, control[:], 0)
		switch {
		case err == nil:
			return tagged(w.buffer[:n], control[:size]), nil
		case errors.Is(err, unix.EINTR):
		case !errors.Is(err, unix.EAGAIN):
			return nil, fmt.Errorf("capturing: %w", err)
		case !time.Now().Before(limit):
			return nil, nil
		default:
			poll := []unix.PollFd{{Fd: int32(w.fd), Events: unix.POLLIN}}
			if _, err := unix.Poll(poll, int(time.Until(limit)/time.Millisecond)+1); err != nil && !errors.Is(err, unix.EINTR) {
				return nil, fmt.Errorf("waiting for a frame: %w", err)
			}
		}
	}
}

// All returns what has been captured and not yet been returned. Nothing is under way inside the kernel
// between two ends of a pair once the sending call has returned and other processors were idle for a
// moment; wait says how long none may have come.
func (w *Wire) All(wait time.Duration) ([][]byte, error) {
	var frames [][]byte
	for {
		frame, err := w.Next(wait)
		if frame == nil || err != nil {
			return frames, err
		}
		frames = append(frames, frame)
	}
}

// tagged copies a frame, with the VLAN tag that the kernel took out of it (packet(7), PACKET_AUXDATA).
func tagged(frame, control []byte) []byte {
	tag := vlan(control)
	if tag == nil || len(frame) < 12 {
		return append([]byte(nil), frame...)
	}
	return append(append(append([]byte(nil), frame[:12]...), tag...), frame[12:]...)
}

// vlan is the tag in a control message, ready for the frame; nil if there is none.
func vlan(control []byte) []byte {
	messages, err := unix.ParseSocketControlMessage(control)
	if err != nil {
		return nil
	}
	for _, m := range messages {
		if m.Header.Level != unix.SOL_PACKET || m.Header.Type != unix.PACKET_AUXDATA || len(m.Data) < 20 {
			continue
		}
		// struct tpacket_auxdata: status at 0, TCI at 16, TPID at 18, in the order of the machine.
		if status := binary.NativeEndian.Uint32(m.Data); status&unix.TP_STATUS_VLAN_VALID != 0 {
			tag := make([]byte, 4)
			binary.BigEndian.PutUint16(tag, unix.ETH_P_8021Q)
			if status&unix.TP_STATUS_VLAN_TPID_VALID != 0 {
				binary.BigEndian.PutUint16(tag, binary.NativeEndian.Uint16(m.Data[18:]))
			}
			binary.BigEndian.PutUint16(tag[2:], binary.NativeEndian.Uint16(m.Data[16:]))
			return tag
		}
	}
	return nil
}
