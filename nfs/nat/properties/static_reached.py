from config import external_ip, icmp_timeout, tcp_closing, tcp_established, tcp_opening, udp_timeout, wan
from state import Outside, mappings, static_endpoints, static_ports


def static_reached(pkt, device, now):
    """Whoever sends to the port of a static mapping reaches its endpoint, whatever the table holds (N27; RFC 4787 REQ-8)."""
    assume(pkt.has(l4) and not pkt.ipv4.is_fragment and pkt.ipv4.ttl > 1)
    ip, tp = pkt.ipv4, pkt.l4
    outer = Outside(tp.dst_port, ip.protocol)
    assume(device == wan and ip.dst == external_ip and outer in static_ports)
    i = static_ports.index(outer)
    assume(static_endpoints.index(static_endpoints.key(i)) == i)     # no later one is for the same endpoint
    mappings.expire_before(now - udp_timeout, 0)
    mappings.expire_before(now - icmp_timeout, 1)
    mappings.expire_before(now - tcp_opening, 2)
    mappings.expire_before(now - tcp_established, 3)
    mappings.expire_before(now - tcp_closing, 4)
    own = static_ports[outer]
    ip.dst, tp.dst_port = own.address, own.port
    ip.ttl = ...
    return own.device, pkt                            # and mappings is as expiry left it
