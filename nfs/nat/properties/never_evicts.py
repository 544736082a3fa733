from config import flow_timeout, wan
from state import Endpoint, mappings


def never_evicts(pkt, device, now):
    """Without room an endpoint gets no mapping, and every mapping lives on (RFC 5508 REQ-8)."""
    assume(device != wan and pkt.has(l4))
    ip, tp = pkt.ipv4, pkt.l4
    sender = Endpoint(ip.src, tp.src_port, device, ip.protocol)
    mappings.expire_before(now - flow_timeout)
    assume(sender not in mappings and mappings.full)
    return DROP
