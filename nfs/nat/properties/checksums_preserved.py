def checksums_preserved(pkt, device, now):
    """Right checksums stay right and wrong ones stay wrong (RFC 3022, 4.2; RFC 1624)."""
    if out.sent and pkt.has(ipv4):
        was, ip = old(pkt).ipv4.checksum_ok, out.pkt.ipv4.checksum_ok
        assert ip or not was, "IP checksum broken (RFC 3022, 4.2)"
        assert was or not ip, "IP checksum repaired (RFC 1624)"
        if pkt.has(icmp) and not pkt.has(inner):      # of errors the full spec says it
            was, message = old(pkt).icmp.checksum_ok, out.pkt.icmp.checksum_ok
            assert message or not was, "ICMP checksum broken (RFC 3022, 4.2)"
            assert was or not message, "ICMP checksum repaired (RFC 1624)"
        if pkt.has(l4):
            was, tp = old(pkt).l4.checksum_ok, out.pkt.l4.checksum_ok
            assert tp or not was, "TCP or UDP checksum broken (RFC 3022, 4.2)"
            assert was or not tp, "TCP or UDP checksum repaired (RFC 1624)"
