"""Stateful firewall between an inside and an outside, for TCP, UDP and ICMP over IPv4."""

from config import flow_timer, inbound_default, inside, outbound_default, outside, routed, when_full
from state import Conn, Flow, flows, inbound_hits, inbound_rules, outbound_hits, outbound_rules, untracked

ALLOW = 1
ECHO_REPLY = 0
ECHO_REQUEST = 8
OPENING = 0
ANSWERED = 1
ESTABLISHED = 2
OPENER_DONE = 3
ANSWERER_DONE = 4
CLOSED = 5


def spec(pkt, device, now):
    """Rules for new flows, free passage for what belongs to a flow (F1 to F5, F7, F9)."""
    flows.expire_before(now - flow_timer)
    if not pkt.has(ether) or device != inside and device != outside:
        return DROP
    other = outside if device == inside else inside
    if pkt.ether.type == TYPE_ARP and not routed:
        return other, pkt                             # F9: hosts find each other through it
    if not pkt.has(ipv4) or pkt.ipv4.is_fragment:     # F5: RFC 1858, 3; C2, C3: tags and IPv6 do not pass
        return DROP
    if routed and pkt.ipv4.ttl <= 1:                  # RFC 1812, 5.3.1
        return DROP
    if not passes(pkt, device, other):
        return DROP
    if routed:                                        # F9: a hop
        pkt.ipv4.ttl -= 1
    return other, pkt


def passes(pkt, device, other):
    """Does a datagram get through, and what becomes of its flow?"""
    if pkt.has(tcp):
        return passes_tcp(pkt, device)
    if pkt.has(udp):
        return passes_udp(pkt, device)
    if not pkt.has(icmp):
        return False
    if pkt.has(inner):
        return about_known(pkt, device, other)
    if pkt.icmp.type == ECHO_REQUEST:                 # F4: told apart by the identifier
        flow = flow_of(pkt.ipv4.src, pkt.ipv4.dst, pkt.icmp.id, pkt.icmp.id, ICMP, device, device)
        if flow in flows:
            flows.refresh(flow)
            return True
        return opens(pkt, device, flow, 0, 0)
    if pkt.icmp.type == ECHO_REPLY:
        flow = flow_of(pkt.ipv4.src, pkt.ipv4.dst, pkt.icmp.id, pkt.icmp.id, ICMP, device, other)
        if flow in flows:
            flows.refresh(flow)
            return True
    return False


def flow_of(src, dst, src_port, dst_port, protocol, device, asker):
    """The flow of what a device sends, the same for both directions."""
    if device == inside:
        return Flow(src, dst, src_port, dst_port, protocol, asker)
    return Flow(dst, src, dst_port, src_port, protocol, asker)


def passes_udp(pkt, device):
    """UDP: replies pass (F2)."""
    ip, tp = pkt.ipv4, pkt.udp
    if tp.length < 8 or tp.length > ip.total_length - ip.header_length:
        return False                                  # RFC 768
    flow = flow_of(ip.src, ip.dst, tp.src_port, tp.dst_port, UDP, device, 0)
    if flow in flows:
        flows.refresh(flow)
        return True
    return opens(pkt, device, flow, tp.src_port, tp.dst_port)


def passes_tcp(pkt, device):
    """TCP: only SYN opens, and what follows fits the state of the connection (F3)."""
    ip, tp = pkt.ipv4, pkt.tcp
    if tp.data_offset < 5 or tp.data_offset * 4 > ip.total_length - ip.header_length:
        return False                                  # RFC 9293, 3.1
    if tp.syn and (tp.rst or tp.fin) or tp.rst and tp.fin:
        return False
    if not (tp.syn or tp.rst or tp.ack):              # RFC 9293, 3.10.7.4
        return False
    flow = flow_of(ip.src, ip.dst, tp.src_port, tp.dst_port, TCP, device, 0)
    starts = tp.syn and not tp.ack
    if flow not in flows:
        return starts and opens(pkt, device, flow, tp.src_port, tp.dst_port)
    conn = flows[flow]
    opener = conn.opener
    if conn.state == CLOSED:
        if starts:                                    # the ports are used again: as if there were no flow
            if not allowed(pkt, device, tp.src_port, tp.dst_port):
                return False
            flows[flow] = Conn(OPENING, device)
        return True                                   # not refreshed: it ends soon
    if not fits(conn.state, device == opener, tp.syn, tp.ack, tp.fin, tp.rst):
        return False
    flows[flow] = Conn(next_state(conn.state, device == opener, tp.syn, tp.fin, tp.rst), opener)
    return True


def fits(state, by_opener, syn, ack, fin, rst):
    """May this segment come in this state (RFC 9293, 3.5 and 3.10.7)?"""
    if rst:
        return True
    if state == OPENING:
        return syn and not ack if by_opener else not fin
    return not syn or state == ANSWERED or by_opener != ack


def next_state(state, by_opener, syn, fin, rst):
    """The state after a segment that fits (RFC 9293, 3.3.2)."""
    if rst:
        return CLOSED
    if state == OPENING:
        return ANSWERED if syn and not by_opener else OPENING
    if syn:
        return state
    if fin:
        if state == (ANSWERER_DONE if by_opener else OPENER_DONE):
            return CLOSED
        return OPENER_DONE if by_opener else ANSWERER_DONE
    return ESTABLISHED if state == ANSWERED and by_opener else state


def about_known(pkt, device, other):
    """An ICMP error passes to the sender of what it quotes, if that belongs to a flow (F4)."""
    q = pkt.inner.ipv4
    if pkt.ipv4.dst != q.src or q.fragment_offset != 0:
        return False
    if q.protocol == TCP or q.protocol == UDP:
        return flow_of(q.src, q.dst, pkt.inner.l4.src_port, pkt.inner.l4.dst_port, q.protocol, other, 0) in flows
    if q.protocol != ICMP:
        return False
    i = pkt.inner.icmp
    if i.type == ECHO_REQUEST:
        return flow_of(q.src, q.dst, i.id, i.id, ICMP, other, other) in flows
    return i.type == ECHO_REPLY and flow_of(q.src, q.dst, i.id, i.id, ICMP, other, device) in flows


def opens(pkt, device, flow, src_port, dst_port):
    """A packet that belongs to no flow opens one, if the rules let it."""
    if not allowed(pkt, device, src_port, dst_port):
        return False
    if not flows.full:
        flows[flow] = Conn(OPENING, device)
        return True
    if when_full != ALLOW:                            # F7: nothing is evicted
        return False
    untracked.value = (untracked.value + 1) % 2 ** 64
    return True


def allowed(pkt, device, src_port, dst_port):
    """What the first rule that fits says, or else the default of the direction (F1); it is counted (F11)."""
    ip = pkt.ipv4
    if device == inside:
        i = outbound_rules.match(ip.src, ip.dst, src_port, dst_port, ip.protocol)
        outbound_hits[i] = (outbound_hits[i] + 1) % 2 ** 64
        return (outbound_rules.value(i) if i < len(outbound_rules) else outbound_default) == ALLOW
    i = inbound_rules.match(ip.src, ip.dst, src_port, dst_port, ip.protocol)
    inbound_hits[i] = (inbound_hits[i] + 1) % 2 ** 64
    return (inbound_rules.value(i) if i < len(inbound_rules) else inbound_default) == ALLOW
