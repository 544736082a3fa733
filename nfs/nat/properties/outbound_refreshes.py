from config import external_ip, icmp_timeout, tcp_closing, tcp_established, tcp_opening, udp_timeout, wan
from state import Endpoint, Inside, mappings, static_endpoints


def outbound_refreshes(pkt, device, now):
    """Datagrams from inside keep the mapping of their sender alive (RFC 4787 REQ-6)."""
    assume(device != wan and pkt.has(udp) and not pkt.ipv4.is_fragment and pkt.ipv4.ttl > 1)
    assume(pkt.ipv4.dst != external_ip)
    ip, tp = pkt.ipv4, pkt.udp
    assume(Inside(ip.src, tp.src_port, device, ip.protocol) not in static_endpoints)
    sender = Endpoint(ip.src, tp.src_port, device, ip.protocol)
    mappings.expire_before(now - udp_timeout, 0)
    mappings.expire_before(now - icmp_timeout, 1)
    mappings.expire_before(now - tcp_opening, 2)
    mappings.expire_before(now - tcp_established, 3)
    mappings.expire_before(now - tcp_closing, 4)
    assume(sender in mappings)
    mappings.refresh(sender, 0)
    return ...
