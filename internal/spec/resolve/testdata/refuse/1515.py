def f(a):
    if a == 1:
        b = 2
    return b # want VIG1515 "'b' may be unassigned"
def g(a): # want VIG1515 "g returns a value on some paths and none on others"
    if a == 1:
        return 1
def spec(pkt, device, now):
    """Unassigned."""
    if device == 1:
        x = 1
        level = 2
    elif device == 2:
        level = 3
    else:
        y = 5
    if level == 3: # want VIG1515 "'level' may be unassigned: the branch at line"
        return DROP
    z = x + f(1) + g(2) # want VIG1515 "'x' may be unassigned"
    return ...
