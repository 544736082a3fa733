from config import flow_timeout, wan
from state import Pair as Flow, owners as flows

def spec(pkt, device, now):
    """Transparent firewall: the inside opens, the outside answers (RFC 1858 for fragments)."""
    flows.expire_before(now - flow_timeout)
    if not pkt.has(l4) or pkt.ipv4.is_fragment:
        return DROP
    ip, tp = pkt.ipv4, pkt.l4
    if device == wan:
        flow = Flow(ip.dst, tp.dst_port, ip.src, tp.src_port, ip.protocol)
        if flow not in flows:
            return DROP
        flows.refresh(flow)
        return flows[flow], pkt

    flow = Flow(ip.src, tp.src_port, ip.dst, tp.dst_port, ip.protocol)
    opens = pkt.has(udp) or (pkt.tcp.syn and not pkt.tcp.ack)    # RFC 9293, 3.5
    if flow not in flows and (flows.full or not opens):
        return DROP                                   # table full: fail closed
    flows[flow] = device
    return wan, pkt
