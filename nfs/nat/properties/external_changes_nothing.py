from config import flow_timeout, wan
from state import mappings


def external_changes_nothing(pkt, device, now):
    """The outside makes no mapping and keeps none alive (RFC 3022, 3.1; RFC 4787, 4.3)."""
    assume(device == wan)
    mappings.expire_before(now - flow_timeout)
    return ...                                        # and mappings is as expiry left it
