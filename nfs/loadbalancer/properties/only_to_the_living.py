from config import backend_timeout, backends, clients, networks, rewrite_destination
from state import Flow, places, spread


def only_to_the_living(pkt, device, now):
    """Whoever is sent a client's packet is configured and has had a heartbeat in time (Maglev, NSDI 2016, 3.1)."""
    assume(device == clients and (device >= len(networks) or not networks[device].backends) and rewrite_destination)
    if out.sent:
        to, since = out.pkt.ipv4.dst, now - backend_timeout
        known = to in places and spread.alive(places.index(to), since)
        i = spread.choose(Flow(old(pkt).ipv4.src, old(pkt).l4.src_port, old(pkt).ipv4.protocol), since)
        assert known or i < len(spread) and spread.alive(i, since) and backends[i].key == to, "sent to nobody alive"
