from config import green, red, yellow


def only_marks(pkt, device, now):
    """What is sent has the code point that it came with, or a configured one (RFC 2697, 4)."""
    assume(pkt.has(ipv4) and out.sent)
    mark = out.pkt.ipv4.dscp
    ours = green.mark and mark == green.dscp or yellow.mark and mark == yellow.dscp or red.mark and mark == red.dscp
    assert ours or mark == pkt.ipv4.dscp, "another code point"
