"""Policer: a token bucket for each address or network (RFC 2697)."""

from config import burst, by_source, drop_yellow, excess, idle_timeout, inside, mask, outside, pass_other
from config import pass_when_full, rate
from state import Bucket, buckets


def missing(key, now):
    """What is missing until the buckets of a key are full, in byte-nanoseconds: committed and excess."""
    if key not in buckets:                                # P8: a new bucket is full
        return 0, 0
    bucket = buckets[key]
    earned = rate * max(now - bucket.time, 0)             # P1: exact, whatever the time
    left = max(earned - bucket.committed, 0)              # the committed burst first
    return max(bucket.committed - earned, 0), max(bucket.excess - left, 0)


def spec(pkt, device, now):
    """Single-rate three-colour marker, colour-blind, that drops what is red (RFC 2697, 3)."""
    buckets.expire_before(now - idle_timeout)
    if device == inside:
        return outside, pkt
    if device != outside or not pkt.has(ether):
        return DROP
    if pkt.ether.type != TYPE_IPV4:
        if pass_other:
            return inside, pkt
        return DROP
    if not pkt.has(ipv4):
        return DROP

    key = int(pkt.ipv4.src if by_source else pkt.ipv4.dst) & int(mask)    # P6
    if key not in buckets and buckets.full:               # P8
        if pass_when_full:
            return inside, pkt
        return DROP
    committed, spare = missing(key, now)
    cost = pkt.ipv4.total_length * SECOND                 # P5: bytes of the IP packet
    if committed + cost <= burst * SECOND:                # green; P7: an exact fit conforms
        buckets[key] = Bucket(committed + cost, spare, now)
        return inside, pkt
    if spare + cost <= excess * SECOND:                   # yellow
        buckets[key] = Bucket(committed, spare + cost, now)
        if drop_yellow:
            return DROP
        return inside, pkt
    buckets[key] = Bucket(committed, spare, now)          # red
    return DROP
