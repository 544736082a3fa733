def no_loop(pkt, device, now):
    """No frame leaves by the device it came from (IEEE 802.1Q-2014, 8.6)."""
    assert device not in out.devices, "sent back to its own segment"
