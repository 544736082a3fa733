from config import external_ip, icmp_timeout, tcp_closing, tcp_established, tcp_opening, udp_timeout, wan
from state import Outside, mappings, static_endpoints, static_ports


def static_errors(pkt, device, now):
    """Errors about what a static mapping has sent reach its endpoint, as if it had no port of its own (N27; RFC 5508 REQ-4)."""
    assume(device == wan and pkt.has(inner) and not pkt.ipv4.is_fragment and pkt.ipv4.ttl > 1)
    ip, q = pkt.ipv4, pkt.inner.ipv4
    assume(ip.dst == external_ip and q.src == external_ip and q.fragment_offset == 0)
    assume(q.protocol == TCP or q.protocol == UDP)
    assume(pkt.icmp.checksum_ok and q.checksum_ok)
    ports = pkt.inner.l4
    outer = Outside(ports.src_port, q.protocol)
    assume(outer in static_ports)
    i = static_ports.index(outer)
    assume(static_endpoints.index(static_endpoints.key(i)) == i)
    mappings.expire_before(now - udp_timeout, 0)
    mappings.expire_before(now - icmp_timeout, 1)
    mappings.expire_before(now - tcp_opening, 2)
    mappings.expire_before(now - tcp_established, 3)
    mappings.expire_before(now - tcp_closing, 4)
    own = static_ports[outer]
    ip.dst = q.src = own.address
    ports.src_port = own.port
    ip.ttl = ip.checksum = ...
    return own.device, pkt
