from config import external_ip, flow_timeout, start_port, wan
from state import Endpoint, mappings


def query_forwarded(pkt, device, now):
    """Who inside asks for an echo or the time is seen by an identifier of its own, whomever it asks (RFC 5508 REQ-1, 1a)."""
    assume(device != wan and pkt.has(icmp) and not pkt.ipv4.is_fragment and pkt.ipv4.ttl > 1)
    assume(pkt.icmp.type in (8, 13) and pkt.ipv4.dst != external_ip)
    ip, query = pkt.ipv4, pkt.icmp
    sender = Endpoint(ip.src, query.id, device, ICMP)
    mappings.expire_before(now - flow_timeout)
    assume(sender in mappings or not mappings.full)
    mappings.add(sender)                              # N8: new or refreshed
    ip.src, query.id = external_ip, start_port + mappings.index(sender)
    ip.ttl = ...
    return wan, pkt
