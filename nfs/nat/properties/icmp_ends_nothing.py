from config import flow_timeout
from state import mappings


def icmp_ends_nothing(pkt, device, now):
    """No ICMP message ends a mapping (RFC 4787 REQ-12, RFC 5382 REQ-10)."""
    assume(pkt.has(icmp))
    mappings.expire_before(now - flow_timeout)
    return ...                                        # and mappings is as expiry left it
