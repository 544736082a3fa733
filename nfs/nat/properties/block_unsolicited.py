from config import icmp_timeout, start_port, tcp_closing, tcp_established, tcp_opening, udp_timeout, wan
from state import Outside, mappings, static_ports


def block_unsolicited(pkt, device, now):
    """What comes from outside gets in by a mapped port only (RFC 3022, 2.2)."""
    assume(device == wan and pkt.has(l4))
    mappings.expire_before(now - udp_timeout, 0)
    mappings.expire_before(now - icmp_timeout, 1)
    mappings.expire_before(now - tcp_opening, 2)
    mappings.expire_before(now - tcp_established, 3)
    mappings.expire_before(now - tcp_closing, 4)
    outer = Outside(pkt.l4.dst_port, pkt.ipv4.protocol)
    if pkt.l4.dst_port - start_port not in mappings.indices and outer not in static_ports:
        assert not out.sent, "unsolicited packet sent on (RFC 3022, 2.2)"
    unspecified(mappings)
