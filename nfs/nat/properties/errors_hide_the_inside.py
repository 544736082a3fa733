from config import external_ip, wan


def errors_hide_the_inside(pkt, device, now):
    """No error from inside shows an inside address, not in what it quotes either (RFC 5508 REQ-5, REQ-7)."""
    if device != wan and out.sent and pkt.has(inner):
        assert out.pkt.ipv4.src == external_ip, "inside address shown (RFC 5508 REQ-5c)"
        assert out.pkt.inner.ipv4.dst == external_ip, "inside address quoted (RFC 5508 REQ-5a)"
