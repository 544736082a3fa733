from config import external_ip, flow_timeout, start_port, wan
from state import Flow, flows


def new_flow_forwarded(pkt, device, now):
    """The first packet of a flow leaves from the outside address (RFC 3022, 2.2 and 4.1)."""
    assume(device != wan and pkt.has(l4) and not pkt.ipv4.is_fragment and pkt.ipv4.ttl > 1)
    ip, tp = pkt.ipv4, pkt.l4
    flow = Flow(ip.src, ip.dst, tp.src_port, tp.dst_port, ip.protocol, device)
    flows.expire_before(now - flow_timeout)
    assume(flow not in flows and not flows.full)
    flows.add(flow)
    ip.src, tp.src_port = external_ip, start_port + flows.index(flow)
    ip.ttl = ...
    return wan, pkt
