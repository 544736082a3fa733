def spec(pkt, device, now):
    """Ends without an outcome."""
    if device == 1:
        return DROP
    elif device == 2:
        return # want VIG1530 "the full spec ends here without an outcome"
    x = 3 # want VIG1530 "ends here without an outcome: write .return \.\.\.. if outputs are open"
