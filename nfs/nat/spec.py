"""NAT with mapping and filtering independent of the peer (RFC 4787), for TCP and UDP over IPv4."""

from config import external_ip, flow_timeout, start_port, wan
from state import Endpoint, mappings

ECHO_REPLY = 0                                        # RFC 792
ECHO = 8
TIMESTAMP = 13
TIMESTAMP_REPLY = 14


def spec(pkt, device, now):
    """Endpoint-independent NAT of TCP, UDP and ICMP queries with hairpinning (RFC 4787 REQ-1, REQ-8, REQ-9; RFC 5508 REQ-1)."""
    mappings.expire_before(now - flow_timeout)        # N7: RFC 4787 REQ-5, RFC 5508 REQ-2
    if pkt.has(icmp):
        ip, message = pkt.ipv4, pkt.icmp
        if ip.is_fragment or ip.ttl <= 1:
            return DROP
        ip.ttl -= 1
        if message.type in (ECHO, TIMESTAMP) and device != wan and ip.dst != external_ip:
            sender = Endpoint(ip.src, message.id, device, ICMP)          # N14: RFC 5508 REQ-1, 1a
            if sender not in mappings and mappings.full:
                return DROP
            mappings.add(sender)
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
        i = ports.src_port - start_port
        if inward and (i not in mappings.indices or mappings.key(i).protocol != q.protocol):
            return DROP
        if device != wan:
            sender = Endpoint(q.dst, ports.dst_port, device, q.protocol)
            if sender not in mappings:
                return DROP
            ip.src = external_ip
            q.dst, ports.dst_port = external_ip, start_port + mappings.index(sender)
        if not inward:
            return wan, pkt
        target = mappings.key(i)                      # REQ-7: from inside, too
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
    ip.ttl -= 1
    inward = ip.dst == external_ip                    # N9: from inside, too, RFC 4787 REQ-9
    i = tp.dst_port - start_port                      # exact: if negative, no index
    if inward:                                        # N10: from any peer, RFC 4787 REQ-8
        if i not in mappings.indices or mappings.key(i).protocol != ip.protocol:
            return DROP
    elif device == wan:                               # N24: RFC 3022, 4.1
        return DROP
    if device != wan:
        sender = Endpoint(ip.src, tp.src_port, device, ip.protocol)      # N1: RFC 4787 REQ-1
        if sender not in mappings and mappings.full:  # N20: RFC 5508 REQ-8, nothing is evicted
            return DROP
        mappings.add(sender)                          # N8: RFC 4787 REQ-6, new or refreshed
        ip.src = external_ip                          # N9: REQ-9a, also if it goes inside
        tp.src_port = start_port + mappings.index(sender)    # N2: REQ-3, one port for one endpoint
    if not inward:
        return wan, pkt

    target = mappings.key(i)
    ip.dst, tp.dst_port = target.address, target.port
    return target.device, pkt
