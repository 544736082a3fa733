def errors_keep_their_kind(pkt, device, now):
    """Type and code of an error stay, and what its second word says (RFC 5508 REQ-4b, REQ-5b)."""
    if out.sent and pkt.has(inner):
        was, m = old(pkt).icmp, out.pkt.icmp
        assert m.type == was.type and m.code == was.code, "another error (RFC 5508 REQ-4b)"
        assert m.id == was.id and m.sequence == was.sequence, "another MTU, pointer or gateway (RFC 5508 REQ-4b)"
