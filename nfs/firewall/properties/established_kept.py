from config import closing_timer, established_timer, exchange_timer, inside
from config import opening_timer, outside, routed
from state import Conn, Flow, flows


def established_kept(pkt, device, now):
    """A connection becomes established, and lives by the timer of that, not of its opening (RFC 5382 REQ-5; F3)."""
    assume(device == inside and device != outside and pkt.has(tcp))
    ip, tp = pkt.ipv4, pkt.tcp
    assume(not ip.is_fragment and (ip.ttl > 1 or not routed) and tp.ack and not tp.syn and not tp.fin and not tp.rst)
    assume(5 <= tp.data_offset and tp.data_offset * 4 <= ip.total_length - ip.header_length)
    flow = Flow(ip.src, ip.dst, tp.src_port, tp.dst_port, TCP, 0)
    assume(flow in flows and flows[flow].opener == inside)
    opened = flows[flow].state == 2 and flows.timer(flow) == 0 and flows.time(flow) >= now - opening_timer
    assume(opened or flows[flow].state == 3 and flows.timer(flow) == 1 and flows.time(flow) >= now - established_timer)
    flows.expire_before(now - opening_timer, 0)
    flows.expire_before(now - established_timer, 1)
    flows.expire_before(now - closing_timer, 2)
    flows.expire_before(now - exchange_timer, 3)
    flows.insert(flow, Conn(3, inside), 1)
    return outside, ...
