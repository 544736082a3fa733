from config import idle_log2, inside, inward, outside, pass_other
from state import buckets


def others_untouched(pkt, device, now):
    """What is not IPv4 passes or not as configured, and changes no bucket."""
    assume(device == outside and inward and pkt.has(ether) and pkt.ether.type != TYPE_IPV4)
    buckets.expire_before(now - (SECOND << idle_log2))
    if pass_other:
        return inside, pkt
    return DROP
