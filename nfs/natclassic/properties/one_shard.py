from config import capacity, flow_timeout, start_port, wan
from state import flows


def one_shard(pkt, device, now):
    """A shard owns its own outside ports and no other, so no flow has two (RFC 4787 REQ-3)."""
    flows.expire_before(now - flow_timeout)
    if pkt.has(l4) and device == wan:
        port = pkt.l4.dst_port
        if not (start_port <= port and port < start_port + capacity):
            assert not out.sent, "sent on for a port of another shard (RFC 4787 REQ-3)"
            return DROP
    elif out.sent:
        port = out.pkt.l4.src_port
        assert start_port <= port and port < start_port + capacity, "took a port of another shard (RFC 4787 REQ-3)"
    unspecified(flows)
