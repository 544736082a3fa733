from config import backend_timeout, clients, flow_timeout, networks, own_mac, port, protocol
from config import rewrite_destination, vip
from state import Flow, flows, places, spread, stations


def known_flows_stay(pkt, device, now):
    """A flow stays with its backend while that lives, also with weight 0 (Maglev, NSDI 2016, 3.3)."""
    assume(device == clients and pkt.has(l4) and not pkt.ipv4.is_fragment)
    assume(device >= len(networks) or not networks[device].backends)
    ip, tp = pkt.ipv4, pkt.l4
    assume((ip.dst, ip.protocol, tp.dst_port) == (vip, protocol, port))
    assume(ip.ttl > 1 if rewrite_destination else pkt.ether.dst == own_mac)
    flows.expire_before(now - flow_timeout)
    since = now - backend_timeout
    flow = Flow(ip.src, tp.src_port, ip.protocol)
    assume(flow in flows and flows[flow].backend in places)
    backend = flows[flow].backend
    i = places.index(backend)
    assume(spread.alive(i, since))
    flows.refresh(flow)
    assert out.sent and out.device == stations[i].device, "not sent to the flow's backend"
    if rewrite_destination:
        assert out.pkt.ipv4.dst == backend, "sent to another backend"
    else:
        assert out.pkt.ether.dst == stations[i].mac, "sent to another backend"
