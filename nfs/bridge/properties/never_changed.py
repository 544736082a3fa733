def never_changed(pkt, device, now):
    """What is relayed is relayed as it came (IEEE 802.1Q-2014, 8.6)."""
    if out.sent:
        return ..., pkt
    return DROP
