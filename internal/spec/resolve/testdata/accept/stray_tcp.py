from config import flow_timeout, wan
from state import Flow, flows

def drops_stray_tcp(pkt, device, now):
    """TCP from inside without SYN and of no known flow is dropped (left open by RFC 3022)."""
    assume(device != wan and pkt.has(tcp) and not pkt.ipv4.is_fragment)
    flows.expire_before(now - flow_timeout)
    unspecified(flows)                                # no claim about what the table becomes
    ip, tp = pkt.ipv4, pkt.tcp
    if tp.syn or Flow(ip.src, tp.src_port, ip.dst, tp.dst_port, ip.protocol, device) in flows:
        pass                                          # not what this property is about
    else:
        return DROP
