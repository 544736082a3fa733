def no_udp_checksum_stays_none(pkt, device, now):
    """A UDP datagram without a checksum gets none, one with keeps one (RFC 768; RFC 3022, 4.1)."""
    if out.sent and pkt.has(udp):
        before, after = old(pkt).udp.checksum, out.pkt.udp.checksum
        assert (before == 0) == (after == 0), "UDP checksum 0 means that there is none (RFC 768)"
