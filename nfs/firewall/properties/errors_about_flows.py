from config import inside, outside
from state import Flow, flows


def errors_about_flows(pkt, device, now):
    """An ICMP error gets in only if what it quotes belongs to a flow, and to its sender (F4)."""
    assume(device == outside and device != inside and pkt.has(inner))
    q = pkt.inner.ipv4
    assume((q.protocol == UDP or q.protocol == TCP) and q.fragment_offset == 0)
    known = Flow(q.src, q.dst, pkt.inner.l4.src_port, pkt.inner.l4.dst_port, q.protocol, 0) in flows
    if not known or pkt.ipv4.dst != q.src:
        assert not out.sent, "about no flow"
    unspecified(flows)
