from config import flow_timer, inside, outside, routed
from state import Flow, flows


def outbound_forwarded(pkt, device, now):
    """What belongs to a UDP flow leaves from inside, whatever the rules say, and keeps it alive (F13)."""
    assume(device == inside and device != outside and pkt.has(udp))
    ip, tp = pkt.ipv4, pkt.udp
    assume(not ip.is_fragment and (ip.ttl > 1 or not routed))
    assume(8 <= tp.length and tp.length <= ip.total_length - ip.header_length)
    flows.expire_before(now - flow_timer)
    flow = Flow(ip.src, ip.dst, tp.src_port, tp.dst_port, UDP, 0)
    assume(flow in flows)
    flows.refresh(flow)
    return outside, ...
