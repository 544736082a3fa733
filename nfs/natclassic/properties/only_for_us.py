from config import external_ip, wan


def only_for_us(pkt, device, now):
    """From outside, only what is addressed to the outside address is translated (RFC 3022, 4.1)."""
    if device == wan and pkt.has(ipv4) and pkt.ipv4.dst != external_ip:
        assert not out.sent, "sent on although for another address (RFC 3022, 4.1)"
