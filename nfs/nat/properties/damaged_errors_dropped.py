def damaged_errors_dropped(pkt, device, now):
    """An error with a wrong ICMP checksum reaches nobody (RFC 5508 REQ-3)."""
    assume(pkt.has(inner))
    assert pkt.icmp.checksum_ok or not out.sent
