from config import flow_timeout, start_port, wan
from state import Endpoint, mappings


def no_port_overloading(pkt, device, now):
    """The port a packet leaves from belongs to its sender and to nobody else (RFC 4787 REQ-3)."""
    mappings.expire_before(now - flow_timeout)
    if device != wan and out.sent and not pkt.has(inner):
        ip = old(pkt).ipv4
        own = old(pkt).icmp.id if pkt.has(icmp) else old(pkt).l4.src_port
        sender = Endpoint(ip.src, own, device, ip.protocol)
        mappings.add(sender)
        shown = out.pkt.icmp.id if pkt.has(icmp) else out.pkt.l4.src_port
        i = shown - start_port
        assert i in mappings.indices and mappings.key(i) == sender, "port of another (RFC 4787 REQ-3)"
    unspecified(mappings)
