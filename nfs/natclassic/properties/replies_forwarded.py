from config import external_ip, flow_timeout, start_port, wan
from state import flows


def replies_forwarded(pkt, device, now):
    """The peer's packets reach the inside host of their flow (RFC 3022, 2.2 and 4.1)."""
    assume(device == wan and pkt.has(l4) and not pkt.ipv4.is_fragment and pkt.ipv4.ttl > 1)
    assume(pkt.ipv4.dst == external_ip)
    flows.expire_before(now - flow_timeout)
    unspecified(flows)
    ip, tp = pkt.ipv4, pkt.l4
    i = tp.dst_port - start_port
    if i in flows.indices:
        flow = flows.key(i)
        if (flow.dst, flow.dst_port, flow.protocol) == (ip.src, tp.src_port, ip.protocol):
            ip.dst, tp.dst_port = flow.src, flow.src_port
            ip.ttl = ...
            return flow.device, pkt
