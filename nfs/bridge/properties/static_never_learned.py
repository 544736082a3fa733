from config import ageing_time
from state import static, stations


def static_never_learned(pkt, device, now):
    """An address with a static entry is not learned beside it (IEEE 802.1Q-2014, 8.7)."""
    assume(pkt.has(ether) and pkt.ether.src in static)
    stations.expire_before(now - ageing_time)
