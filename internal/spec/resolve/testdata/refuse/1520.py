def spec(pkt, device, now):
    """Division."""
    a = device / 2 # want VIG1520 "'/' on integers gives a fraction: write '//'"
    b = 2 ** device # want VIG1520 "the exponent of '\*\*' is a constant"
    c = device // 0 # want VIG1520 "the divisor is 0"
    d = device << -1 # want VIG1520 "the shift is negative"
    return ...
