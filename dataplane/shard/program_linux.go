package shard

import (
	"golang.org/x/sys/unix"

	"vigor/nf"
)

// Program returns the classic BPF program that gives the kernel the number of the shard, for the
// fanout mode PACKET_FANOUT_CBPF (packet(7)); its offsets count from the IP header. Where [Owner] names
// a shard, the program returns it; for other frames it returns any number, which the kernel takes
// modulo n.
//
// A port below the first wraps around to a large number, and a load beyond the frame ends the program
// with 0: both are frames that no shard has an entry for.
func Program(s nf.Steering, n int) []unix.SockFilter {
	each := max(s.Count/n, 1)
	return []unix.SockFilter{
		{Code: unix.BPF_LDX | unix.BPF_B | unix.BPF_MSH, K: 0},               // X = length of the IP header
		{Code: unix.BPF_LD | unix.BPF_H | unix.BPF_IND, K: 2},                // A = destination port
		{Code: unix.BPF_ALU | unix.BPF_SUB | unix.BPF_K, K: uint32(s.First)}, // A -= First
		{Code: unix.BPF_ALU | unix.BPF_DIV | unix.BPF_K, K: uint32(each)},    // A /= ports of a shard
		{Code: unix.BPF_RET | unix.BPF_A},
	}
}
