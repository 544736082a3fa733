// Package afxdp is a back end on AF_XDP sockets: the kernel passes frames in memory that it shares with
// the program, before its own network stack has seen them (Linux, Documentation/networking/af_xdp.rst).
//
// [Open] takes the names of devices and a [Config], and returns an [IO]. It attaches an XDP program of
// five instructions to each device, which directs the frames of one queue to our socket and lets
// those of other queues pass on. All devices share one area of memory, so a frame that is forwarded is
// not copied by this package; one that is flooded is, for every device but one, as is one that a
// layer has injected. Shards open the same devices with a queue each, from one process or several.
//
// Modes are tried from the fastest on, and [IO.Mode] says what came out: native, where the driver
// runs the XDP program, or generic, where the kernel's stack does; zero-copy, where the device
// itself reaches our memory, or copy. All devices copy if one has to.
//
// Guarantees: every chunk of the memory is in one place, see [IO]; nothing is allocated per exchange;
// frames that the kernel could not deliver are counted as receive_full, and those longer than a chunk
// as truncated. Frames that a driver or the stack drops before the XDP program or after the
// transmit ring are counted by the device alone (`ip -s link`, `ethtool -S`).
//
// What it needs: Linux 5.11; root, or CAP_NET_ADMIN, CAP_NET_RAW and CAP_BPF, and memory that may be
// locked, 8 MiB a device unless Config.Ring says otherwise; to join the shards of another process
// CAP_SYS_ADMIN. A device's MTU is at most 3818. What joins frames into longer ones or leaves work to devices must be off, or the
// network function sees frames longer than the MTU, with unfinished checksums, or without
// their VLAN tag: `ethtool -K DEVICE gro off lro off rxvlan off`, and for a veth pair
// `ethtool -K PEER tx off tso off gso off txvlan off` on the other end.
//
// Not tested: zero-copy, for which a card and its driver are needed; veth devices have none. The
// rings are used as in copy mode, but the driver decides when chunks come back. Config.Copy avoids it.
//
// Start at [Open], then [IO.Exchange]; ring_unsafe.go has what is shared with the kernel.
package afxdp
