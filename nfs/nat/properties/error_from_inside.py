from config import external_ip, icmp_timeout, start_port, tcp_closing, tcp_established, tcp_opening, udp_timeout, wan
from state import Endpoint, Inside, mappings, static_endpoints


def error_from_inside(pkt, device, now):
    """An error from inside comes from the outside address, about what was sent there (RFC 5508 REQ-5)."""
    assume(device != wan and pkt.has(inner) and not pkt.ipv4.is_fragment and pkt.ipv4.ttl > 1)
    ip, q = pkt.ipv4, pkt.inner.ipv4
    assume(ip.dst != external_ip and q.src == ip.dst and q.fragment_offset == 0)
    assume(q.protocol == TCP or q.protocol == UDP)
    assume(pkt.icmp.checksum_ok and q.checksum_ok)
    mappings.expire_before(now - udp_timeout, 0)
    mappings.expire_before(now - icmp_timeout, 1)
    mappings.expire_before(now - tcp_opening, 2)
    mappings.expire_before(now - tcp_established, 3)
    mappings.expire_before(now - tcp_closing, 4)
    ports = pkt.inner.l4
    assume(Inside(q.dst, ports.dst_port, device, q.protocol) not in static_endpoints)
    sender = Endpoint(q.dst, ports.dst_port, device, q.protocol)
    if sender in mappings:
        ip.src = q.dst = external_ip
        ports.dst_port = start_port + mappings.index(sender)
        ip.ttl = ip.checksum = ...
        return wan, pkt
    return DROP
