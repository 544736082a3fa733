from config import flow_timeout, start_port, wan
from state import mappings


def block_unsolicited(pkt, device, now):
    """What comes from outside gets in by a mapped port only (RFC 3022, 2.2)."""
    assume(device == wan and pkt.has(l4))
    mappings.expire_before(now - flow_timeout)
    if pkt.l4.dst_port - start_port not in mappings.indices:
        assert not out.sent, "unsolicited packet sent on (RFC 3022, 2.2)"
    unspecified(mappings)
