from state import names
def spec(pkt, device, now):
    """Open values."""
    if not pkt.has(l4):
        return DROP
    pkt.ipv4.ttl = ...
    if device == 1:
        pkt.tcp.src_port = ...
    x = pkt.ipv4.ttl # want VIG1534 "ipv4.ttl was set to '...' at line 6 and has no value to read"
    y = pkt.l4.src_port # want VIG1534 "l4.src_port was set to '...' at line 8"
    pkt.ether = ...
    z = pkt.ether.type # want VIG1534 "ether.type was set to '...' at line 11"
    pkt.ether.src = mac("00:00:00:00:00:01")
    w = pkt.ether.src
    names[0] = ... # want VIG1534 "only a header or its field can be left open"
    v = min(1, ...) # want VIG1534 "'...' has no value"
    return ..., pkt
