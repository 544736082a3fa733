"""Policer: a token bucket for each address or network, with rates by prefix (RFC 2697)."""

from config import by_outside, colour_aware, green, idle_log2, inside, inward, limits, outside, outward
from config import pass_other, pass_unlisted, pass_when_full, red, yellow
from state import Bucket, Key, buckets, classes


def missing(key, rate, now):
    """What is missing until the buckets of a key are full, in byte-nanoseconds: committed and excess."""
    if key not in buckets:                                # P8: a new bucket is full
        return 0, 0
    bucket = buckets[key]
    earned = rate * max(now - bucket.time, 0)             # P1: exact, whatever the time
    left = max(earned - bucket.committed, 0)              # the committed burst first
    return max(bucket.committed - earned, 0), max(bucket.excess - left, 0)


def spec(pkt, device, now):
    """Single-rate three-colour marker, colour-blind or colour-aware, that drops or marks (RFC 2697, 3 and 4)."""
    buckets.expire_before(now - (SECOND << idle_log2))
    if device not in (inside, outside):
        return DROP
    to = outside if device == inside else inside
    if not (outward if device == inside else inward):     # this direction is not policed
        return to, pkt
    if not pkt.has(ether):
        return DROP
    if pkt.ether.type != TYPE_IPV4:
        if pass_other:
            return to, pkt
        return DROP
    if not pkt.has(ipv4):
        return DROP

    ip = pkt.ipv4
    address = ip.dst if by_outside == (device == inside) else ip.src
    if address not in classes or classes[address] > len(limits):    # P6: by the longest prefix
        if pass_unlisted:
            return to, pkt
        return DROP
    limit = limits[classes[address] - 1]
    key = Key(int(address) & int(limit.mask), classes[address], device)
    if key not in buckets and buckets.full:               # P8
        if pass_when_full:
            return to, pkt
        return DROP

    is_red = colour_aware and red.mark and ip.dscp == red.dscp                          # P2: as it came
    is_yellow = colour_aware and yellow.mark and ip.dscp == yellow.dscp
    committed, spare = missing(key, limit.rate, now)
    cost = ip.total_length * SECOND                       # P5: bytes of the IP packet
    if committed + cost <= limit.burst * SECOND and not (is_yellow or is_red):      # P7: an exact fit conforms
        buckets[key] = Bucket(committed + cost, spare, now)
        treatment = green
    elif spare + cost <= limit.excess * SECOND and not is_red:
        buckets[key] = Bucket(committed, spare + cost, now)
        treatment = yellow
    else:
        buckets[key] = Bucket(committed, spare, now)
        treatment = red
    if treatment.drop:
        return DROP
    if treatment.mark:                                    # P4: RFC 2697, 4
        ip.dscp = treatment.dscp
    return to, pkt
