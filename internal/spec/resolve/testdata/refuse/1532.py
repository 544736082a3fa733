def spec(pkt, device, now):
    """Never reached."""
    if device == 1:
        return DROP
        x = 1 # want VIG1532 "never reached: the path ends at line 4"
    else:
        return ...
    return DROP # want VIG1532 "never reached: the path ends at line 7"
