from config import networks
from state import spread, stations


def strangers_mark_nothing(pkt, device, now):
    """A heartbeat counts on configured devices, and from configured networks only."""
    if device < len(networks) and networks[device].backends and pkt.has(ipv4):
        shift = 32 - networks[device].prefix.length
        assume(int(pkt.ipv4.src) >> shift != int(networks[device].prefix.address) >> shift)
    return ...                                        # and spread and stations are as they were
