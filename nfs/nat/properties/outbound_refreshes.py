from config import external_ip, flow_timeout, wan
from state import Endpoint, mappings


def outbound_refreshes(pkt, device, now):
    """Packets from inside keep the mapping of their sender alive (RFC 4787 REQ-6)."""
    assume(device != wan and pkt.has(l4) and not pkt.ipv4.is_fragment and pkt.ipv4.ttl > 1)
    assume(pkt.ipv4.dst != external_ip)
    ip, tp = pkt.ipv4, pkt.l4
    sender = Endpoint(ip.src, tp.src_port, device, ip.protocol)
    mappings.expire_before(now - flow_timeout)
    assume(sender in mappings)
    mappings.refresh(sender)
    return ...
