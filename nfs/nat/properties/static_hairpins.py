from config import external_ip, icmp_timeout, tcp_closing, tcp_established, tcp_opening, udp_timeout, wan
from state import Inside, Outside, mappings, static_endpoints, static_ports


def static_hairpins(pkt, device, now):
    """Static mappings are reached from inside, too, and those who have one are seen by its port there (N27; RFC 4787 REQ-9)."""
    assume(pkt.has(l4) and not pkt.ipv4.is_fragment and pkt.ipv4.ttl > 1)
    ip, tp = pkt.ipv4, pkt.l4
    outer, own = Outside(tp.dst_port, ip.protocol), Inside(ip.src, tp.src_port, device, ip.protocol)
    assume(device != wan and ip.dst == external_ip and outer in static_ports and own in static_endpoints)
    i, j = static_ports.index(outer), static_endpoints.index(own)
    assume(static_endpoints.index(static_endpoints.key(i)) == i and static_ports.index(static_ports.key(j)) == j)
    mappings.expire_before(now - udp_timeout, 0)
    mappings.expire_before(now - icmp_timeout, 1)
    mappings.expire_before(now - tcp_opening, 2)
    mappings.expire_before(now - tcp_established, 3)
    mappings.expire_before(now - tcp_closing, 4)
    target = static_ports[outer]
    ip.src, tp.src_port = external_ip, static_endpoints[own].port
    ip.dst, tp.dst_port = target.address, target.port
    ip.ttl = ...
    return target.device, pkt
