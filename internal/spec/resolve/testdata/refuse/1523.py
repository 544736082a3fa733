from state import flows
def spec(pkt, device, now):
    """Conditions."""
    if device: # want VIG1523 "'if' needs bool, got int: write device != 0"
        return DROP
    if pkt.has(ether) and device: # want VIG1523 "'and' needs bool, got int"
        return DROP
    if not now: # want VIG1523 "'not' needs bool, got int"
        return DROP
    if flows: # want VIG1523 "got state object flows: write len.flows. != 0"
        return DROP
    assert device # want VIG1523 "'assert' needs bool"
    if not pkt.has(ipv4):
        return ...
    pkt.ipv4.df = 1 # want VIG1523 "ipv4.df needs bool, got int"
    x = all((1, 2)) # want VIG1523 "all takes a tuple of bools"
    return ...
