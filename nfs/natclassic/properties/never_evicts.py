from config import flow_timeout, wan
from state import Flow, flows


def never_evicts(pkt, device, now):
    """Without room a new flow is dropped, and every mapping lives on (RFC 5508 REQ-8)."""
    assume(device != wan and pkt.has(l4))
    ip, tp = pkt.ipv4, pkt.l4
    flow = Flow(ip.src, ip.dst, tp.src_port, tp.dst_port, ip.protocol, device)
    flows.expire_before(now - flow_timeout)
    assume(flow not in flows and flows.full)
    return DROP
