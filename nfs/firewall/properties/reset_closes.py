from config import closing_timer, established_timer, exchange_timer, inside, opening_timer, outside, routed
from state import Conn, Flow, flows


def reset_closes(pkt, device, now):
    """RST passes and closes its connection (RFC 9293, 3.10.7.4; F3)."""
    assume(device == outside and device != inside and pkt.has(tcp))
    ip, tp = pkt.ipv4, pkt.tcp
    assume(not ip.is_fragment and (ip.ttl > 1 or not routed) and tp.rst and not tp.syn and not tp.fin)
    assume(5 <= tp.data_offset and tp.data_offset * 4 <= ip.total_length - ip.header_length)
    flows.expire_before(now - opening_timer, 0)
    flows.expire_before(now - established_timer, 1)
    flows.expire_before(now - closing_timer, 2)
    flows.expire_before(now - exchange_timer, 3)
    flow = Flow(ip.dst, ip.src, tp.dst_port, tp.src_port, TCP, 0)
    assume(flow in flows and 1 <= flows[flow].state and flows[flow].state < 6)
    flows.insert(flow, Conn(6, flows[flow].opener), 2)
    return inside, ...
