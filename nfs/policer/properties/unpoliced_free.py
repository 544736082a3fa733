from config import idle_log2, inside, inward, outside, outward
from state import buckets


def unpoliced_free(pkt, device, now):
    """What comes from a side that is not policed passes, unchanged, and is counted nowhere."""
    assume(device == inside and not outward or device == outside and not inward)
    buckets.expire_before(now - (SECOND << idle_log2))
    return outside if device == inside else inside, pkt
