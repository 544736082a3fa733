from config import flow_timeout, start_port, wan
from state import flows


def block_unsolicited(pkt, device, now):
    """What no inside host asked for does not get in (RFC 3022, 2.2)."""
    assume(device == wan and pkt.has(l4))
    flows.expire_before(now - flow_timeout)
    if pkt.l4.dst_port - start_port not in flows.indices:
        assert not out.sent, "unsolicited packet sent on (RFC 3022, 2.2)"
    unspecified(flows)
