from config import flow_timeout, start_port, wan
from state import flows


def block_injection(pkt, device, now):
    """Nobody but the peer of a flow reaches its inside host (RFC 4787, 5: filtering)."""
    assume(device == wan and pkt.has(l4))
    flows.expire_before(now - flow_timeout)
    i = pkt.l4.dst_port - start_port
    if i in flows.indices:
        flow = flows.key(i)
        peer = (flow.dst, flow.dst_port, flow.protocol)
        if peer != (pkt.ipv4.src, pkt.l4.src_port, pkt.ipv4.protocol):
            assert not out.sent, "injected packet sent on (RFC 4787, 5)"
    unspecified(flows)
