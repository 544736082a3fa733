from config import external_ip, icmp_timeout, tcp_closing, tcp_established, tcp_opening, udp_timeout, wan
from state import Inside, mappings, static_endpoints, static_ports


def static_shown(pkt, device, now):
    """The endpoint of a static mapping is seen by its port, and needs no room in the table (N27; RFC 4787 REQ-1)."""
    assume(pkt.has(l4) and not pkt.ipv4.is_fragment and pkt.ipv4.ttl > 1)
    ip, tp = pkt.ipv4, pkt.l4
    own = Inside(ip.src, tp.src_port, device, ip.protocol)
    assume(device != wan and ip.dst != external_ip and own in static_endpoints)
    i = static_endpoints.index(own)
    assume(static_ports.index(static_ports.key(i)) == i)             # no later one has the same port
    mappings.expire_before(now - udp_timeout, 0)
    mappings.expire_before(now - icmp_timeout, 1)
    mappings.expire_before(now - tcp_opening, 2)
    mappings.expire_before(now - tcp_established, 3)
    mappings.expire_before(now - tcp_closing, 4)
    ip.src, tp.src_port = external_ip, static_endpoints[own].port
    ip.ttl = ...
    return wan, pkt                                   # and mappings is as expiry left it
