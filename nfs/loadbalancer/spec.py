"""Load balancer of one service (Eisenbud et al., Maglev, NSDI 2016), for TCP or UDP over IPv4."""

from config import backend_timeout, backends, clients, flow_timeout, heartbeat_port, heartbeat_to, networks, own_mac, port
from config import protocol, rewrite_destination, vip
from state import Choice, Flow, Station, flows, places, spread, stations


def within(a, net):
    """Is an address in a network (RFC 4632, 3.1)?"""
    return int(a) >> (32 - net.length) == int(net.address) >> (32 - net.length)


def spec(pkt, device, now):
    """Balancing of new flows by Maglev, of known ones by a table (Maglev, NSDI 2016, 3.3 and 3.4)."""
    flows.expire_before(now - flow_timeout)
    if not pkt.has(l4) or pkt.ipv4.is_fragment:                     # M14: dropped, and counted
        return DROP
    ip, tp = pkt.ipv4, pkt.l4
    believed = device < len(networks) and networks[device].backends and within(ip.src, networks[device].prefix)
    if believed and pkt.has(udp) and ip.dst == heartbeat_to and tp.dst_port == heartbeat_port:
        if ip.src in places:                                        # M8: configured backends only
            spread.beat(places.index(ip.src))
            stations[places.index(ip.src)] = Station(pkt.ether.src, device)    # M8: it may have moved
        return DROP

    if device == clients and (ip.dst, ip.protocol, tp.dst_port) == (vip, protocol, port):      # M5
        if rewrite_destination:
            if ip.ttl <= 1:                                         # RFC 1812, 5.3.1
                return DROP
        elif pkt.ether.dst != own_mac:
            return DROP
        since = now - backend_timeout
        flow = Flow(ip.src, tp.src_port, ip.protocol)
        known = flow in flows and flows[flow].backend in places
        if known and spread.alive(places.index(flows[flow].backend), since):
            i = places.index(flows[flow].backend)                   # M9: a backend that lives keeps its flows
            flows.refresh(flow)
        else:
            i = spread.choose(flow, since)                          # M4: by the configured table
            if i == len(spread):
                return DROP                                         # nobody is alive
            if flow in flows or not flows.full:                     # M6: without room the hash decides
                flows[flow] = Choice(backends[i].key)
        if rewrite_destination:
            ip.dst = backends[i].key
            ip.ttl -= 1
        else:
            pkt.ether.dst, pkt.ether.src = stations[i].mac, own_mac
        return stations[i].device, pkt

    if believed and rewrite_destination:                            # a reply
        if (ip.protocol, tp.src_port) != (protocol, port) or ip.src not in places or ip.ttl <= 1:
            return DROP
        ip.src = vip
        ip.ttl -= 1
        return clients, pkt
    return DROP
