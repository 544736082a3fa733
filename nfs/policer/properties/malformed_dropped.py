from config import inside, inward, outside, outward


def malformed_dropped(pkt, device, now):
    """A datagram whose lengths contradict each other or the frame does not pass unpoliced (RFC 1812, 5.2.2)."""
    assume(device == inside and outward or device == outside and inward)
    assume(pkt.has(ether) and pkt.ether.type == TYPE_IPV4 and not pkt.has(ipv4))
    return DROP
