from config import closing_timer, established_timer, exchange_timer, inside
from config import opening_timer, outside, routed
from state import Conn, Flow, flows


def fin_closes(pkt, device, now):
    """The first FIN puts a connection on the timer of closing, the other side's ends it (RFC 9293, 3.6; F3)."""
    assume(device == outside and device != inside and pkt.has(tcp))
    ip, tp = pkt.ipv4, pkt.tcp
    assume(not ip.is_fragment and (ip.ttl > 1 or not routed) and tp.fin and tp.ack and not tp.syn and not tp.rst)
    assume(5 <= tp.data_offset and tp.data_offset * 4 <= ip.total_length - ip.header_length)
    flows.expire_before(now - opening_timer, 0)
    flows.expire_before(now - established_timer, 1)
    flows.expire_before(now - closing_timer, 2)
    flows.expire_before(now - exchange_timer, 3)
    flow = Flow(ip.dst, ip.src, tp.dst_port, tp.src_port, TCP, 0)
    assume(flow in flows and flows[flow].opener == inside and (flows[flow].state == 3 or flows[flow].state == 4))
    flows.insert(flow, Conn(5 if flows[flow].state == 3 else 6, inside), 2)
    return inside, ...
