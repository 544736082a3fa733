from config import closing_timer, established_timer, exchange_timer, inside, opening_timer, outside, routed
from state import Flow, flows


def replies_forwarded(pkt, device, now):
    """Answers to a UDP flow reach the inside, whatever the rules say, and keep it alive (F2, F13)."""
    assume(device == outside and device != inside and pkt.has(udp))
    ip, tp = pkt.ipv4, pkt.udp
    assume(not ip.is_fragment and (ip.ttl > 1 or not routed))
    assume(8 <= tp.length and tp.length <= ip.total_length - ip.header_length)
    flows.expire_before(now - opening_timer, 0)
    flows.expire_before(now - established_timer, 1)
    flows.expire_before(now - closing_timer, 2)
    flows.expire_before(now - exchange_timer, 3)
    flow = Flow(ip.dst, ip.src, tp.dst_port, tp.src_port, UDP, 0)
    assume(flow in flows and flows[flow].state == 0)
    flows.refresh(flow, 3)
    return inside, ...
