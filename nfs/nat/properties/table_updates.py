from config import flow_timeout, wan
from state import Endpoint, mappings


def table_updates(pkt, device, now):
    """The table changes by expiry, then by the sender's mapping made or refreshed (RFC 4787, 4.3)."""
    mappings.expire_before(now - flow_timeout)
    if device != wan and out.sent and not pkt.has(inner):
        ip = old(pkt).ipv4
        own = old(pkt).icmp.id if pkt.has(icmp) else old(pkt).l4.src_port
        mappings.add(Endpoint(ip.src, own, device, ip.protocol))
    return ...
