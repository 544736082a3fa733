def reserved_filtered(pkt, device, now):
    """Reserved addresses 01-80-C2-00-00-00 to -0F are never relayed (IEEE 802.1Q-2014, 8.6.3)."""
    assume(pkt.has(ether) and mac("01:80:c2:00:00:00") <= pkt.ether.dst)
    assume(pkt.ether.dst <= mac("01:80:c2:00:00:0f"))
    assert not out.sent, "a reserved address was relayed (8.6.3)"
