from config import wan


def queries_from_inside_only(pkt, device, now):
    """Nobody outside can ask what is inside (RFC 5508 REQ-1)."""
    if pkt.has(icmp) and (pkt.icmp.type in (8, 13) and device == wan or pkt.icmp.type in (0, 14) and device != wan):
        assert not out.sent, "asked from outside, or answered from inside (RFC 5508 REQ-1)"
