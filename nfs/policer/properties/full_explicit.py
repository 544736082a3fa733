from config import by_outside, idle_log2, inside, inward, limits, outside, outward, pass_when_full
from state import Key, buckets, classes


def full_explicit(pkt, device, now):
    """Without room for a bucket, pass_when_full decides, and no other bucket makes room."""
    assume((device == inside and outward or device == outside and inward) and pkt.has(ipv4))
    address = pkt.ipv4.dst if by_outside == (device == inside) else pkt.ipv4.src
    assume(address in classes and classes[address] <= len(limits))
    limit = limits[classes[address] - 1]
    key = Key(int(address) & int(limit.mask), classes[address], device)
    buckets.expire_before(now - (SECOND << idle_log2))
    assume(key not in buckets and buckets.full)
    if pass_when_full:
        return outside if device == inside else inside, pkt
    return DROP
