from config import external_ip, flow_timeout, start_port, wan
from state import Flow, flows

def spec(pkt, device, now):
    """NAPT of TCP and UDP flows (RFC 3022, 2.2 and 4; RFC 4787 REQ-3 and REQ-6)."""
    flows.expire_before(now - flow_timeout)
    if not pkt.has(l4) or pkt.ipv4.is_fragment or pkt.ipv4.ttl <= 1:
        return DROP
    ip, tp = pkt.ipv4, pkt.l4
    ip.ttl -= 1
    if device != wan:
        flow = Flow(ip.src, tp.src_port, ip.dst, tp.dst_port, ip.protocol, device)
        if flow not in flows and flows.full:
            return DROP
        flows.add(flow)                               # insert, or refresh what is there
        ip.src, tp.src_port = external_ip, start_port + flows.index(flow)
        pkt.ether.src = pkt.ether.dst = ...           # next hop: the link layer's business
        return wan, pkt

    i = tp.dst_port - start_port                      # exact: may be negative, is then no index
    if ip.dst != external_ip or i not in flows.indices:
        return DROP
    flow = flows.key(i)
    if (flow.dst, flow.dst_port, flow.protocol) != (ip.src, tp.src_port, ip.protocol):
        return DROP                                   # not the peer of this flow
    flows.refresh(flow)                               # only now: a stranger keeps nothing alive
    ip.dst, tp.dst_port = flow.src, flow.src_port
    pkt.ether.src = pkt.ether.dst = ...
    return flow.device, pkt
