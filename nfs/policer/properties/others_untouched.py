from config import idle_timeout, inside
from state import buckets


def others_untouched(pkt, device, now):
    """What is not policed changes no bucket: frames from inside, and those that are not IPv4."""
    assume(device == inside or not pkt.has(ipv4))
    buckets.expire_before(now - idle_timeout)
