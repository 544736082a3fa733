from config import external_ip, icmp_timeout, start_port, tcp_closing, tcp_established, tcp_opening, udp_timeout
from state import Outside, mappings, static_ports


def hairpin_needs_mapping(pkt, device, now):
    """What is for the outside address never leaves by the outside: it finds a mapping, or is dropped (RFC 4787 REQ-9)."""
    assume(pkt.has(l4) and pkt.ipv4.dst == external_ip)
    mappings.expire_before(now - udp_timeout, 0)
    mappings.expire_before(now - icmp_timeout, 1)
    mappings.expire_before(now - tcp_opening, 2)
    mappings.expire_before(now - tcp_established, 3)
    mappings.expire_before(now - tcp_closing, 4)
    assume(Outside(pkt.l4.dst_port, pkt.ipv4.protocol) not in static_ports)
    i = pkt.l4.dst_port - start_port
    if i not in mappings.indices or mappings.key(i).protocol != pkt.ipv4.protocol:
        return DROP                                   # and no mapping is made for it
    if out.sent:
        assert out.device == mappings.key(i).device, "sent past its mapping (RFC 4787 REQ-9)"
    unspecified(mappings)
