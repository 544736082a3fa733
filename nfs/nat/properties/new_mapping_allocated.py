from config import external_ip, icmp_timeout, tcp_closing, tcp_established, tcp_opening, udp_timeout, wan
from state import Conn, Endpoint, Inside, mappings, static_endpoints


def new_mapping_allocated(pkt, device, now):
    """The first datagram of an inside endpoint creates its mapping (RFC 3022, 3.1; RFC 4787, 4.1)."""
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
    assume(sender not in mappings and not mappings.full)
    mappings.insert(sender, Conn(ip4("0.0.0.0"), 0, 0), 0)
    return ...
