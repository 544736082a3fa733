// Package afpacket is a back end on packet sockets (packet(7)): it works on every network interface, and
// the kernel copies each frame once in and once out.
//
// [Open] takes the names of devices and a [Config], and returns an [IO]. Frames are received in blocks
// of memory shared with the kernel (TPACKET_V3, Documentation/networking/packet_mmap.rst), or each in a
// slot of its own if a frame's delay counts more than its cost (TPACKET_V2), are handed to the network
// function where they lie, and are sent from there, many in one system call. Shards
// open the same devices and join a [Fanout], by which the kernel divides what arrives.
//
// What the kernel leaves beside a frame is put into it: VLAN tags, and checksums that a local sender has
// left to the device. Guarantees: no frame that was sent by us or by the host comes back; nothing is
// allocated per exchange; frames that found no room are counted as receive_full, those longer than a
// block as truncated, and those that a device was to cut into segments as oversize. Against these turn
// segmentation off where they come from, `ethtool -K PEER tso off gso off`, and joining where they
// arrive, `ethtool -K DEVICE gro off lro off`.
//
// The host's network stack receives the same frames. A device should have no address on the host, or both
// answer.
//
// What it needs: Linux 5.4; root or CAP_NET_RAW.
//
// Start at [Open], then [IO.Exchange]; ring_linux.go has what is received, and send_linux.go what is sent.
package afpacket
