from config import closing_timer, inside, opening_timer, outside
from state import Flow, flows


def silent_forgotten(pkt, device, now):
    """A connection that was opening or closing, and silent for longer than that may take, is over (F3)."""
    assume(device == outside and device != inside and pkt.has(tcp) and (pkt.tcp.ack or not pkt.tcp.syn))
    ip, tp = pkt.ipv4, pkt.tcp
    flow = Flow(ip.dst, ip.src, tp.dst_port, tp.src_port, TCP, 0)
    assume(flow in flows)
    silent = now - flows.time(flow)
    assume(flows.timer(flow) == 0 and silent > opening_timer or flows.timer(flow) == 2 and silent > closing_timer)
    unspecified(flows)
    return DROP
