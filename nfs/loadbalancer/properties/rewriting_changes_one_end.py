from config import clients, networks, rewrite_destination


def rewriting_changes_one_end(pkt, device, now):
    """Towards a backend the destination changes and a hop is taken, and nothing else (RFC 1812, 5.3.1)."""
    assume(rewrite_destination and device == clients)
    assume(device >= len(networks) or not networks[device].backends)
    if out.sent:
        pkt.ipv4.dst = ...
        pkt.ipv4.ttl -= 1
        return ..., pkt
