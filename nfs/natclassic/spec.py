"""Traditional NAT with port translation (RFC 3022), for TCP and UDP over IPv4."""

from config import external_ip, flow_timeout, start_port, wan
from state import Flow, flows


def spec(pkt, device, now):
    """NAPT of TCP and UDP flows (RFC 3022, 2.2 and 4.1; RFC 4787 REQ-3, REQ-5 and REQ-6)."""
    flows.expire_before(now - flow_timeout)           # N7: RFC 4787 REQ-5
    if not pkt.has(l4):                               # N25: RFC 1812, 5.2.2; N12: ICMP ends nothing
        return DROP
    if pkt.ipv4.is_fragment:                          # N15: dropped, in order or not
        return DROP
    if pkt.ipv4.ttl <= 1:                             # RFC 1812, 5.3.1
        return DROP
    ip, tp = pkt.ipv4, pkt.l4                         # N22: their checksums follow, RFC 3022, 4.1
    ip.ttl -= 1
    if device != wan:
        flow = Flow(ip.src, ip.dst, tp.src_port, tp.dst_port, ip.protocol, device)
        if flow not in flows and flows.full:          # N20: RFC 5508 REQ-8, nothing is evicted
            return DROP
        flows.add(flow)                               # N8: RFC 4787 REQ-6, new or refreshed
        ip.src = external_ip
        tp.src_port = start_port + flows.index(flow)  # N2: RFC 4787 REQ-3, one port for one flow
        return wan, pkt

    if ip.dst != external_ip:                         # N24: RFC 3022, 4.1
        return DROP
    i = tp.dst_port - start_port                      # exact: if negative, no index
    if i not in flows.indices:
        return DROP
    flow = flows.key(i)
    if (flow.dst, flow.dst_port, flow.protocol) != (ip.src, tp.src_port, ip.protocol):
        return DROP                                   # not the peer of this flow
    flows.refresh(flow)                               # N8: REQ-6a, and only the peer may
    ip.dst, tp.dst_port = flow.src, flow.src_port
    return flow.device, pkt
