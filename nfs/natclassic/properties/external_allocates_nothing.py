from config import flow_timeout, start_port, wan
from state import flows


def external_allocates_nothing(pkt, device, now):
    """The outside creates no mapping: at most it refreshes the one it uses (RFC 3022, 3.1)."""
    assume(device == wan)
    flows.expire_before(now - flow_timeout)
    if pkt.has(l4) and out.sent:
        i = pkt.l4.dst_port - start_port
        assert i in flows.indices, "sent on without a mapping (RFC 3022, 3.1)"
        flows.refresh(flows.key(i))
    return ...
