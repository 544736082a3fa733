package afpacket

import (
	"fmt"

	"golang.org/x/sys/unix"
)

// Fanout divides the frames of each device between several back ends, the members of a group (packet(7),
// PACKET_FANOUT). Members are numbered in the order in which they are opened, and open the same devices;
// when one is closed the others are numbered anew.
type Fanout struct {
	// Group is the number of the first device's group, the next device's is one more, and so on. Groups
	// of other programs in the same network namespace must have other numbers.
	Group uint16
	// Programs choose the member that receives a frame, one for each device: its result modulo the number
	// of members. The offsets of its loads count from the network header on. A device without one is
	// divided by a hash that is the same for both directions of a flow.
	Programs [][]unix.SockFilter
}

// nothing is a socket filter that lets no frame pass.
var nothing = []unix.SockFilter{{Code: unix.BPF_RET | unix.BPF_K}}

// join binds a socket to an interface, as a member of the group of device number i. Frames that arrive
// before it is a member are for others.
func (f *Fanout) join(fd, index, i int) error {
	if err := filter(fd, unix.SOL_SOCKET, unix.SO_ATTACH_FILTER, nothing); err != nil {
		return fmt.Errorf("holding back frames: %w", err)
	}
	if err := bind(fd, index, unix.ETH_P_ALL); err != nil {
		return err
	}
	mode := unix.PACKET_FANOUT_HASH
	if i < len(f.Programs) && len(f.Programs[i]) > 0 {
		mode = unix.PACKET_FANOUT_CBPF
	}
	group := int(f.Group) + i
	mode |= unix.PACKET_FANOUT_FLAG_IGNORE_OUTGOING
	if err := unix.SetsockoptInt(fd, unix.SOL_PACKET, unix.PACKET_FANOUT, mode<<16|group&0xFFFF); err != nil {
		return fmt.Errorf("joining fanout group %d: %w: other members must be on the same interface and divide "+
			"frames in the same way, so another program's group may have this number", group, err)
	}
	if mode&0xFF == unix.PACKET_FANOUT_CBPF {
		if err := filter(fd, unix.SOL_PACKET, unix.PACKET_FANOUT_DATA, f.Programs[i]); err != nil {
			return fmt.Errorf("loading the program of fanout group %d: %w", group, err)
		}
	}
	if err := unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_DETACH_FILTER, 0); err != nil {
		return fmt.Errorf("letting frames pass: %w", err)
	}
	return nil
}

// filter gives the kernel a classic BPF program.
func filter(fd, level, option int, program []unix.SockFilter) error {
	return unix.SetsockoptSockFprog(fd, level, option,
		&unix.SockFprog{Len: uint16(len(program)), Filter: &program[0]})
}
