from config import icmp_timeout, tcp_closing, tcp_established, tcp_opening, udp_timeout, wan
from state import Endpoint, Inside, mappings, static_endpoints


def never_evicts(pkt, device, now):
    """Without room an endpoint gets no mapping, and every mapping lives on (RFC 5508 REQ-8)."""
    assume(device != wan and pkt.has(l4))
    ip, tp = pkt.ipv4, pkt.l4
    assume(Inside(ip.src, tp.src_port, device, ip.protocol) not in static_endpoints)
    sender = Endpoint(ip.src, tp.src_port, device, ip.protocol)
    mappings.expire_before(now - udp_timeout, 0)
    mappings.expire_before(now - icmp_timeout, 1)
    mappings.expire_before(now - tcp_opening, 2)
    mappings.expire_before(now - tcp_established, 3)
    mappings.expire_before(now - tcp_closing, 4)
    assume(sender not in mappings and mappings.full)
    return DROP
