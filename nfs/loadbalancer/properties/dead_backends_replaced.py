from config import backend_timeout, backends, clients, flow_timeout, networks, port, protocol, vip
from state import Choice, Flow, flows, places, spread, stations


def dead_backends_replaced(pkt, device, now):
    """A flow whose backend is dead, or configured no more, gets a live one (Maglev, NSDI 2016, 3.3)."""
    assume(device == clients and pkt.has(l4) and not pkt.ipv4.is_fragment)
    assume(device >= len(networks) or not networks[device].backends)
    ip, tp = pkt.ipv4, pkt.l4
    assume((ip.dst, ip.protocol, tp.dst_port) == (vip, protocol, port))
    flows.expire_before(now - flow_timeout)
    since = now - backend_timeout
    flow = Flow(ip.src, tp.src_port, ip.protocol)
    assume(flow in flows)
    was = flows[flow].backend
    assume(was not in places or not spread.alive(places.index(was), since))
    if out.sent:
        i = spread.choose(flow, since)
        assert i < len(spread), "sent although nobody is alive"
        if i < len(spread):
            flows[flow] = Choice(backends[i].key)
            assert spread.alive(i, since) and out.device == stations[i].device, "sent to a dead backend"
