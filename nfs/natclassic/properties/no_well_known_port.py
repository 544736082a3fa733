from config import wan


def no_well_known_port(pkt, device, now):
    """No flow leaves from an outside port below 1024 (RFC 4787 REQ-3a)."""
    if device != wan and out.sent:
        assert out.pkt.l4.src_port >= 1024, "well-known outside port (RFC 4787 REQ-3a)"
