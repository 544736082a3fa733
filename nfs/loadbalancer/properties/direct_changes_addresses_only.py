from config import own_mac, rewrite_destination


def direct_changes_addresses_only(pkt, device, now):
    """With direct server return only Ethernet addresses change, and frames for others stay (Maglev, NSDI 2016, 3.1)."""
    assume(not rewrite_destination)
    if out.sent:
        assert old(pkt).ether.dst == own_mac, "a frame for another station was sent on"
        pkt.ether.dst, pkt.ether.src = ..., own_mac
        return ..., pkt
