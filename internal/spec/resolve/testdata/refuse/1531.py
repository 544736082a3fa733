def f(a):
    pass # want VIG1531 "it belongs to a spec or property itself"
def p(pkt, device, now):
    """Pass."""
    if device == 1:
        pass # want VIG1531 "Python would go on to .*: use else"
    for i in (1, 2):
        if device == i:
            pass # want VIG1531 "Python would go on with the loop"
    f(1)
    if device == 2:
        pass
    elif device == 3:
        return DROP
