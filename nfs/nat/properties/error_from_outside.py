from config import external_ip, icmp_timeout, start_port, tcp_closing, tcp_established, tcp_opening, udp_timeout, wan
from state import Outside, mappings, static_ports


def error_from_outside(pkt, device, now):
    """An error about what a mapping has sent reaches its endpoint, any other nobody (RFC 5508 REQ-4; RFC 5382 REQ-9)."""
    assume(device == wan and pkt.has(inner) and not pkt.ipv4.is_fragment and pkt.ipv4.ttl > 1)
    ip, q = pkt.ipv4, pkt.inner.ipv4
    assume(ip.dst == external_ip and q.src == external_ip and q.fragment_offset == 0)
    assume(q.protocol == TCP or q.protocol == UDP)
    assume(pkt.icmp.checksum_ok and q.checksum_ok)
    mappings.expire_before(now - udp_timeout, 0)
    mappings.expire_before(now - icmp_timeout, 1)
    mappings.expire_before(now - tcp_opening, 2)
    mappings.expire_before(now - tcp_established, 3)
    mappings.expire_before(now - tcp_closing, 4)
    ports = pkt.inner.l4
    assume(Outside(ports.src_port, q.protocol) not in static_ports)
    i = ports.src_port - start_port
    if i in mappings.indices and mappings.key(i).protocol == q.protocol:
        target = mappings.key(i)
        ip.dst = q.src = target.address
        ports.src_port = target.port
        ip.ttl = ip.checksum = ...
        return target.device, pkt
    return DROP
