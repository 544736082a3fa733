from config import flow_timeout, start_port, wan
from state import Flow, flows


def no_port_overloading(pkt, device, now):
    """The port a packet leaves from belongs to its flow and to no other (RFC 4787 REQ-3)."""
    flows.expire_before(now - flow_timeout)
    if device != wan and out.sent:
        ip, tp = old(pkt).ipv4, old(pkt).l4
        flow = Flow(ip.src, ip.dst, tp.src_port, tp.dst_port, ip.protocol, device)
        flows.add(flow)
        i = out.pkt.l4.src_port - start_port
        assert i in flows.indices and flows.key(i) == flow, "port of another flow (RFC 4787 REQ-3)"
    unspecified(flows)
