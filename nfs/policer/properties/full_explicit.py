from config import by_source, idle_timeout, inside, mask, outside, pass_when_full
from state import buckets


def full_explicit(pkt, device, now):
    """Without room for a bucket, pass_when_full decides, and no other bucket makes room."""
    assume(device == outside and pkt.has(ipv4))
    key = int(pkt.ipv4.src if by_source else pkt.ipv4.dst) & int(mask)
    buckets.expire_before(now - idle_timeout)
    assume(key not in buckets and buckets.full)
    if pass_when_full:
        return inside, pkt
    return DROP
