from config import flow_timeout
from state import mappings


def errors_change_nothing(pkt, device, now):
    """No error makes, keeps or ends a mapping (RFC 5508 REQ-6; RFC 4787 REQ-12)."""
    assume(pkt.has(inner))
    mappings.expire_before(now - flow_timeout)
    return ...                                        # and mappings is as expiry left it
