from config import by_outside, idle_log2, inside, inward, limits, outside, outward
from state import classes


def never_early(pkt, device, now):
    """A bucket is full before it is forgotten, so a new one is no gift (RFC 2697, 3)."""
    assume((device == inside and outward or device == outside and inward) and pkt.has(ipv4))
    address = pkt.ipv4.dst if by_outside == (device == inside) else pkt.ipv4.src
    assume(address in classes and classes[address] <= len(limits))
    limit = limits[classes[address] - 1]
    assert (limit.rate << idle_log2) >= limit.burst + limit.excess, "a bucket is forgotten while something is missing"
