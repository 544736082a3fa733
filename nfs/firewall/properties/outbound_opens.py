from config import closing_timer, established_timer, exchange_timer, inside
from config import opening_timer, outbound_default, outside, routed
from state import Conn, Flow, flows, outbound_rules


def outbound_opens(pkt, device, now):
    """A SYN from inside that the rules allow passes and opens a flow (F13)."""
    assume(device == inside and device != outside and pkt.has(tcp))
    ip, tp = pkt.ipv4, pkt.tcp
    assume(not ip.is_fragment and (ip.ttl > 1 or not routed) and tp.syn and not tp.ack and not tp.rst and not tp.fin)
    assume(5 <= tp.data_offset and tp.data_offset * 4 <= ip.total_length - ip.header_length)
    flows.expire_before(now - opening_timer, 0)
    flows.expire_before(now - established_timer, 1)
    flows.expire_before(now - closing_timer, 2)
    flows.expire_before(now - exchange_timer, 3)
    flow = Flow(ip.src, ip.dst, tp.src_port, tp.dst_port, TCP, 0)
    assume(flow not in flows and not flows.full)
    i = outbound_rules.match(ip.src, ip.dst, tp.src_port, tp.dst_port, TCP)
    assume((outbound_rules.value(i) if i < len(outbound_rules) else outbound_default) == 1)
    flows.insert(flow, Conn(1, device), 0)
    return outside, ...
