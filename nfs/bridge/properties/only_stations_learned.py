from config import ageing_time
from state import stations


def only_stations_learned(pkt, device, now):
    """Group and zero source addresses teach nothing (IEEE 802.1Q-2014, 8.7)."""
    assume(not pkt.has(ether) or pkt.ether.src.is_group or pkt.ether.src.is_zero)
    stations.expire_before(now - ageing_time)
