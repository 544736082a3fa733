from config import icmp_timeout, start_port, tcp_closing, tcp_established, tcp_opening, udp_timeout, wan
from state import Conn, Endpoint, Inside, mappings, static_endpoints


def no_port_overloading(pkt, device, now):
    """The port a packet leaves from belongs to its sender and to nobody else (RFC 4787 REQ-3)."""
    mappings.expire_before(now - udp_timeout, 0)
    mappings.expire_before(now - icmp_timeout, 1)
    mappings.expire_before(now - tcp_opening, 2)
    mappings.expire_before(now - tcp_established, 3)
    mappings.expire_before(now - tcp_closing, 4)
    if device != wan and out.sent and not pkt.has(inner):
        ip = old(pkt).ipv4
        own = old(pkt).icmp.id if pkt.has(icmp) else old(pkt).l4.src_port
        assume(Inside(ip.src, own, device, ip.protocol) not in static_endpoints)
        sender = Endpoint(ip.src, own, device, ip.protocol)
        if sender not in mappings:
            mappings.insert(sender, Conn(ip.dst, 0, 0), 0)      # whatever is known of it
        i = mappings.index(sender)
        assert mappings.key(i) == sender, "port of another (RFC 4787 REQ-3)"
        shown = out.pkt.icmp.id if pkt.has(icmp) else out.pkt.l4.src_port
        assert shown == start_port + i, "another port than its own (RFC 4787 REQ-3)"
    unspecified(mappings)
