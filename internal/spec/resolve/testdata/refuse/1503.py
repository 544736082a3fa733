def spec(pkt, device, now):
    """Old."""
    h = pop_header(pkt) # want VIG1503 "pop_header belongs to the original Vigor's dialect"
    if received_on_port == 1: # want VIG1503 "received_on_port"
        return DROP
    return ...
