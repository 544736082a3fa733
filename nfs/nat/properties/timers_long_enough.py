from config import icmp_timeout, tcp_closing, tcp_established, tcp_opening, udp_timeout


def timers_long_enough(pkt, device, now):
    """No timer is shorter than the least that its kind of mapping may have (RFC 4787 REQ-5, RFC 5508 REQ-2, RFC 5382 REQ-5)."""
    assert udp_timeout >= 120 * SECOND, "UDP mapping expires too soon (RFC 4787 REQ-5)"
    assert icmp_timeout >= 60 * SECOND, "query expires too soon (RFC 5508 REQ-2)"
    assert tcp_opening >= 240 * SECOND, "opening connection expires too soon (RFC 5382 REQ-5)"
    assert tcp_established >= 7440 * SECOND, "established connection expires too soon (RFC 5382 REQ-5)"
    assert tcp_closing >= 240 * SECOND, "closing connection expires too soon (RFC 5382 REQ-5)"
