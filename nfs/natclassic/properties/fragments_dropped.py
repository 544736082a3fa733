def fragments_dropped(pkt, device, now):
    """Later fragments have no ports to rewrite: all fragments are dropped (RFC 4787 REQ-14)."""
    if pkt.has(ipv4) and pkt.ipv4.is_fragment:
        assert not out.sent, "a fragment was sent (RFC 1858, 2: a later one has no ports)"
