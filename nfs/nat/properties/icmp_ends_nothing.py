from config import icmp_timeout, tcp_closing, tcp_established, tcp_opening, udp_timeout, wan
from state import Conn, Endpoint, mappings


def icmp_ends_nothing(pkt, device, now):
    """No ICMP message ends a mapping, or begins any but that of its query (RFC 4787 REQ-12, RFC 5382 REQ-10)."""
    assume(pkt.has(icmp))
    mappings.expire_before(now - udp_timeout, 0)
    mappings.expire_before(now - icmp_timeout, 1)
    mappings.expire_before(now - tcp_opening, 2)
    mappings.expire_before(now - tcp_established, 3)
    mappings.expire_before(now - tcp_closing, 4)
    if device != wan and out.sent and not pkt.has(inner):
        sender = Endpoint(old(pkt).ipv4.src, old(pkt).icmp.id, device, ICMP)
        if sender in mappings:
            mappings.refresh(sender, 1)
        else:
            mappings.insert(sender, Conn(ip4("0.0.0.0"), 0, 0), 1)
    return ...
