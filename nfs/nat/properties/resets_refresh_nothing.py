from config import external_ip, icmp_timeout, tcp_closing, tcp_established, tcp_opening, udp_timeout, wan
from state import Conn, Endpoint, mappings


def resets_refresh_nothing(pkt, device, now):
    """RST in answer to whoever knocks keeps no mapping alive (RFC 7857, Outbound Mapping Refresh and Error Packets)."""
    assume(device != wan and pkt.has(tcp) and not pkt.ipv4.is_fragment and pkt.ipv4.ttl > 1)
    assume(pkt.ipv4.dst != external_ip)
    ip, tp = pkt.ipv4, pkt.tcp
    assume(tp.rst)
    mappings.expire_before(now - udp_timeout, 0)
    mappings.expire_before(now - icmp_timeout, 1)
    mappings.expire_before(now - tcp_opening, 2)
    mappings.expire_before(now - tcp_established, 3)
    mappings.expire_before(now - tcp_closing, 4)
    sender = Endpoint(ip.src, tp.src_port, device, TCP)
    assume(sender in mappings)
    conn = mappings[sender]
    assume(conn.peer != ip.dst or conn.peer_port != tp.dst_port or conn.state == 1 or conn.state >= 5)
    return ...                                        # and mappings is as expiry left it
