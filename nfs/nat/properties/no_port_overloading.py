from config import flow_timeout, start_port, wan
from state import Endpoint, mappings


def no_port_overloading(pkt, device, now):
    """The port a packet leaves from belongs to its sender and to nobody else (RFC 4787 REQ-3)."""
    mappings.expire_before(now - flow_timeout)
    if device != wan and out.sent:
        ip, tp = old(pkt).ipv4, old(pkt).l4
        sender = Endpoint(ip.src, tp.src_port, device, ip.protocol)
        mappings.add(sender)
        i = out.pkt.l4.src_port - start_port
        assert i in mappings.indices and mappings.key(i) == sender, "port of another (RFC 4787 REQ-3)"
    unspecified(mappings)
