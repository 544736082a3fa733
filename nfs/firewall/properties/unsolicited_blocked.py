from config import inbound_default, inside, outside
from state import Flow, flows, inbound_rules


def unsolicited_blocked(pkt, device, now):
    """What nobody inside asked for gets in only if a rule or the default lets it (F13)."""
    assume(device == outside and device != inside and pkt.has(l4))
    ip, tp = pkt.ipv4, pkt.l4
    assume(Flow(ip.dst, ip.src, tp.dst_port, tp.src_port, ip.protocol, 0) not in flows)
    i = inbound_rules.match(ip.src, ip.dst, tp.src_port, tp.dst_port, ip.protocol)
    if (inbound_rules.value(i) if i < len(inbound_rules) else inbound_default) != 1:
        assert not out.sent, "let in against the rules"
    unspecified(flows)
