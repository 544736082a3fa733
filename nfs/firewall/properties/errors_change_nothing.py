from config import closing_timer, established_timer, exchange_timer, opening_timer
from state import flows


def errors_change_nothing(pkt, device, now):
    """No ICMP error opens, keeps or ends a flow (F4)."""
    assume(pkt.has(inner))
    flows.expire_before(now - opening_timer, 0)
    flows.expire_before(now - established_timer, 1)
    flows.expire_before(now - closing_timer, 2)
    flows.expire_before(now - exchange_timer, 3)
    return ...
