from config import backend_timeout, flow_timeout, heartbeat_port, vip, wan
from state import Backend, Flow, backends, flows, maglev

def spec(pkt, device, now):
    """Balancer of one address (Eisenbud et al., Maglev, NSDI 2016, 3.3 and 3.4)."""
    flows.expire_before(now - flow_timeout)
    backends.expire_before(now - backend_timeout)
    if not pkt.has(l4) or pkt.ipv4.is_fragment:
        return DROP
    ip, tp = pkt.ipv4, pkt.l4
    if device != wan:                                 # from a backend: heartbeats only
        known = ip.src in backends
        if pkt.has(udp) and tp.dst_port == heartbeat_port and (known or not backends.full):
            backends[ip.src] = Backend(device, pkt.ether.src)    # learns moves, too
        return DROP

    if ip.dst != vip or len(backends) == 0:
        return DROP
    flow = Flow(ip.src, tp.src_port, ip.dst, tp.dst_port, ip.protocol)
    if flow in flows and flows[flow] in backends:     # a living backend keeps its flows
        chosen = flows[flow]
        flows.refresh(flow)
    else:
        chosen = backends.key(maglev.choose(flow, backends))
        if flow in flows or not flows.full:           # full: balanced, not remembered
            flows[flow] = chosen
    backend = backends[chosen]
    ip.dst = chosen
    pkt.ether.src, pkt.ether.dst = ..., backend.mac
    return backend.device, pkt
