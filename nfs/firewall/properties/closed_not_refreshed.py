from config import closing_timer, established_timer, exchange_timer, inside, opening_timer, outside
from state import Flow, flows


def closed_not_refreshed(pkt, device, now):
    """No segment but a new SYN makes a closed connection live longer (F3)."""
    assume(device == inside and device != outside and pkt.has(tcp) and (pkt.tcp.ack or not pkt.tcp.syn))
    ip, tp = pkt.ipv4, pkt.tcp
    flows.expire_before(now - opening_timer, 0)
    flows.expire_before(now - established_timer, 1)
    flows.expire_before(now - closing_timer, 2)
    flows.expire_before(now - exchange_timer, 3)
    flow = Flow(ip.src, ip.dst, tp.src_port, tp.dst_port, TCP, 0)
    assume(flow in flows and flows[flow].state == 6)
    return ...
