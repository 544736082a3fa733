from config import wan
from state import Inside, Outside, static_endpoints, static_ports


def static_unshared(pkt, device, now):
    """Nobody but the endpoint of a static mapping is seen by its port (N27; RFC 4787 REQ-3)."""
    if device != wan and out.sent and pkt.has(l4):
        ip, tp = old(pkt).ipv4, old(pkt).l4
        assume(Inside(ip.src, tp.src_port, device, ip.protocol) not in static_endpoints)
        assert Outside(out.pkt.l4.src_port, ip.protocol) not in static_ports, "port of a static mapping (RFC 4787 REQ-3)"
