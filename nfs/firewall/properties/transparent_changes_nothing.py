from config import routed


def transparent_changes_nothing(pkt, device, now):
    """A transparent firewall passes frames as they came (F9)."""
    assume(not routed)
    if out.sent:
        return ..., pkt
