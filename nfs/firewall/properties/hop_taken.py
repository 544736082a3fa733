from config import routed


def hop_taken(pkt, device, now):
    """A firewall that is a hop forwards nothing without hops left, and takes one (RFC 1812, 5.3.1)."""
    assume(routed and pkt.has(ipv4))
    if out.sent:
        assert pkt.ipv4.ttl > 1 and out.pkt.ipv4.ttl == pkt.ipv4.ttl - 1, "the TTL did not count down"
