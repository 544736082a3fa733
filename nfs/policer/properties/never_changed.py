from config import green, red, yellow


def never_changed(pkt, device, now):
    """Without marks, what passes passes as it came."""
    assume(not green.mark and not yellow.mark and not red.mark)
    if out.sent:
        return ..., pkt
    return DROP
