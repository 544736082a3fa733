from state import flows
def spec(pkt, device, now):
    """Unknown names."""
    flws.expire_before(now) # want VIG1510 "unknown name 'flws'; did you mean 'flows'"
    if devise == 1: # want VIG1510 "'devise'; did you mean 'device'"
        return DROP
    x = xyzzy # want VIG1510 "unknown name 'xyzzy'$"
    y = ip6 # want VIG1510 "reserved"
    return ...
