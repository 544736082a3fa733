from config import flow_timer, inside, outbound_default, outside, routed
from state import Conn, Flow, flows, outbound_rules


def outbound_opens(pkt, device, now):
    """A SYN from inside that the rules allow passes and opens a flow (F13)."""
    assume(device == inside and device != outside and pkt.has(tcp))
    ip, tp = pkt.ipv4, pkt.tcp
    assume(not ip.is_fragment and (ip.ttl > 1 or not routed) and tp.syn and not tp.ack and not tp.rst and not tp.fin)
    assume(5 <= tp.data_offset and tp.data_offset * 4 <= ip.total_length - ip.header_length)
    flows.expire_before(now - flow_timer)
    flow = Flow(ip.src, ip.dst, tp.src_port, tp.dst_port, TCP, 0)
    assume(flow not in flows and not flows.full)
    i = outbound_rules.match(ip.src, ip.dst, tp.src_port, tp.dst_port, TCP)
    assume((outbound_rules.value(i) if i < len(outbound_rules) else outbound_default) == 1)
    flows[flow] = Conn(0, device)
    return outside, ...
