def f(a):
    return g(a)
def g(a):
    return f(a) # want VIG1516 "f calls itself: functions are inlined"
def spec(pkt, device, now):
    """Recursion."""
    x = f(1)
    return ...
