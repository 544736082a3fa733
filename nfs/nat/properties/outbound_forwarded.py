from config import external_ip, icmp_timeout, start_port, tcp_closing, tcp_established, tcp_opening, udp_timeout, wan
from state import Conn, Endpoint, Inside, mappings, static_endpoints


def outbound_forwarded(pkt, device, now):
    """A packet leaves from the outside address and the port of its sender (RFC 3022, 2.2 and 4.1)."""
    assume(device != wan and pkt.has(l4) and not pkt.ipv4.is_fragment and pkt.ipv4.ttl > 1)
    assume(pkt.ipv4.dst != external_ip)
    ip, tp = pkt.ipv4, pkt.l4
    assume(Inside(ip.src, tp.src_port, device, ip.protocol) not in static_endpoints)
    sender = Endpoint(ip.src, tp.src_port, device, ip.protocol)
    mappings.expire_before(now - udp_timeout, 0)
    mappings.expire_before(now - icmp_timeout, 1)
    mappings.expire_before(now - tcp_opening, 2)
    mappings.expire_before(now - tcp_established, 3)
    mappings.expire_before(now - tcp_closing, 4)
    assume(sender in mappings or not mappings.full)
    if sender not in mappings:
        mappings.insert(sender, Conn(ip.dst, 0, 0), 0)          # whatever is known of it
    ip.src, tp.src_port = external_ip, start_port + mappings.index(sender)
    ip.ttl = ...
    unspecified(mappings)
    return wan, pkt
