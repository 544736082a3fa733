from config import closing_timer, established_timer, exchange_timer, inside, opening_timer, outside, routed
from state import Flow, flows


def outbound_forwarded(pkt, device, now):
    """What belongs to a UDP flow leaves from inside, whatever the rules say, and keeps it alive (F13)."""
    assume(device == inside and device != outside and pkt.has(udp))
    ip, tp = pkt.ipv4, pkt.udp
    assume(not ip.is_fragment and (ip.ttl > 1 or not routed))
    assume(8 <= tp.length and tp.length <= ip.total_length - ip.header_length)
    flows.expire_before(now - opening_timer, 0)
    flows.expire_before(now - established_timer, 1)
    flows.expire_before(now - closing_timer, 2)
    flows.expire_before(now - exchange_timer, 3)
    flow = Flow(ip.src, ip.dst, tp.src_port, tp.dst_port, UDP, 0)
    assume(flow in flows and flows[flow].state == 0)
    flows.refresh(flow, 3)
    return outside, ...
