"""Stateful firewall between an inside and an outside, for TCP, UDP and ICMP over IPv4."""

from config import closing_timer, established_timer, exchange_timer, inbound_default, inside
from config import opening_timer, outbound_default, outside, routed, when_full
from state import Conn, Flow, flows, inbound_hits, inbound_rules, outbound_hits, outbound_rules, untracked

ALLOW = 1
ECHO_REPLY = 0
ECHO_REQUEST = 8

EXCHANGE = 0                                          # states: UDP and echo,
OPENING = 1                                           # and TCP
ANSWERED = 2
ESTABLISHED = 3
OPENER_DONE = 4
ANSWERER_DONE = 5
CLOSED = 6

ON_OPENING = 0                                        # timers
ON_ESTABLISHED = 1
ON_CLOSING = 2
ON_EXCHANGE = 3


def spec(pkt, device, now):
    """Rules for new flows, free passage for what belongs to a flow (F1 to F5, F7, F9)."""
    flows.expire_before(now - opening_timer, ON_OPENING)          # F3: a timer for each state
    flows.expire_before(now - established_timer, ON_ESTABLISHED)
    flows.expire_before(now - closing_timer, ON_CLOSING)
    flows.expire_before(now - exchange_timer, ON_EXCHANGE)
    if not pkt.has(ether) or device != inside and device != outside:
        return DROP
    other = outside if device == inside else inside
    if pkt.ether.type == TYPE_ARP and not routed:
        return other, pkt                             # F9: hosts find each other through it
    if not pkt.has(ipv4) or pkt.ipv4.is_fragment:     # F5: RFC 1858, 3; C2, C3: tags and IPv6 do not pass
        return DROP
    if routed and pkt.ipv4.ttl <= 1:                  # RFC 1812, 5.3.1
        return DROP
    if not sound(pkt) or not passes(pkt, device, flow_of(pkt, device, other)):
        return DROP
    if routed:                                        # F9: a hop
        pkt.ipv4.ttl -= 1
    return other, pkt


def sound(pkt):
    """Can a datagram belong to a flow, or be about one?"""
    if pkt.has(tcp):
        return sane(pkt.tcp) and 5 <= pkt.tcp.data_offset and pkt.tcp.data_offset * 4 <= room(pkt)   # RFC 9293, 3.1
    if pkt.has(udp):
        return 8 <= pkt.udp.length and pkt.udp.length <= room(pkt)                                   # RFC 768
    if not pkt.has(icmp):
        return False
    if is_echo(pkt.icmp):
        return True
    if not pkt.has(inner):
        return False
    q = pkt.inner.ipv4                                # F4: an error, for the sender of what it quotes
    if pkt.ipv4.dst != q.src or q.fragment_offset != 0:
        return False
    return q.protocol == TCP or q.protocol == UDP or q.protocol == ICMP and is_echo(pkt.inner.icmp)


def room(pkt):
    """Bytes of the payload."""
    return pkt.ipv4.total_length - pkt.ipv4.header_length


def is_echo(message):
    """Echo or its reply (RFC 792)."""
    return message.type == ECHO_REQUEST or message.type == ECHO_REPLY


def sane(tp):
    """Do these flags make sense together (RFC 9293, 3.10.7.4)?"""
    if tp.syn and (tp.rst or tp.fin) or tp.rst and tp.fin:
        return False
    return tp.syn or tp.rst or tp.ack


def flow_of(pkt, device, other):
    """The flow of a datagram, the same for both directions; an error has that of what it quotes (F4)."""
    ip = pkt.ipv4
    if pkt.has(l4):
        return between(device, ip.src, ip.dst, pkt.l4.src_port, pkt.l4.dst_port, ip.protocol, 0)
    if is_echo(pkt.icmp):                             # told apart by the identifier
        i = pkt.icmp
        return between(device, ip.src, ip.dst, i.id, i.id, ICMP, device if i.type == ECHO_REQUEST else other)
    q = pkt.inner.ipv4                                # which went the other way
    if q.protocol == TCP or q.protocol == UDP:
        return between(device, q.dst, q.src, pkt.inner.l4.dst_port, pkt.inner.l4.src_port, q.protocol, 0)
    i = pkt.inner.icmp
    return between(device, q.dst, q.src, i.id, i.id, ICMP, other if i.type == ECHO_REQUEST else device)


def between(device, src, dst, src_port, dst_port, protocol, asker):
    """The flow of what is sent from the side of a device."""
    if device == inside:
        return Flow(src, dst, src_port, dst_port, protocol, asker)
    return Flow(dst, src, dst_port, src_port, protocol, asker)


def passes(pkt, device, flow):
    """Does a datagram get through, and what becomes of its flow?"""
    if flow not in flows:
        if not may_open(pkt):
            return False
        return opens(pkt, device, flow)
    if pkt.has(icmp) and not is_echo(pkt.icmp):       # F4: an error changes nothing of the flow
        return True
    conn = flows[flow]
    if conn.state == CLOSED:
        if not is_syn(pkt):
            return True                               # not refreshed: it ends soon
        if not allowed(pkt, device):                  # the ports are used again: as if there were no flow
            return False
        flows.insert(flow, Conn(OPENING, device), ON_OPENING)
        return True
    if not fits(pkt, conn.state, device == conn.opener):
        return False
    after = next_state(pkt, conn.state, device == conn.opener)
    flows.insert(flow, Conn(after, conn.opener), timer_of(after))
    return True


def is_syn(pkt):
    """Is this the first segment of a connection?"""
    return pkt.has(tcp) and pkt.tcp.syn and not pkt.tcp.ack


def may_open(pkt):
    """Can this be the first datagram of a flow? F3: of TCP only SYN."""
    return is_syn(pkt) or pkt.has(udp) or pkt.has(icmp) and pkt.icmp.type == ECHO_REQUEST


def fits(pkt, state, by_opener):
    """May this come in this state (RFC 9293, 3.5 and 3.10.7)?"""
    if not pkt.has(tcp) or state == EXCHANGE or pkt.tcp.rst:
        return True
    if state == OPENING:
        return is_syn(pkt) if by_opener else not pkt.tcp.fin
    return not pkt.tcp.syn or state == ANSWERED or by_opener != pkt.tcp.ack


def next_state(pkt, state, by_opener):
    """The state after what fits (RFC 9293, 3.3.2)."""
    if not pkt.has(tcp) or state == EXCHANGE:
        return state
    if pkt.tcp.rst:
        return CLOSED
    if state == OPENING:
        return ANSWERED if pkt.tcp.syn and not by_opener else OPENING
    if pkt.tcp.syn:
        return state
    if pkt.tcp.fin:
        if state == (ANSWERER_DONE if by_opener else OPENER_DONE):
            return CLOSED
        return OPENER_DONE if by_opener else ANSWERER_DONE
    return ESTABLISHED if state == ANSWERED and by_opener else state


def timer_of(state):
    """The timer of a flow."""
    if state == EXCHANGE:
        return ON_EXCHANGE
    if state <= ANSWERED:
        return ON_OPENING
    return ON_ESTABLISHED if state == ESTABLISHED else ON_CLOSING


def opens(pkt, device, flow):
    """A packet that belongs to no flow opens one, if the rules let it."""
    if not allowed(pkt, device):
        return False
    if not flows.full:
        first = OPENING if pkt.has(tcp) else EXCHANGE
        flows.insert(flow, Conn(first, device), timer_of(first))
        return True
    if when_full != ALLOW:                            # F7: nothing is evicted
        return False
    untracked.value = (untracked.value + 1) % 2 ** 64
    return True


def allowed(pkt, device):
    """What the first rule that fits says, or else the default of the direction (F1); it is counted (F11)."""
    ip = pkt.ipv4
    src_port = pkt.l4.src_port if pkt.has(l4) else 0
    dst_port = pkt.l4.dst_port if pkt.has(l4) else 0
    if device == inside:
        i = outbound_rules.match(ip.src, ip.dst, src_port, dst_port, ip.protocol)
        outbound_hits[i] = (outbound_hits[i] + 1) % 2 ** 64
        return (outbound_rules.value(i) if i < len(outbound_rules) else outbound_default) == ALLOW
    i = inbound_rules.match(ip.src, ip.dst, src_port, dst_port, ip.protocol)
    inbound_hits[i] = (inbound_hits[i] + 1) % 2 ** 64
    return (inbound_rules.value(i) if i < len(inbound_rules) else inbound_default) == ALLOW
