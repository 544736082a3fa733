from config import burst, idle_timeout, lan, rate, wan
from state import Bucket, buckets

def refill(bucket, now):
    """Tokens at now, in byte-nanoseconds: no division, so no remainder is ever lost."""
    return min(burst * SECOND, bucket.level + rate * (now - bucket.time))

def spec(pkt, device, now):
    """Policer, one token bucket per destination (RFC 2697, section 3, one colour)."""
    assert idle_timeout * rate >= burst * SECOND, "forgetting a bucket must not refill it early"
    buckets.expire_before(now - idle_timeout)
    if not pkt.has(ipv4) or device not in (lan, wan):
        return DROP
    if device == lan:
        return wan, pkt
    dst = pkt.ipv4.dst
    cost = pkt.ipv4.total_length * SECOND             # bytes of IP packet, not of frame
    if dst in buckets:
        level = refill(buckets[dst], now)
    elif not buckets.full:
        level = burst * SECOND
    else:
        return DROP                                   # table full: fail closed
    conforms = cost <= level                          # an exact fit conforms
    buckets[dst] = Bucket(level - cost if conforms else level, now)
    if conforms:
        return lan, pkt
    return DROP
