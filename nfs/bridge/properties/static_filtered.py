from state import static


def static_filtered(pkt, device, now):
    """Frames for an address whose static entry has no device are filtered (IEEE 802.1Q-2014, 8.8.1)."""
    assume(pkt.has(ether) and pkt.ether.dst in static)
    devices = static[pkt.ether.dst]
    assume(devices == devices - devices)
    assert not out.sent, "sent though filtered (8.8.1)"
