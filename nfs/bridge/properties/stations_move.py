from config import ageing_time
from state import Station, static, stations


def stations_move(pkt, device, now):
    """A known station is where its latest frame came from (IEEE 802.1Q-2014, 8.7)."""
    assume(pkt.has(ether) and not pkt.ether.src.is_group and not pkt.ether.src.is_zero)
    assume(pkt.ether.src not in static)
    stations.expire_before(now - ageing_time)
    assume(pkt.ether.src in stations)
    stations[pkt.ether.src] = Station(device)
