from config import flow_timer, inside, outside
from state import Flow, flows


def closed_not_refreshed(pkt, device, now):
    """No segment but a new SYN makes a closed connection live longer (F3)."""
    assume(device == inside and device != outside and pkt.has(tcp) and (pkt.tcp.ack or not pkt.tcp.syn))
    ip, tp = pkt.ipv4, pkt.tcp
    flows.expire_before(now - flow_timer)
    flow = Flow(ip.src, ip.dst, tp.src_port, tp.dst_port, TCP, 0)
    assume(flow in flows and flows[flow].state == 5)
    return ...
