from config import backend_timeout, clients, flow_timeout, networks, own_mac, port, protocol
from config import rewrite_destination, vip
from state import Flow, flows, spread, stations


def full_still_balances(pkt, device, now):
    """Without room nothing is evicted, and the hash alone decides (Maglev, NSDI 2016, 3.3)."""
    assume(device == clients and pkt.has(l4) and not pkt.ipv4.is_fragment)
    assume(device >= len(networks) or not networks[device].backends)
    ip, tp = pkt.ipv4, pkt.l4
    assume((ip.dst, ip.protocol, tp.dst_port) == (vip, protocol, port))
    assume(ip.ttl > 1 if rewrite_destination else pkt.ether.dst == own_mac)
    flows.expire_before(now - flow_timeout)
    since = now - backend_timeout
    flow = Flow(ip.src, tp.src_port, ip.protocol)
    assume(flow not in flows and flows.full)
    i = spread.choose(flow, since)
    if i == len(spread):
        return DROP                                   # nobody is alive
    assert out.sent and out.device == stations[i].device, "not sent to the backend of the table"
