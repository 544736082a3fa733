from config import wan


def no_well_known_port(pkt, device, now):
    """Nobody inside is seen with an outside port or identifier below 1024 (RFC 4787 REQ-3a)."""
    if device != wan and out.sent and not pkt.has(inner):
        shown = out.pkt.icmp.id if pkt.has(icmp) else out.pkt.l4.src_port
        assert shown >= 1024, "well-known outside port (RFC 4787 REQ-3a)"
