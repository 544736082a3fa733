package shard

import (
	"golang.org/x/sys/unix"

	"vigor/nf"
)

// Program returns the classic BPF program that gives the kernel the number of the shard, for the
// fanout mode PACKET_FANOUT_CBPF (packet(7)); its offsets count from the IP header. Where [Owner] names
// a shard, the program returns it modulo n, which is what the kernel takes; for other frames it returns any number. It is
// nil for [nf.ByFlow], for which the kernel has a mode.
func Program(s nf.Steering, n int) []unix.SockFilter {
	switch s.By {
	case nf.ByDestinationPort:
		return byPort(s, n)
	case nf.BySource:
		return append(loadSource(), spreading...)
	case nf.ByDestination:
		return append([]unix.SockFilter{load(unix.BPF_W|unix.BPF_ABS, destinationAt)}, spreading...)
	}
	return nil
}

// load loads from the packet: a word, half word or byte at an offset that is absolute or counts from X.
func load(how uint16, offset uint32) unix.SockFilter {
	return unix.SockFilter{Code: unix.BPF_LD | how, K: offset}
}

// headerLength puts the length of the IP header into X.
var headerLength = unix.SockFilter{Code: unix.BPF_LDX | unix.BPF_B | unix.BPF_MSH, K: 0}

// byPort divides ports.
//
// A port below the first wraps around to a large number, and a load beyond the frame ends the program
// with 0: both are frames that no shard has an entry for.
func byPort(s nf.Steering, n int) []unix.SockFilter {
	each := max(s.Count/n, 1)
	return []unix.SockFilter{
		headerLength,
		load(unix.BPF_H|unix.BPF_IND, 2), // A = destination port
		{Code: unix.BPF_ALU | unix.BPF_SUB | unix.BPF_K, K: uint32(s.First)}, // A -= First
		{Code: unix.BPF_ALU | unix.BPF_DIV | unix.BPF_K, K: uint32(each)},    // A /= ports of a shard
		{Code: unix.BPF_RET | unix.BPF_A},
	}
}

// spreading returns what spread makes of A.
var spreading = []unix.SockFilter{
	{Code: unix.BPF_ALU | unix.BPF_MUL | unix.BPF_K, K: factor},
	{Code: unix.BPF_ALU | unix.BPF_RSH | unix.BPF_K, K: highBits},
	{Code: unix.BPF_RET | unix.BPF_A},
}

// loadSource puts what hostOf returns for BySource into A.
func loadSource() []unix.SockFilter {
	const kinds = uint8(len(quoting))
	equal := func(k uint32, yes, no uint8) unix.SockFilter {
		return unix.SockFilter{Code: unix.BPF_JMP | unix.BPF_JEQ | unix.BPF_K, Jt: yes, Jf: no, K: k}
	}
	program := []unix.SockFilter{
		headerLength,
		load(unix.BPF_B|unix.BPF_ABS, protocolAt),
		equal(1, 0, 3+kinds), // ICMP, or on to the source
		load(unix.BPF_H|unix.BPF_ABS, fragmentAt),
		{Code: unix.BPF_JMP | unix.BPF_JSET | unix.BPF_K, Jt: 1 + kinds, K: 0x1FFF}, // a later fragment: the source
		load(unix.BPF_B|unix.BPF_IND, 0),                                            // A = type
	}
	for i, kind := range quoting {
		program = append(program, equal(kind, kinds+1-uint8(i), 0)) // an error: on to the quote
	}
	return append(program,
		load(unix.BPF_W|unix.BPF_ABS, sourceAt),
		unix.SockFilter{Code: unix.BPF_JMP | unix.BPF_JA, K: 1},
		load(unix.BPF_W|unix.BPF_IND, quoteAt+destinationAt),
	)
}
