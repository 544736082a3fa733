from config import external_ip, icmp_timeout, tcp_closing, tcp_established, tcp_opening, udp_timeout, wan
from state import Conn, Endpoint, Inside, mappings, static_endpoints


def both_fins_close(pkt, device, now):
    """A connection that both sides have ended gets the timer of closing (RFC 5382 REQ-5)."""
    assume(device != wan and pkt.has(tcp) and not pkt.ipv4.is_fragment and pkt.ipv4.ttl > 1)
    assume(pkt.ipv4.dst != external_ip)
    ip, tp = pkt.ipv4, pkt.tcp
    assume(Inside(ip.src, tp.src_port, device, ip.protocol) not in static_endpoints)
    assume(tp.fin and not tp.syn and not tp.rst)
    mappings.expire_before(now - udp_timeout, 0)
    mappings.expire_before(now - icmp_timeout, 1)
    mappings.expire_before(now - tcp_opening, 2)
    mappings.expire_before(now - tcp_established, 3)
    mappings.expire_before(now - tcp_closing, 4)
    sender = Endpoint(ip.src, tp.src_port, device, TCP)
    assume(sender in mappings)
    conn = mappings[sender]
    assume(conn.peer == ip.dst and conn.peer_port == tp.dst_port)
    assume(conn.state == 4 or conn.state == 5)
    mappings.insert(sender, Conn(ip.dst, tp.dst_port, 5), 4)
    return ...
