@scenario # want VIG1502 "scenarios are not in this version"
def s(nf, p: Packet):
    """Scenario."""
    assert nf

def spec(pkt, device, now):
    """Open."""
    return ...
