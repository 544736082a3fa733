from state import flows, names
def p(pkt, device, now):
    """Read only."""
    if not pkt.has(ipv4):
        return DROP
    pkt.length = 60 # want VIG1529 "pkt.length cannot be assigned"
    old(pkt).ipv4.ttl = 3 # want VIG1529 "old.…. is as it was at arrival"
    out.pkt.ipv4.ttl = 3 # want VIG1529 "out is what the NF did"
    old(flows).expire_before(now) # want VIG1529 "old.…. is as it was"
    old(names)[0] = 1 # want VIG1529 "old.…. is as it was"
    pkt.push(3) # want VIG1529 "pkt.push is reserved"
    return ...
