from config import icmp_timeout, start_port, tcp_closing, tcp_established, tcp_opening, udp_timeout, wan
from state import Endpoint, Inside, mappings, static_endpoints


def endpoint_independent_mapping(pkt, device, now):
    """An inside endpoint has one outside port, whoever it speaks with (RFC 4787 REQ-1, RFC 5382 REQ-1)."""
    mappings.expire_before(now - udp_timeout, 0)
    mappings.expire_before(now - icmp_timeout, 1)
    mappings.expire_before(now - tcp_opening, 2)
    mappings.expire_before(now - tcp_established, 3)
    mappings.expire_before(now - tcp_closing, 4)
    if device != wan and out.sent and not pkt.has(inner):
        ip = old(pkt).ipv4
        own = old(pkt).icmp.id if pkt.has(icmp) else old(pkt).l4.src_port
        sender = Endpoint(ip.src, own, device, ip.protocol)
        if sender in mappings and Inside(ip.src, own, device, ip.protocol) not in static_endpoints:
            port = start_port + mappings.index(sender)
            shown = out.pkt.icmp.id if pkt.has(icmp) else out.pkt.l4.src_port
            assert shown == port, "another port for another peer (RFC 4787 REQ-1)"
    unspecified(mappings)
