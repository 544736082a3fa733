from state import Flow, flows
def f(a, b):
    return a + b
def spec(pkt, device, now):
    """Numbers of values."""
    a = Flow(1, 2, 3) # want VIG1525 "Flow takes 6 values .src, src_port, .*, got 3"
    b = f(1) # want VIG1525 "f takes 2 values .a, b., got 1"
    c = f(1, c=2) # want VIG1525 "f has no open parameter 'c'"
    d = f(1, a=2) # want VIG1525 "no open parameter 'a'"
    e, g = 1, 2, 3 # want VIG1525 "2 targets for 3 values"
    h = (1, 2)[2] # want VIG1525 "the index of a tuple of 2"
    for i in range(1000): # want VIG1525 "more than 256 rounds"
        j = i
    k = pkt.has() # want VIG1525 "has takes 1 argument, got 0"
    l = abs(1, 2) # want VIG1525 "abs takes 1 argument, got 2"
    return ...
