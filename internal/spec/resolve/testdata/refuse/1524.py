from state import Flow, flows, names
def spec(pkt, device, now):
    """Ranges."""
    if not pkt.has(l4):
        return DROP
    pkt.l4.dst_port = 70000 # want VIG1524 "70000 does not fit l4.dst_port .16 bits."
    pkt.ipv4.ttl = -1 # want VIG1524 "-1 does not fit ipv4.ttl"
    x = Flow(pkt.ipv4.src, 65536, pkt.ipv4.dst, 2, 6, device) # want VIG1524 "65536 does not fit Flow.src_port"
    names[0] = 2 ** 16 # want VIG1524 "65536 does not fit the value of names"
    return ..., pkt
