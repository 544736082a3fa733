from config import burst, by_source, excess, idle_timeout, mask, outside
from state import buckets


def new_bucket_red(pkt, device, now):
    """The first packet of an address is dropped if it exceeds either burst (RFC 2697, 3)."""
    assume(device == outside and pkt.has(ipv4))
    key = int(pkt.ipv4.src if by_source else pkt.ipv4.dst) & int(mask)
    buckets.expire_before(now - idle_timeout)
    assume(key not in buckets and not buckets.full)
    assume(pkt.ipv4.total_length > burst and pkt.ipv4.total_length > excess)
    unspecified(buckets)
    return DROP
