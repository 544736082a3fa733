from config import backend_timeout, backends, clients, flow_timeout, networks, own_mac, port, protocol
from config import rewrite_destination, vip
from state import Choice, Flow, flows, spread, stations


def new_flows_by_hash(pkt, device, now):
    """A new flow goes where the table says, and is remembered (Maglev, NSDI 2016, 3.3 and 3.4)."""
    assume(device == clients and pkt.has(l4) and not pkt.ipv4.is_fragment)
    assume(device >= len(networks) or not networks[device].backends)
    ip, tp = pkt.ipv4, pkt.l4
    assume((ip.dst, ip.protocol, tp.dst_port) == (vip, protocol, port))
    assume(ip.ttl > 1 if rewrite_destination else pkt.ether.dst == own_mac)
    flows.expire_before(now - flow_timeout)
    since = now - backend_timeout
    flow = Flow(ip.src, tp.src_port, ip.protocol)
    assume(flow not in flows and not flows.full)
    i = spread.choose(flow, since)
    if i == len(spread):
        return DROP                                   # nobody is alive
    flows[flow] = Choice(backends[i].key)
    assert out.sent and out.device == stations[i].device, "not sent to the backend of the table"
    assert not rewrite_destination or out.pkt.ipv4.dst == backends[i].key, "sent to another backend"
