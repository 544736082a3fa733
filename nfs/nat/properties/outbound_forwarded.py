from config import external_ip, flow_timeout, start_port, wan
from state import Endpoint, mappings


def outbound_forwarded(pkt, device, now):
    """A packet leaves from the outside address and the port of its sender (RFC 3022, 2.2 and 4.1)."""
    assume(device != wan and pkt.has(l4) and not pkt.ipv4.is_fragment and pkt.ipv4.ttl > 1)
    assume(pkt.ipv4.dst != external_ip)
    ip, tp = pkt.ipv4, pkt.l4
    sender = Endpoint(ip.src, tp.src_port, device, ip.protocol)
    mappings.expire_before(now - flow_timeout)
    assume(sender in mappings or not mappings.full)
    mappings.add(sender)
    ip.src, tp.src_port = external_ip, start_port + mappings.index(sender)
    ip.ttl = ...
    return wan, pkt
