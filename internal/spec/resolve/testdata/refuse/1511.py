def spec(pkt, device, now):
    """Not imported."""
    flows.expire_before(now) # want VIG1511 "'flows' is state but not imported: .from state import flows"
    x = Bucket(1, 2) # want VIG1511 "'Bucket' is a record"
    if device == wan: # want VIG1511 "'wan' is configuration but not imported: .from config import wan"
        return DROP
    return ...
