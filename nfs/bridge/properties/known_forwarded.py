from config import ageing_time
from state import static, stations


def known_forwarded(pkt, device, now):
    """A frame for a known station leaves by its device alone (IEEE 802.1Q-2014, 8.6)."""
    assume(pkt.has(ether) and not pkt.ether.dst.is_group and pkt.ether.dst != pkt.ether.src)
    assume(pkt.ether.dst not in static)
    stations.expire_before(now - ageing_time)
    assume(pkt.ether.dst in stations)
    where = stations[pkt.ether.dst].device
    unspecified(stations)
    assume(where != device)
    return where, pkt
