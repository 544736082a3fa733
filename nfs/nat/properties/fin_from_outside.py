from config import external_ip, icmp_timeout, start_port, tcp_closing, tcp_established, tcp_opening, udp_timeout, wan
from state import Conn, mappings


def fin_from_outside(pkt, device, now):
    """FIN from outside is noted if it is of the only connection, and moves no timer (RFC 4787 REQ-6)."""
    assume(device == wan and pkt.has(tcp) and not pkt.ipv4.is_fragment and pkt.ipv4.ttl > 1)
    ip, tp = pkt.ipv4, pkt.tcp
    assume(tp.fin and ip.dst == external_ip)
    mappings.expire_before(now - udp_timeout, 0)
    mappings.expire_before(now - icmp_timeout, 1)
    mappings.expire_before(now - tcp_opening, 2)
    mappings.expire_before(now - tcp_established, 3)
    mappings.expire_before(now - tcp_closing, 4)
    i = tp.dst_port - start_port
    if i in mappings.indices and mappings.key(i).protocol == TCP and not tp.rst and not tp.syn:
        conn = mappings[mappings.key(i)]
        if conn.peer == ip.src and conn.peer_port == tp.src_port and (conn.state == 2 or conn.state == 3):
            mappings.set(mappings.key(i), Conn(ip.src, tp.src_port, 4 if conn.state == 2 else 5))
    return ...
