"""NAT with mapping and filtering independent of the peer (RFC 4787), for TCP and UDP over IPv4."""

from config import external_ip, icmp_timeout, start_port, tcp_closing, tcp_established, tcp_opening, udp_timeout, wan
from state import Conn, Endpoint, Inside, Outside, mappings, static_endpoints, static_ports

ECHO_REPLY = 0                                        # RFC 792
ECHO = 8
TIMESTAMP = 13
TIMESTAMP_REPLY = 14

ON_UDP = 0                                            # timers
ON_ICMP = 1
ON_OPENING = 2
ON_ESTABLISHED = 3
ON_CLOSING = 4

NONE = 0                                              # states of mappings: UDP and ICMP,
OPENING = 1                                           # and TCP, by what the inside has sent (RFC 5382, 5)
ESTABLISHED = 2
INSIDE_DONE = 3
OUTSIDE_DONE = 4
CLOSED = 5
RESET = 6
SHARED = 7                                            # by several connections


def spec(pkt, device, now):
    """Endpoint-independent NAT of TCP, UDP and ICMP queries with hairpinning (RFC 4787 REQ-1, REQ-8, REQ-9; RFC 5508 REQ-1)."""
    mappings.expire_before(now - udp_timeout, ON_UDP)        # N7: RFC 4787 REQ-5
    mappings.expire_before(now - icmp_timeout, ON_ICMP)      # N14: RFC 5508 REQ-2
    mappings.expire_before(now - tcp_opening, ON_OPENING)    # N17: RFC 5382 REQ-5
    mappings.expire_before(now - tcp_established, ON_ESTABLISHED)
    mappings.expire_before(now - tcp_closing, ON_CLOSING)
    if pkt.has(icmp):
        ip, message = pkt.ipv4, pkt.icmp
        if ip.is_fragment or ip.ttl <= 1:
            return DROP
        ip.ttl -= 1
        if message.type in (ECHO, TIMESTAMP) and device != wan and ip.dst != external_ip:
            sender = Endpoint(ip.src, message.id, device, ICMP)          # N14: RFC 5508 REQ-1, 1a
            if sender not in mappings and mappings.full:
                return DROP
            keep(sender, ON_ICMP)
            ip.src, message.id = external_ip, start_port + mappings.index(sender)
            return wan, pkt
        i = message.id - start_port
        if message.type in (ECHO_REPLY, TIMESTAMP_REPLY) and device == wan and ip.dst == external_ip:
            if i in mappings.indices and mappings.key(i).protocol == ICMP:
                target = mappings.key(i)
                ip.dst, message.id = target.address, target.port
                return target.device, pkt
        if not pkt.has(inner) or pkt.inner.ipv4.src != ip.dst or pkt.inner.ipv4.fragment_offset != 0:
            return DROP
        if not message.checksum_ok or not pkt.inner.ipv4.checksum_ok:    # N13: RFC 5508 REQ-3, 3a
            return DROP
        q = pkt.inner.ipv4                            # N13: RFC 5508 REQ-4, REQ-5; REQ-6: no mapping changes
        inward = ip.dst == external_ip
        if device == wan and not inward:
            return DROP
        if q.protocol == ICMP:
            message = pkt.inner.icmp
            i = message.id - start_port
            asker = Endpoint(q.dst, message.id, device, ICMP)
            if message.type in (ECHO, TIMESTAMP) and device == wan and i in mappings.indices:
                if mappings.key(i).protocol == ICMP:
                    target = mappings.key(i)
                    ip.dst = target.address           # REQ-4c
                    q.src, message.id = target.address, target.port          # REQ-4a
                    return target.device, pkt
            if message.type in (ECHO_REPLY, TIMESTAMP_REPLY) and device != wan and not inward and asker in mappings:
                ip.src = external_ip                  # REQ-5c
                q.dst, message.id = external_ip, start_port + mappings.index(asker)    # REQ-5a
                return wan, pkt
            return DROP
        if q.protocol != TCP and q.protocol != UDP:
            return DROP
        ports = pkt.inner.l4
        receiver = Outside(ports.src_port, q.protocol)
        if inward and not leads_somewhere(receiver):
            return DROP
        if device != wan:
            own = Inside(q.dst, ports.dst_port, device, q.protocol)
            sender = Endpoint(q.dst, ports.dst_port, device, q.protocol)
            if own in static_endpoints:
                if not counts(static_endpoints.index(own)):
                    return DROP
                shown = static_endpoints[own].port
            elif sender in mappings:
                shown = start_port + mappings.index(sender)
            else:
                return DROP
            ip.src = external_ip
            q.dst, ports.dst_port = external_ip, shown
        if not inward:
            return wan, pkt
        target = endpoint_of(receiver)                # REQ-7: from inside, too
        ip.dst = target.address
        q.src, ports.src_port = target.address, target.port
        return target.device, pkt
    if not pkt.has(l4):                               # N25: RFC 1812, 5.2.2; N12: ICMP ends nothing
        return DROP
    if pkt.ipv4.is_fragment:                          # N15: dropped, in order or not
        return DROP
    if pkt.ipv4.ttl <= 1:                             # RFC 1812, 5.3.1
        return DROP
    ip, tp = pkt.ipv4, pkt.l4                         # N22: their checksums follow, RFC 3022, 4.1
    receiver = Outside(tp.dst_port, ip.protocol)
    target = Endpoint(ip.dst, tp.dst_port, wan, ip.protocol)
    if ip.dst == external_ip:                         # N9: from inside, too, RFC 4787 REQ-9
        if not leads_somewhere(receiver):
            return DROP
        target = endpoint_of(receiver)                # N10: whoever the peer is, RFC 4787 REQ-8
    elif device == wan:                               # N24: RFC 3022, 4.1
        return DROP
    if device != wan:
        sender = Endpoint(ip.src, tp.src_port, device, ip.protocol)      # N1: RFC 4787 REQ-1
        own = Inside(ip.src, tp.src_port, device, ip.protocol)
        if own in static_endpoints:                   # N27: in no table
            if not counts(static_endpoints.index(own)):
                return DROP
            shown = static_endpoints[own].port
        else:
            if sender not in mappings and mappings.full:     # N20: RFC 5508 REQ-8, nothing is evicted
                return DROP
            if pkt.has(udp):
                keep(sender, ON_UDP)                  # N8: RFC 4787 REQ-6, new or refreshed
            else:
                follow(sender, pkt.tcp, ip.dst)       # N17, N21
            shown = start_port + mappings.index(sender)      # N2: REQ-3, one port for one endpoint
        ip.src, tp.src_port = external_ip, shown      # N9: REQ-9a, also if it goes inside
    elif pkt.has(tcp) and kind(pkt.tcp) == FIN and tp.dst_port - start_port in mappings.indices:
        hear(target, ip.src, tp.src_port)
    ip.dst, tp.dst_port = target.address, target.port
    ip.ttl -= 1
    return target.device, pkt


def leads_somewhere(outer):
    """Does an outside port stand for an endpoint?"""
    i = outer.port - start_port                       # exact: if negative, no index
    if i in mappings.indices:
        return mappings.key(i).protocol == outer.protocol
    return outer in static_ports and counts(static_ports.index(outer))


def endpoint_of(outer):
    """The endpoint of an outside port that leads somewhere."""
    i = outer.port - start_port
    if i in mappings.indices:
        return mappings.key(i)
    own = static_ports[outer]
    return Endpoint(own.address, own.port, own.device, own.protocol)


def counts(i):
    """Does static mapping i count? Not if a later one has its port or its endpoint (N2)."""
    return static_ports.index(static_ports.key(i)) == i and static_endpoints.index(static_endpoints.key(i)) == i


def keep(sender, timer):
    """The mapping of who has sent a datagram or a query lives on, or begins."""
    if sender in mappings:
        mappings.refresh(sender, timer)
    else:
        mappings.insert(sender, Conn(ip4("0.0.0.0"), 0, NONE), timer)


def follow(sender, segment, peer):
    """What a segment from inside does to the mapping of its sender (RFC 5382, 5; RFC 7857)."""
    event, port = kind(segment), segment.dst_port
    if sender not in mappings:
        state = RESET if event == RST else after(NONE, event)
        mappings.insert(sender, Conn(peer, port, state), timer_of(state))
    elif event != RST or is_its_own(mappings[sender], peer, port):
        conn = next_conn(mappings[sender], event, peer, port)
        mappings.insert(sender, conn, timer_of(conn.state))


def hear(target, peer, port):
    """FIN from the peer of the only connection is noted; no timer moves (N8)."""
    conn = mappings[target]
    if conn.peer == peer and conn.peer_port == port and (conn.state == ESTABLISHED or conn.state == INSIDE_DONE):
        mappings.set(target, Conn(peer, port, OUTSIDE_DONE if conn.state == ESTABLISHED else CLOSED))


ACK = 0                                               # what a segment means for its connection
SYN = 1
SYN_ACK = 2
FIN = 3
RST = 4


def kind(segment):
    """What a segment means, by its flags."""
    if segment.rst:
        return RST
    if segment.syn:
        return SYN_ACK if segment.ack else SYN
    return FIN if segment.fin else ACK


def is_its_own(conn, peer, port):
    """Is this the only connection, and established?"""
    return conn.peer == peer and conn.peer_port == port and ESTABLISHED <= conn.state and conn.state <= OUTSIDE_DONE


def next_conn(conn, event, peer, port):
    """What is known of a mapping after a segment to a peer."""
    if conn.peer == peer and conn.peer_port == port and conn.state != SHARED:
        return Conn(peer, port, RESET if event == RST else after(conn.state, event))
    if is_over(conn.state):
        return Conn(peer, port, after(NONE, event))
    return Conn(ip4("0.0.0.0"), 0, SHARED)            # a second peer


def is_over(state):
    """Does the mapping only wait for its timer?"""
    return state == NONE or state == CLOSED or state == RESET


def after(state, event):
    """The state after what the inside sends, if that is no RST (RFC 5382, 5)."""
    if event == SYN:
        return OPENING if state == OPENING or is_over(state) else ESTABLISHED
    if event == SYN_ACK:
        return ESTABLISHED
    if event == FIN:
        return CLOSED if state == OUTSIDE_DONE or state == CLOSED else INSIDE_DONE
    return ESTABLISHED if state == NONE or state == OPENING or state == RESET else state


def timer_of(state):
    """The timer of a mapping of TCP."""
    if state == OPENING:
        return ON_OPENING
    return ON_CLOSING if state == CLOSED or state == RESET else ON_ESTABLISHED
