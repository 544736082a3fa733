from state import static


def groups_to_their_set(pkt, device, now):
    """Frames for a group with a static entry leave by devices of its set, by no other (IEEE 802.1Q-2014, 8.8.1)."""
    assume(pkt.has(ether) and pkt.ether.dst.is_group and pkt.ether.dst in static)
    devices = static[pkt.ether.dst]
    assert out.devices | devices == devices, "sent to a device outside the set (8.8.1)"
