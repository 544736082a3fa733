"""MAC bridge (IEEE 802.1Q-2014) with static entries, without VLANs."""

from config import ageing_time
from state import Station, static, stations


def spec(pkt, device, now):
    """Learning, ageing, filtering and relay of frames (IEEE 802.1Q-2014, 8.6 to 8.8)."""
    stations.expire_before(now - ageing_time)             # B4: 8.8.3
    if not pkt.has(ether):
        return DROP
    src, dst = pkt.ether.src, pkt.ether.dst
    if not (src.is_group or src.is_zero or src in static):  # B2, B3: 8.7
        if src in stations or not stations.full:          # B5: without room nothing is learned
            stations[src] = Station(device)               # B1: new, or moved, or as before

    if int(dst) >> 4 == 0x0180C200000:                    # B8: 8.6.3
        return DROP
    if dst in static:                                     # B9: 8.8.1, by none if no other is in the set
        return static[dst], pkt
    if dst.is_group or dst not in stations:               # B6: 8.6
        return BROADCAST, pkt
    if stations[dst].device == device:                    # B7: 8.6
        return DROP
    return stations[dst].device, pkt
