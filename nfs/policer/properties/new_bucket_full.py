from config import by_outside, colour_aware, idle_log2, inside, inward, limits, outside, outward
from state import Key, buckets, classes


def new_bucket_full(pkt, device, now):
    """The first packet of an address passes if it fits the burst, exactly or with room (RFC 2697, 3)."""
    assume((device == inside and outward or device == outside and inward) and pkt.has(ipv4))
    assume(not colour_aware)
    address = pkt.ipv4.dst if by_outside == (device == inside) else pkt.ipv4.src
    assume(address in classes and classes[address] <= len(limits))
    limit = limits[classes[address] - 1]
    key = Key(int(address) & int(limit.mask), classes[address], device)
    buckets.expire_before(now - (SECOND << idle_log2))
    assume(key not in buckets and not buckets.full and pkt.ipv4.total_length <= limit.burst)
    unspecified(buckets)
    return outside if device == inside else inside, ...
