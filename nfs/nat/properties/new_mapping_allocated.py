from config import external_ip, flow_timeout, wan
from state import Endpoint, mappings


def new_mapping_allocated(pkt, device, now):
    """The first packet of an inside endpoint creates its mapping (RFC 3022, 3.1; RFC 4787, 4.1)."""
    assume(device != wan and pkt.has(l4) and not pkt.ipv4.is_fragment and pkt.ipv4.ttl > 1)
    assume(pkt.ipv4.dst != external_ip)
    ip, tp = pkt.ipv4, pkt.l4
    sender = Endpoint(ip.src, tp.src_port, device, ip.protocol)
    mappings.expire_before(now - flow_timeout)
    assume(sender not in mappings and not mappings.full)
    mappings.add(sender)
    return ...
