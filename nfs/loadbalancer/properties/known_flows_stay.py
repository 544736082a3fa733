from config import backend_timeout, clients, flow_timeout, networks, port, protocol, rewrite_destination, vip
from state import Flow, flows, places, spread, stations


def known_flows_stay(pkt, device, now):
    """A flow stays with its backend while that lives, also with weight 0 (Maglev, NSDI 2016, 3.3)."""
    assume(device == clients and pkt.has(l4) and not pkt.ipv4.is_fragment)
    assume(device >= len(networks) or not networks[device].backends)
    ip, tp = pkt.ipv4, pkt.l4
    assume((ip.dst, ip.protocol, tp.dst_port) == (vip, protocol, port) and ip.ttl > 1)
    flows.expire_before(now - flow_timeout)
    flow = Flow(ip.src, tp.src_port, ip.protocol)
    assume(flow in flows and flows[flow].backend in places)
    backend = flows[flow].backend
    assume(spread.alive(places.index(backend), now - backend_timeout))
    if out.sent:
        flows.refresh(flow)
        assert out.device == stations[places.index(backend)].device, "sent to another backend"
        if rewrite_destination:
            assert out.pkt.ipv4.dst == backend, "sent to another backend"
        else:
            assert out.pkt.ether.dst == stations[places.index(backend)].mac, "sent to another backend"
