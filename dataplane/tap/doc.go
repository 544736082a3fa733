// Package tap is a back end on TAP devices: Ethernet interfaces of the host whose other end is this program
// (Linux, Documentation/networking/tuntap.rst). They connect a network function with the host itself,
// with its virtual machines or with a bridge of the kernel's, and need no card.
//
// [Open] takes the names of devices and a [Config], and returns an [IO]. Each frame is one system call, so
// this is no back end for high rates. The two ends of a device are two stations: the address that
// `ip link` shows is the host's, and the network function needs another one.
//
// Guarantees: VLAN tags are in the frames and checksums are finished, the kernel sees to both; nothing is
// allocated per exchange. What the host sends faster than it is read the kernel drops and counts
// (`ip -s link show DEVICE`, TX dropped), beyond 1,000 frames unless `ip link set DEVICE txqueuelen`
// says otherwise; this package does not see it.
//
// What it needs: /dev/net/tun; root or CAP_NET_ADMIN, or a device that was made for the user before, by
// `ip tuntap add dev NAME mode tap user USER`.
//
// Not done: several queues for shards. The kernel divides frames between them in its own way, which no
// partition of flows can rely on.
//
// Start at [Open], then [IO.Exchange].
package tap
