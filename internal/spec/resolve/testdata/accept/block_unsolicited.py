from config import flow_timeout, wan
from state import Pair as Flow, owners as flows

def block_unsolicited(pkt, device, now):
    """What no inside host asked for does not get in."""
    assume(device == wan and pkt.has(l4))
    flows.expire_before(now - flow_timeout)
    ip, tp = pkt.ipv4, pkt.l4
    if Flow(ip.dst, tp.dst_port, ip.src, tp.src_port, ip.protocol) not in flows:
        assert not out.sent, "unsolicited packet sent on"
    unspecified(flows)
