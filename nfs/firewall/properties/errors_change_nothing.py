from config import flow_timer
from state import flows


def errors_change_nothing(pkt, device, now):
    """No ICMP error opens, keeps or ends a flow (F4)."""
    assume(pkt.has(inner))
    flows.expire_before(now - flow_timer)
    return ...
