from config import icmp_timeout, tcp_closing, tcp_established, tcp_opening, udp_timeout
from state import mappings


def errors_change_nothing(pkt, device, now):
    """No error makes, keeps or ends a mapping (RFC 5508 REQ-6; RFC 4787 REQ-12)."""
    assume(pkt.has(inner))
    mappings.expire_before(now - udp_timeout, 0)
    mappings.expire_before(now - icmp_timeout, 1)
    mappings.expire_before(now - tcp_opening, 2)
    mappings.expire_before(now - tcp_established, 3)
    mappings.expire_before(now - tcp_closing, 4)
    return ...                                        # and mappings is as expiry left it
