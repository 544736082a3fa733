from config import ageing_time
from state import static, stations


def unknown_flooded(pkt, device, now):
    """Frames for unknown stations and groups go to all other devices (IEEE 802.1Q-2014, 8.6)."""
    assume(pkt.has(ether) and int(pkt.ether.dst) >> 4 != 0x0180C200000)
    assume(pkt.ether.dst not in static)
    stations.expire_before(now - ageing_time)
    known = pkt.ether.dst in stations or pkt.ether.dst == pkt.ether.src
    assume(pkt.ether.dst.is_group or not known)
    unspecified(stations)
    return BROADCAST, pkt
