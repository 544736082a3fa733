from config import flow_timeout, start_port, wan
from state import flows


def stranger_refreshes_nothing(pkt, device, now):
    """A packet that fails the filter keeps no mapping alive (RFC 4787, 4.3)."""
    assume(device == wan and pkt.has(l4))
    flows.expire_before(now - flow_timeout)
    i = pkt.l4.dst_port - start_port
    assume(i in flows.indices)
    flow = flows.key(i)
    peer = (flow.dst, flow.dst_port, flow.protocol)
    assume(peer != (pkt.ipv4.src, pkt.l4.src_port, pkt.ipv4.protocol))
    return ...                                        # and flows is as expiry left it
