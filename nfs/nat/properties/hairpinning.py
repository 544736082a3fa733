from config import external_ip, icmp_timeout, start_port, tcp_closing, tcp_established, tcp_opening, udp_timeout, wan
from state import Endpoint, Inside, mappings, static_endpoints


def hairpinning(pkt, device, now):
    """Inside hosts reach each other at their outside ports (RFC 4787 REQ-9, RFC 5382 REQ-8)."""
    assume(device != wan and pkt.has(l4) and not pkt.ipv4.is_fragment and pkt.ipv4.ttl > 1)
    assume(pkt.ipv4.dst == external_ip)
    mappings.expire_before(now - udp_timeout, 0)
    mappings.expire_before(now - icmp_timeout, 1)
    mappings.expire_before(now - tcp_opening, 2)
    mappings.expire_before(now - tcp_established, 3)
    mappings.expire_before(now - tcp_closing, 4)
    unspecified(mappings)
    ip, tp = pkt.ipv4, pkt.l4
    assume(Inside(ip.src, tp.src_port, device, ip.protocol) not in static_endpoints)
    i = tp.dst_port - start_port
    sender = Endpoint(ip.src, tp.src_port, device, ip.protocol)
    if i in mappings.indices and sender in mappings:
        target = mappings.key(i)
        if target.protocol == ip.protocol:
            ip.src, tp.src_port = external_ip, start_port + mappings.index(sender)
            ip.dst, tp.dst_port = target.address, target.port
            ip.ttl = ...
            return target.device, pkt
