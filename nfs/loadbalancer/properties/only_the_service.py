from config import clients, networks, port, protocol, vip


def only_the_service(pkt, device, now):
    """From where there are no backends, only what is for the service is sent on (Maglev, NSDI 2016, 3.1)."""
    assume(device >= len(networks) or not networks[device].backends)
    if out.sent:
        assert device == clients, "sent on although from elsewhere than the clients' device"
        ip, tp = old(pkt).ipv4, old(pkt).l4
        assert (ip.dst, ip.protocol, tp.dst_port) == (vip, protocol, port), "sent on although not for the service"
