def fragments_dropped(pkt, device, now):
    """Later fragments have no ports: all fragments are dropped (RFC 1858, 2; Maglev, NSDI 2016, 4.3)."""
    if pkt.has(ipv4) and pkt.ipv4.is_fragment:
        assert not out.sent, "a fragment was sent (RFC 1858, 2: a later one has no ports)"
