from config import ageing_time
from state import static, stations


def own_segment_filtered(pkt, device, now):
    """A frame for a station on its own segment is filtered (IEEE 802.1Q-2014, 8.6)."""
    assume(pkt.has(ether) and not pkt.ether.dst.is_group and pkt.ether.dst != pkt.ether.src)
    assume(pkt.ether.dst not in static)
    stations.expire_before(now - ageing_time)
    assume(pkt.ether.dst in stations and stations[pkt.ether.dst].device == device)
    unspecified(stations)
    return DROP
