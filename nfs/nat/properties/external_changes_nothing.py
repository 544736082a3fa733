from config import icmp_timeout, tcp_closing, tcp_established, tcp_opening, udp_timeout, wan
from state import mappings


def external_changes_nothing(pkt, device, now):
    """The outside makes no mapping, keeps none alive and ends none (RFC 3022, 3.1; RFC 4787, 4.3)."""
    assume(device == wan and not (pkt.has(tcp) and pkt.tcp.fin))
    mappings.expire_before(now - udp_timeout, 0)
    mappings.expire_before(now - icmp_timeout, 1)
    mappings.expire_before(now - tcp_opening, 2)
    mappings.expire_before(now - tcp_established, 3)
    mappings.expire_before(now - tcp_closing, 4)
    return ...                                        # and mappings is as expiry left it
