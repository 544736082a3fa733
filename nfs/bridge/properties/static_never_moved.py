from state import static, stations


def static_never_moved(pkt, device, now):
    """Whoever sends from it, an address stays where its static entry says (IEEE 802.1Q-2014, 8.8.1)."""
    assume(pkt.has(ether) and pkt.ether.src == pkt.ether.dst and pkt.ether.dst in static)
    assume(int(pkt.ether.dst) >> 4 != 0x0180C200000)
    unspecified(stations)
    return static[pkt.ether.dst], pkt
