from config import flow_timeout, wan
from state import Endpoint, mappings


def icmp_ends_nothing(pkt, device, now):
    """No ICMP message ends a mapping, or begins any but that of its query (RFC 4787 REQ-12, RFC 5382 REQ-10)."""
    assume(pkt.has(icmp))
    mappings.expire_before(now - flow_timeout)
    if device != wan and out.sent and not pkt.has(inner):
        mappings.add(Endpoint(old(pkt).ipv4.src, old(pkt).icmp.id, device, ICMP))
    return ...
