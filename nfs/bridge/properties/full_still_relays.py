from config import ageing_time
from state import static, stations


def full_still_relays(pkt, device, now):
    """Without room nothing is learned or evicted, and frames still pass (IEEE 802.1Q-2014, 8.7)."""
    assume(pkt.has(ether) and int(pkt.ether.dst) >> 4 != 0x0180C200000)
    assume(pkt.ether.dst not in static)
    stations.expire_before(now - ageing_time)
    assume(stations.full and pkt.ether.src not in stations and pkt.ether.dst not in stations)
    return BROADCAST, pkt
