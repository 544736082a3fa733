from config import backend_timeout, heartbeat_port, heartbeat_to, networks
from state import Station, places, spread, stations


def heartbeats_mark_alive(pkt, device, now):
    """A heartbeat of a configured backend marks it alive, and says where it is now (Maglev, NSDI 2016, 3.4)."""
    assume(device < len(networks) and networks[device].backends and networks[device].prefix.length == 0)
    assume(pkt.has(udp) and not pkt.ipv4.is_fragment and pkt.ipv4.src in places)
    assume(pkt.ipv4.dst == heartbeat_to and pkt.udp.dst_port == heartbeat_port)
    i = places.index(pkt.ipv4.src)
    spread.beat(i)
    stations[i] = Station(pkt.ether.src, device)
    assert spread.alive(i, now - backend_timeout)
    return DROP
