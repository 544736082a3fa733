from state import static, stations


def static_forwarded(pkt, device, now):
    """Frames for a static entry leave by its devices, at any time, whatever was learned (IEEE 802.1Q-2014, 8.8.1)."""
    assume(pkt.has(ether) and int(pkt.ether.dst) >> 4 != 0x0180C200000 and pkt.ether.dst in static)
    unspecified(stations)
    return static[pkt.ether.dst], pkt
