from config import closing_timer, established_timer, exchange_timer, inside, opening_timer, outside, when_full
from state import Flow, flows


def never_evicts(pkt, device, now):
    """Without room a new flow is dropped, unless configured otherwise, and every known one lives on (F7)."""
    assume(device == inside and device != outside and pkt.has(l4) and when_full == 0)
    ip, tp = pkt.ipv4, pkt.l4
    flows.expire_before(now - opening_timer, 0)
    flows.expire_before(now - established_timer, 1)
    flows.expire_before(now - closing_timer, 2)
    flows.expire_before(now - exchange_timer, 3)
    assume(Flow(ip.src, ip.dst, tp.src_port, tp.dst_port, ip.protocol, 0) not in flows and flows.full)
    return DROP
