from config import icmp_timeout, tcp_closing, tcp_established, tcp_opening, udp_timeout, wan
from state import Conn, Endpoint, Inside, mappings, static_endpoints


def table_updates(pkt, device, now):
    """But for TCP, the table changes by expiry, then by the sender's mapping made or refreshed (RFC 4787, 4.3)."""
    assume(not pkt.has(tcp))
    mappings.expire_before(now - udp_timeout, 0)
    mappings.expire_before(now - icmp_timeout, 1)
    mappings.expire_before(now - tcp_opening, 2)
    mappings.expire_before(now - tcp_established, 3)
    mappings.expire_before(now - tcp_closing, 4)
    if device != wan and out.sent and not pkt.has(inner):
        ip = old(pkt).ipv4
        own = old(pkt).icmp.id if pkt.has(icmp) else old(pkt).l4.src_port
        assume(Inside(ip.src, own, device, ip.protocol) not in static_endpoints)
        sender, timer = Endpoint(ip.src, own, device, ip.protocol), 1 if pkt.has(icmp) else 0
        if sender in mappings:
            mappings.refresh(sender, timer)
        else:
            mappings.insert(sender, Conn(ip4("0.0.0.0"), 0, 0), timer)
    return ...
