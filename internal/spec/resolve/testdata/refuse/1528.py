from state import flows, names
def f(a):
    a.ttl = 1
def spec(pkt, device, now):
    """No values."""
    if not pkt.has(ipv4):
        return DROP
    a = flows # want VIG1528 "a state object is no value"
    if flows == names: # want VIG1528 "a state object is no value"
        return DROP
    b = f # want VIG1528 "'f' is to be called"
    c = f(pkt.ipv4) # want VIG1528 "this call gives no value"
    d = (flows, 1) # want VIG1528 "a state object is no value"
    e = range(3) # want VIG1528 "range.…. stands behind"
    min(1, 2) # want VIG1528 "the value of this call is not used"
    g = ipv4 # want VIG1528 "'ipv4' names a header: write pkt.ipv4"
    h = flows.refresh # want VIG1528 "refresh is to be called"
    return ...
