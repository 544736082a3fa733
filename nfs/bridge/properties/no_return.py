def no_return(pkt, device, now):
    """No frame leaves by the device that it came from (IEEE 802.1Q-2014, 8.6)."""
    assert device not in out.devices, "sent back to its own segment (8.6)"
