from config import backend_timeout, backends, clients, flow_timeout, networks, own_mac, port, protocol
from config import rewrite_destination, vip
from state import Choice, Flow, flows, places, spread, stations


def dead_backends_replaced(pkt, device, now):
    """A flow whose backend is dead, or configured no more, gets a live one (Maglev, NSDI 2016, 3.3)."""
    assume(device == clients and pkt.has(l4) and not pkt.ipv4.is_fragment)
    assume(device >= len(networks) or not networks[device].backends)
    ip, tp = pkt.ipv4, pkt.l4
    assume((ip.dst, ip.protocol, tp.dst_port) == (vip, protocol, port))
    assume(ip.ttl > 1 if rewrite_destination else pkt.ether.dst == own_mac)
    flows.expire_before(now - flow_timeout)
    since = now - backend_timeout
    flow = Flow(ip.src, tp.src_port, ip.protocol)
    assume(flow in flows)
    was = flows[flow].backend
    assume(was not in places or not spread.alive(places.index(was), since))
    i = spread.choose(flow, since)
    if i == len(spread):
        return DROP                                   # nobody is alive
    flows[flow] = Choice(backends[i].key)
    assert spread.alive(i, since) and out.sent, "not sent to a live backend"
    assert out.device == stations[i].device, "sent to another backend"
