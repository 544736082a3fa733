from config import clients, networks, port, protocol, vip
from state import places


def replies_from_the_service(pkt, device, now):
    """What backends send to clients comes from the service, with its port (Maglev, NSDI 2016, 3.1)."""
    assume(device < len(networks) and networks[device].backends and device != clients)
    if out.sent:
        was, ip = old(pkt).ipv4, out.pkt.ipv4
        assert out.device == clients, "sent on by another device"
        assert (ip.src, ip.protocol, out.pkt.l4.src_port) == (vip, protocol, port), "sent from another address"
        assert was.src in places and ip.dst == was.dst, "sent on for a stranger, or to somebody else"
