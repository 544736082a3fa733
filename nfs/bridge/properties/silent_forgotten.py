from config import ageing_time
from state import stations


def silent_forgotten(pkt, device, now):
    """A station that was silent for the ageing time is forgotten, no other (IEEE 802.1Q-2014, 8.8.3)."""
    assume(not pkt.has(ether))
    stations.expire_before(now - ageing_time)
    return DROP
