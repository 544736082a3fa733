if pkt.has(ether):
    pass
def spec(pkt, device, now): # want VIG1504 "module-level statements .line 1. make this a script"
    """Both."""
    return ...
