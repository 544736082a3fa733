from config import wan
from state import Inside, static_endpoints


def no_well_known_port(pkt, device, now):
    """Nobody inside without a static mapping is seen with an outside port or identifier below 1024 (RFC 4787 REQ-3a)."""
    if device != wan and out.sent and not pkt.has(inner):
        own = old(pkt).icmp.id if pkt.has(icmp) else old(pkt).l4.src_port
        assume(Inside(old(pkt).ipv4.src, own, device, old(pkt).ipv4.protocol) not in static_endpoints)
        shown = out.pkt.icmp.id if pkt.has(icmp) else out.pkt.l4.src_port
        assert shown >= 1024, "well-known outside port (RFC 4787 REQ-3a)"
