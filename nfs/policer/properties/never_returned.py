def never_returned(pkt, device, now):
    """Nothing leaves by the device that it came from."""
    assert device not in out.devices, "sent back"
