from config import by_outside, idle_log2, inside, inward, limits, outside, outward, pass_unlisted
from state import buckets, classes


def unlisted_explicit(pkt, device, now):
    """For an address without a limit, pass_unlisted decides, and nothing is counted."""
    assume((device == inside and outward or device == outside and inward) and pkt.has(ipv4))
    address = pkt.ipv4.dst if by_outside == (device == inside) else pkt.ipv4.src
    assume(address not in classes or classes[address] > len(limits))
    buckets.expire_before(now - (SECOND << idle_log2))
    if pass_unlisted:
        return outside if device == inside else inside, pkt
    return DROP
