from config import backend_timeout, clients, flow_timeout, networks, port, protocol, vip
from state import Flow, flows, spread, stations


def full_still_balances(pkt, device, now):
    """Without room nothing is evicted, and the hash alone decides (Maglev, NSDI 2016, 3.3)."""
    assume(device == clients and pkt.has(l4) and not pkt.ipv4.is_fragment)
    assume(device >= len(networks) or not networks[device].backends)
    ip, tp = pkt.ipv4, pkt.l4
    assume((ip.dst, ip.protocol, tp.dst_port) == (vip, protocol, port))
    flows.expire_before(now - flow_timeout)
    flow = Flow(ip.src, tp.src_port, ip.protocol)
    assume(flow not in flows and flows.full)
    if out.sent:
        i = spread.choose(flow, now - backend_timeout)
        assert i < len(spread) and out.device == stations[i].device, "sent to another backend"
