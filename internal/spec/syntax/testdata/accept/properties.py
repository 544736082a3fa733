# nfs/bridge/properties/no_loop.py
def no_loop(pkt, device, now):
    """No frame leaves by the device it came from (IEEE 802.1Q-2014, 8.6)."""
    assert device not in out.devices, "sent back to its own segment"

# nfs/nat/properties/stray_tcp.py
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

# nfs/firewall/properties/block_unsolicited.py
from config import flow_timeout, wan
from state import Flow, flows

def block_unsolicited(pkt, device, now):
    """What no inside host asked for does not get in."""
    assume(device == wan and pkt.has(l4))
    flows.expire_before(now - flow_timeout)
    ip, tp = pkt.ipv4, pkt.l4
    if Flow(ip.dst, tp.dst_port, ip.src, tp.src_port, ip.protocol) not in flows:
        assert not out.sent, "unsolicited packet sent on"
    unspecified(flows)
