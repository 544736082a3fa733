def fragments_dropped(pkt, device, now):
    """No fragment passes, so none is judged by what stands where ports would be (RFC 1858, 3; F5)."""
    assume(pkt.has(ipv4) and pkt.ipv4.is_fragment)
    return DROP
