from config import inside, outside
from state import Flow, flows


def only_syn_opens(pkt, device, now):
    """A TCP segment of no flow is dropped unless it is a SYN (RFC 9293, 3.10.7.2; F3)."""
    assume(pkt.has(tcp) and (device == inside or device == outside) and (pkt.tcp.ack or not pkt.tcp.syn))
    ip, tp = pkt.ipv4, pkt.tcp
    if device == inside:
        assume(Flow(ip.src, ip.dst, tp.src_port, tp.dst_port, TCP, 0) not in flows)
    else:
        assume(Flow(ip.dst, ip.src, tp.dst_port, tp.src_port, TCP, 0) not in flows)
    unspecified(flows)
    return DROP
