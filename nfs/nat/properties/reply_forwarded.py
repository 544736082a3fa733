from config import external_ip, icmp_timeout, start_port, tcp_closing, tcp_established, tcp_opening, udp_timeout, wan
from state import mappings


def reply_forwarded(pkt, device, now):
    """Who has asked hears the replies, whoever they come from (RFC 5508 REQ-1)."""
    assume(device == wan and pkt.has(icmp) and not pkt.ipv4.is_fragment and pkt.ipv4.ttl > 1)
    assume(pkt.icmp.type in (0, 14) and pkt.ipv4.dst == external_ip)
    mappings.expire_before(now - udp_timeout, 0)
    mappings.expire_before(now - icmp_timeout, 1)
    mappings.expire_before(now - tcp_opening, 2)
    mappings.expire_before(now - tcp_established, 3)
    mappings.expire_before(now - tcp_closing, 4)
    ip, reply = pkt.ipv4, pkt.icmp
    i = reply.id - start_port
    if i in mappings.indices and mappings.key(i).protocol == ICMP:
        target = mappings.key(i)
        ip.dst, reply.id = target.address, target.port
        ip.ttl = ...
        return target.device, pkt
    return DROP
