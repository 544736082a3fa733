from config import external_ip, wan
from state import flows, mac_table, names, Bucket
def spec(pkt, device, now):
    """Types."""
    if external_ip == 5: # want VIG1521 "ip4 compared with int: write ip4"
        return DROP
    if not pkt.has(ether):
        return DROP
    a = pkt.ether.src + 1 # want VIG1521 "'\+' needs int, got mac: write int.pkt.ether.src."
    if pkt.ether.src == external_ip: # want VIG1521 "mac compared with ip4"
        return DROP
    if device in mac_table: # want VIG1521 "mac_table has keys of type mac, got int"
        return DROP
    b = 1 if device == 1 else external_ip # want VIG1521 "one side is int, the other ip4"
    c = ip4("10.0.0.256") # want VIG1521 "is no IPv4 address"
    d = mac("1:2:3:4:5:6") # want VIG1521 "is no MAC address"
    e = net4("10.0.0.1/8") # want VIG1521 "is no IPv4 network"
    f = (1, 2) < (1, pkt.has(ether)) # want VIG1521 "compared with"
    g = pkt.has(ether) < True # want VIG1521 "'<' is not defined on bool"
    for i in 3: # want VIG1521 "a loop runs over a tuple or a range, got int"
        h = i
    for i in range(device): # want VIG1521 "the bounds of a range are constants"
        h = i
    for i in (1, external_ip): # want VIG1521 "values of one type"
        h = i
    j = old(device) # want VIG1521 "old.…. takes pkt or a state object"
    k, l = 3 # want VIG1521 "int cannot be unpacked"
    names[0] = external_ip # want VIG1521 "the value of names needs int, got ip4"
    del device # want VIG1521 "del removes an entry"
    device[0] = 1 # want VIG1521 "entries of int cannot be assigned"
    pkt.ipv4 = 5 # want VIG1521 "a header cannot be assigned"
    m = "text" # want VIG1521 "strings are docstrings"
    n = device(3) # want VIG1521 "'device' cannot be called"
    o = 1 in 2 # want VIG1521 "'in' is not defined on int"
    return ...
