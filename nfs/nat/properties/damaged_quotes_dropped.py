def damaged_quotes_dropped(pkt, device, now):
    """An error that quotes a header with a wrong checksum reaches nobody, and what leaves quotes a right one (RFC 5508 REQ-3a)."""
    assume(pkt.has(inner) and out.sent)
    assert old(pkt).inner.ipv4.checksum_ok
    assert out.pkt.inner.ipv4.checksum_ok
