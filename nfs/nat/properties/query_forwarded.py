from config import external_ip, icmp_timeout, start_port, tcp_closing, tcp_established, tcp_opening, udp_timeout, wan
from state import Conn, Endpoint, mappings


def query_forwarded(pkt, device, now):
    """Who inside asks for an echo or the time is seen by an identifier of its own, whomever it asks (RFC 5508 REQ-1, 1a)."""
    assume(device != wan and pkt.has(icmp) and not pkt.ipv4.is_fragment and pkt.ipv4.ttl > 1)
    assume(pkt.icmp.type in (8, 13) and pkt.ipv4.dst != external_ip)
    ip, query = pkt.ipv4, pkt.icmp
    sender = Endpoint(ip.src, query.id, device, ICMP)
    mappings.expire_before(now - udp_timeout, 0)
    mappings.expire_before(now - icmp_timeout, 1)
    mappings.expire_before(now - tcp_opening, 2)
    mappings.expire_before(now - tcp_established, 3)
    mappings.expire_before(now - tcp_closing, 4)
    assume(sender in mappings or not mappings.full)
    if sender in mappings:
        mappings.refresh(sender, 1)                   # N8
    else:
        mappings.insert(sender, Conn(ip4("0.0.0.0"), 0, 0), 1)
    ip.src, query.id = external_ip, start_port + mappings.index(sender)
    ip.ttl = ...
    return wan, pkt
