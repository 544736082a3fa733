from config import by_outside, colour_aware, idle_log2, inside, inward, limits, outside, outward, red
from state import Key, buckets, classes


def red_stays_red(pkt, device, now):
    """When colours are heeded, a packet that comes as red stays red, whatever there is room for (RFC 2697, 3)."""
    assume((device == inside and outward or device == outside and inward) and pkt.has(ipv4))
    assume(colour_aware and red.mark and red.drop and pkt.ipv4.dscp == red.dscp)
    address = pkt.ipv4.dst if by_outside == (device == inside) else pkt.ipv4.src
    assume(address in classes and classes[address] <= len(limits))
    limit = limits[classes[address] - 1]
    key = Key(int(address) & int(limit.mask), classes[address], device)
    buckets.expire_before(now - (SECOND << idle_log2))
    assume(key in buckets or not buckets.full)
    unspecified(buckets)
    return DROP
