def spec(pkt, device, now):
    """Full."""
    assume(device == 1) # want VIG1535 "assume and out belong to properties"
    if out.sent: # want VIG1535 "assume and out belong to properties"
        return DROP
    return ...
