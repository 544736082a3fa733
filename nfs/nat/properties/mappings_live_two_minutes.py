from config import flow_timeout


def mappings_live_two_minutes(pkt, device, now):
    """A mapping outlives two minutes of silence (RFC 4787 REQ-5; RFC 5508 REQ-2)."""
    assert flow_timeout >= 120 * SECOND, "mapping expires too soon (RFC 4787 REQ-5)"
