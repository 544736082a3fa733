from config import burst, excess, idle_timeout, rate


def never_early(pkt, device, now):
    """A bucket is full before it is forgotten, so a new one is no gift (RFC 2697, 3)."""
    assert rate * idle_timeout >= (burst + excess) * SECOND, "a bucket is forgotten while something is missing"
