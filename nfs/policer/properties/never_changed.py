def never_changed(pkt, device, now):
    """What passes passes as it came."""
    if out.sent:
        return ..., pkt
    return DROP
