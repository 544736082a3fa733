from config import ageing_time
from state import Station, static, stations


def new_stations_learned(pkt, device, now):
    """A new station is learned if there is room (IEEE 802.1Q-2014, 8.7)."""
    assume(pkt.has(ether) and not pkt.ether.src.is_group and not pkt.ether.src.is_zero)
    assume(pkt.ether.src not in static)
    stations.expire_before(now - ageing_time)
    assume(pkt.ether.src not in stations and not stations.full)
    stations[pkt.ether.src] = Station(device)
