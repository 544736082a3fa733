from config import flow_timeout, wan
from state import Flow, flows


def known_flow_refreshed(pkt, device, now):
    """Outbound packets keep their mapping alive (RFC 4787 REQ-6)."""
    assume(device != wan and pkt.has(l4) and not pkt.ipv4.is_fragment and pkt.ipv4.ttl > 1)
    ip, tp = pkt.ipv4, pkt.l4
    flow = Flow(ip.src, ip.dst, tp.src_port, tp.dst_port, ip.protocol, device)
    flows.expire_before(now - flow_timeout)
    assume(flow in flows)
    flows.refresh(flow)
    return ...
