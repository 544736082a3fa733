from config import clients, heartbeat_port, heartbeat_to, networks, port, protocol, rewrite_destination, vip
from state import places


def replies_arrive(pkt, device, now):
    """Every reply of a backend leaves by the clients' device (RFC 3022, 2.2, for the way back)."""
    assume(rewrite_destination and device < len(networks) and networks[device].backends and device != clients)
    assume(networks[device].prefix.length == 0 and pkt.has(l4) and not pkt.ipv4.is_fragment and pkt.ipv4.ttl > 1)
    ip, tp = pkt.ipv4, pkt.l4
    assume((ip.protocol, tp.src_port) == (protocol, port) and ip.src in places)
    assume(ip.dst != heartbeat_to or tp.dst_port != heartbeat_port)
    ip.src = vip
    ip.ttl -= 1
    return clients, pkt
