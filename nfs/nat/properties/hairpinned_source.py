from config import external_ip, wan


def hairpinned_source(pkt, device, now):
    """Nobody sees an inside address, inside hosts included (RFC 4787 REQ-9a)."""
    if device != wan and out.sent:
        assert out.pkt.ipv4.src == external_ip, "inside address shown (RFC 4787 REQ-9a)"
