def spec(pkt, device, now):
    """Outcomes."""
    if device == 1:
        return device # want VIG1533 "not an outcome: expected DROP, `...`, or devices, pkt"
    if device == 2:
        return pkt, device # want VIG1533 "not an outcome"
    if device == 3:
        return device, pkt, 1 # want VIG1533 "not an outcome"
    if device == 4:
        return (pkt.has(ether), 1), pkt # want VIG1533 "not an outcome"
    if device == 5:
        return device, old(pkt) # want VIG1533 "not an outcome"
    x = DROP # want VIG1533 "DROP is an outcome: it stands behind `return` only"
    return ...
