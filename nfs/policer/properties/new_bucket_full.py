from config import burst, by_source, idle_timeout, inside, mask, outside
from state import buckets


def new_bucket_full(pkt, device, now):
    """The first packet of an address passes if it fits the burst, exactly or with room (RFC 2697, 3)."""
    assume(device == outside and pkt.has(ipv4))
    key = int(pkt.ipv4.src if by_source else pkt.ipv4.dst) & int(mask)
    buckets.expire_before(now - idle_timeout)
    assume(key not in buckets and not buckets.full and pkt.ipv4.total_length <= burst)
    unspecified(buckets)
    return inside, pkt
